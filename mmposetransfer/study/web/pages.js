'use strict';

/* The pages of the study, as trials of jsPsych. */

const KEYS = [
  ['f', 'arrowleft'],
  ['j', 'arrowright'],
];
const CONTINUE = [' ', 'enter'];
const FIXATION = 500; // ms

/** Put values into the {places} of a text. */
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function button(label, hint) {
  const keys = hint.map((key) => `<kbd>${key}</kbd>`).join(' ');
  return `<button type="button"><span>${label}</span>
    <small>${keys}</small></button>`;
}

/** A page of text that the participant leaves once it is read. */
function textPage(html, label) {
  return {
    type: jsPsychHtmlMultiResponse,
    css_classes: ['text'],
    stimulus: html,
    button_choices: [label],
    button_html: () => button(label, ['␣']),
    keyboard_choices: CONTINUE,
  };
}

class Pages {
  constructor(texts, seconds) {
    this.texts = texts;
    this.seconds = seconds;
  }

  /** Before a block, or where a participant comes back to it. */
  introduction(trial, block, { isBack }) {
    const texts = this.texts;
    const isPair = !trial.pictures.picture;
    const values = {
      count: block.length,
      practice: block.filter((other) => other.practice).length,
      seconds: this.seconds,
    };
    const parts = [
      `<h1>${isPair ? texts.pair_title : texts.image_title}</h1>`,
      isBack ? `<p>${texts.welcome_back}</p>` : '',
      `<p>${fill(isPair ? texts.pair_task : texts.image_task, values)}</p>`,
      `<p class="keys">${texts.keys}</p>`,
      `<p class="touch">${texts.touch}</p>`,
      values.practice && trial.practice
        ? `<p>${fill(texts.practice_first, values)}</p>`
        : '',
    ];
    return textPage(parts.join(''), texts.begin);
  }

  practiceIsOver() {
    return textPage(
      `<h1>${this.texts.practice_over}</h1>
       <p>${this.texts.practice_over_text}</p>`,
      this.texts.go_on,
    );
  }

  /** A short pause with a mark where the next pictures will be. */
  fixation(trial, place) {
    return {
      ...this.shown(trial, place),
      stimulus: '<div class="stage"><span class="fixation">+</span></div>',
      keyboard_choices: 'NO_KEYS',
      trial_duration: FIXATION,
      css_classes: ['trial', 'waiting'],
      on_load: () => {
        document
          .querySelectorAll('main button')
          .forEach((element) => element.setAttribute('disabled', ''));
      },
    };
  }

  /** The pictures of a trial, and the question. */
  shown(trial, place) {
    const isPair = !trial.pictures.picture;
    const labels = this.labels(trial);
    return {
      type: jsPsychHtmlMultiResponse,
      css_classes: ['trial', isPair ? 'pair' : 'single'],
      stimulus: isPair ? this.pair(trial) : this.single(trial),
      stimulus_duration: isPair ? null : 1000 * this.seconds,
      button_choices: labels,
      button_html: (label, side) =>
        button(label, side ? ['J', '→'] : ['F', '←']),
      keyboard_choices: KEYS.flat(),
      prompt: this.progress(trial, place, isPair),
      on_load: () => isPair && choosePictures(),
    };
  }

  labels(trial) {
    const texts = this.texts;
    if (!trial.pictures.picture) {
      return [texts.left_is_better, texts.right_is_better];
    }
    const labels = [texts.real, texts.generated];
    return trial.left_is_real ? labels : labels.reverse();
  }

  single(trial) {
    return `<div class="stage">
      <img decoding="sync" alt="" src="${trial.pictures.picture}"></div>`;
  }

  pair(trial) {
    const { left, right, ...beside } = trial.pictures;
    const names = { reference: 'reference', pose: 'pose', real: 'truth' };
    const figures = Object.entries(beside).map(
      ([place, path]) => `<figure>
        <figcaption>${this.texts[names[place]]}</figcaption>
        <img decoding="sync" alt="" src="${path}"></figure>`,
    );
    const candidates = [left, right].map(
      (path, side) => `<figure>
        <figcaption>${[this.texts.left, this.texts.right][side]}</figcaption>
        <img decoding="sync" alt="" src="${path}" data-side="${side}">
      </figure>`,
    );
    return `<div class="stage">
      ${figures.length ? `<div class="beside">${figures.join('')}</div>` : ''}
      <div class="candidates">${candidates.join('')}</div></div>`;
  }

  progress(trial, { index, total }, isPair) {
    const texts = this.texts;
    const question = isPair ? texts.pair_question : texts.image_question;
    const count = trial.practice ? texts.practice_count : texts.count;
    return `<header><p>${question}</p>
      <p class="count">${fill(count, { index: index + 1, total })}</p>
      <progress max="${total}" value="${index}"></progress></header>`;
  }
}

/** A tap on a picture chooses it, as its button does. */
function choosePictures() {
  for (const picture of document.querySelectorAll('[data-side]')) {
    picture.addEventListener('click', () =>
      document
        .querySelector(`[data-choice="${picture.dataset.side}"] button`)
        .click(),
    );
  }
}
