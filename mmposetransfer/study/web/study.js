'use strict';

/* The study from its first page to its last. */

// Trials whose pictures are fetched ahead of time.
const AHEAD = 8;

function tell(text) {
  const notice = document.getElementById('notice');
  notice.hidden = !text;
  notice.textContent = text || '';
}

function showText(html) {
  document.getElementById('study').innerHTML =
    `<div class="text"><div>${html}</div></div>`;
}

async function loadTexts(language) {
  const texts = await server.ask(`texts/${language}.json`);
  document.documentElement.lang = texts.html_language;
  document.title = texts.title;
  return texts;
}

function preferredLanguage(languages) {
  const asked = new URLSearchParams(location.search).get('lang');
  return (
    [asked, ...navigator.languages]
      .map((name) => (name || '').slice(0, 2).toLowerCase())
      .find((name) => languages.includes(name)) || languages[0]
  );
}

function welcomeHtml(texts, study) {
  const tests = [
    study.images ? fill(texts.images_to_come, study) : '',
    study.pairs ? fill(texts.pairs_to_come, study) : '',
  ];
  const items = tests.map((text) => (text ? `<li>${text}</li>` : ''));
  return `<nav></nav><h1>${texts.title}</h1><p>${texts.welcome}</p>
    <ul>${items.join('')}</ul><p>${texts.recorded}</p>
    <button type="button" id="start"><span>${texts.start}</span></button>`;
}

/** Ask a newcomer to take part; gives their secret. */
async function welcome(study, memory) {
  let language = preferredLanguage(study.languages);
  for (;;) {
    const texts = await loadTexts(language);
    showText(welcomeHtml(texts, study));
    const choice = await new Promise((resolve) => {
      for (const other of study.languages) {
        const link = document.createElement('button');
        link.type = 'button';
        link.textContent = { en: 'English', zh: '中文' }[other] || other;
        link.disabled = other === language;
        link.addEventListener('click', () => resolve({ language: other }));
        document.querySelector('nav').append(link);
      }
      document
        .getElementById('start')
        .addEventListener('click', () => resolve({ start: true }));
    });
    if (!choice.start) {
      language = choice.language;
      continue;
    }
    try {
      const { token } = await server.ask('api/participants', {
        body: { language },
      });
      memory.set(token);
      tell('');
      return token;
    } catch (error) {
      tell(error.status === 403 ? texts.full : texts.no_connection);
    }
  }
}

/** The rest of a participant's trials, as a timeline of jsPsych. */
function timeline(jsPsych, pages, session, token, texts) {
  const { trials, next } = session;
  const ofBlock = (number) => trials.filter(({ block }) => block === number);
  const pictures = (trial) => (trial ? Object.values(trial.pictures) : []);
  const steps = [];
  for (let position = next; position < trials.length; position++) {
    const trial = trials[position];
    const before = trials[position - 1];
    const isFirst = !before || before.block !== trial.block;
    if (isFirst || position === next) {
      steps.push(
        pages.introduction(trial, ofBlock(trial.block), { isBack: !isFirst }),
      );
    } else if (before.practice && !trial.practice) {
      steps.push(pages.practiceIsOver());
    }
    steps.push(...oneTrial(position));
  }
  return steps;

  function oneTrial(position) {
    const trial = trials[position];
    const alike = ofBlock(trial.block).filter(
      ({ practice }) => practice === trial.practice,
    );
    const place = { index: alike.indexOf(trial), total: alike.length };
    const shown = pages.shown(trial, place);
    let answer;
    return [
      {
        type: jsPsychPreload,
        images: pictures(trial),
        show_progress_bar: false,
        message: `<p class="loading">${texts.loading}</p>`,
        error_message: `<p class="loading">${texts.not_loaded}</p>`,
        on_finish: () =>
          jsPsych.pluginAPI.preloadImages(
            trials.slice(position + 1, position + 1 + AHEAD).flatMap(pictures),
          ),
      },
      pages.fixation(trial, place),
      {
        ...shown,
        on_finish: (data) => {
          const side =
            data.response_source === 'button'
              ? data.button_response
              : KEYS.findIndex((keys) =>
                  keys.includes(data.keyboard_response.toLowerCase()),
                );
          answer = {
            position,
            side: ['left', 'right'][side],
            milliseconds: Math.round(data.rt),
          };
        },
      },
      {
        type: jsPsychCallFunction,
        async: true,
        func: (done) =>
          server
            .answer(token, answer, (isTrouble) =>
              tell(isTrouble ? texts.no_connection : ''),
            )
            .then(done),
      },
    ];
  }
}

async function main() {
  const study = await server.ask('api/study');
  const memory = new Memory(study.id);
  let token = memory.get();
  let session = null;
  if (token) {
    session = await server.ask('api/session', { token }).catch((error) => {
      if (error.status !== 401) throw error;
      memory.forget(); // the study was begun anew
    });
  }
  if (!session) {
    token = await welcome(study, memory);
    session = await server.ask('api/session', { token });
  }
  const texts = await loadTexts(session.language);
  document.getElementById('study').innerHTML = '';
  if (session.next < session.trials.length) {
    const jsPsych = initJsPsych({ display_element: 'study' });
    const pages = new Pages(texts, session.seconds);
    await jsPsych.run(timeline(jsPsych, pages, session, token, texts));
  }
  showText(`<h1 id="end">${texts.thanks}</h1><p>${texts.thanks_text}</p>`);
}

main().catch((error) => {
  console.error(error);
  tell(
    'The study cannot be reached. Reload the page to try again. ' +
      '无法连接到服务器，请刷新页面重试。',
  );
});
