'use strict';

/* What the page says to the server, and what it remembers of itself. */

const server = {
  /** Ask for JSON; throws {status, message} of a refusal, TypeError offline. */
  async ask(path, { body, token } = {}) {
    const response = await fetch(path, {
      method: body ? 'POST' : 'GET',
      headers: token ? { Authorization: `Bearer ${token}` } : {},
      body: body && JSON.stringify(body),
      cache: 'no-store',
    });
    if (!response.ok) {
      const message = (await response.json().catch(() => ({}))).error;
      throw Object.assign(new Error(message), { status: response.status });
    }
    return response.json();
  },

  /** Send an answer, again and again until the server has it. */
  async answer(token, answer, onTrouble) {
    for (let wait = 500; ; wait = Math.min(2 * wait, 8000)) {
      try {
        await server.ask('api/answers', { body: answer, token });
        onTrouble(false);
        return;
      } catch (error) {
        if (error.status >= 400 && error.status < 500) {
          // Answered in another window: go on where that one is.
          location.reload();
          return new Promise(() => {});
        }
        onTrouble(true);
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  },
};

/** The participant's secret: in the browser, else in the page's address. */
class Memory {
  constructor(study) {
    this.key = `mmposetransfer-study-${study}`;
  }

  get() {
    try {
      return localStorage.getItem(this.key);
    } catch {
      return location.hash.slice(1) || null;
    }
  }

  set(token) {
    try {
      localStorage.setItem(this.key, token);
    } catch {
      history.replaceState(null, '', `#${token}`);
    }
  }

  forget() {
    try {
      localStorage.removeItem(this.key);
    } catch {
      history.replaceState(null, '', '#');
    }
  }
}
