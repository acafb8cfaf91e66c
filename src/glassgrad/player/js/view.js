/**
 * How a player opens: the options of Python's `play`, which the address of the page can override, as in
 * `page.html?step=end&layout=TB&panel=table&height=400&compact=1&lang=de`.
 */

import { LANGUAGES, languageOf, t } from "./messages.js";

export const LAYOUTS = ["LR", "TB", "auto"];
export const LOWEST = 200; // px
export const HIGHEST = 4000;

const FLAGS = { 1: true, true: true, "": true, 0: false, false: false };

/**
 * The options of an address. `read` returns the value of a text, or undefined; `wanted` says which values there are.
 */
function readers({ total, panels }) {
  const oneOf = (choices) => ({ read: (text) => (choices.includes(text) ? text : undefined), wanted: listed(choices) });
  const whole = (low, high) => (text) =>
    /^\d+$/.test(text) && Number(text) >= low && Number(text) <= high ? Number(text) : undefined;
  const step = whole(0, total);
  return {
    step: {
      read: (text) => (text === "start" || text === "end" ? text : step(text)),
      wanted: t("address.step", { total }),
    },
    layout: oneOf(LAYOUTS),
    panel: oneOf(panels),
    height: { read: whole(LOWEST, HIGHEST), wanted: t("address.height", { low: LOWEST, high: HIGHEST }) },
    compact: { read: (text) => FLAGS[text], wanted: t("address.flag") },
    lang: oneOf(LANGUAGES),
  };
}

function listed(choices) {
  if (choices.length < 2) return choices[0];
  return t("list.or", { most: choices.slice(0, -1).join(", "), last: choices.at(-1) });
}

/**
 * The view to open with: `{step, layout, panel, height, compact, lang}`, undefined where nothing is asked for, and
 * `complaints`, a sentence for each value of the address that cannot be used.
 */
export function viewOf(document, search, { total, panels }) {
  const view = { ...document.view, complaints: [] };
  const asked = new URLSearchParams(search);
  for (const [name, { read, wanted }] of Object.entries(readers({ total, panels }))) {
    if (!asked.has(name)) continue;
    const text = asked.get(name);
    const value = read(text);
    if (value === undefined) view.complaints.push(t("address.bad", { name, value: text.slice(0, 40), wanted }));
    else view[name] = value;
  }
  return view;
}

/**
 * The step to open at. A run, an exercise, and a page with a selected node open where every number is known.
 *
 * @param {import("./session.js").Session} session
 * @param {string | number} [step]
 */
export function firstStep(session, step = session.run || session.quiz || session.selected !== null ? "end" : "start") {
  return step === "start" ? 0 : step === "end" ? session.total : step;
}

/**
 * The language to open in: the first known language of the address, of Python, of the page around, and of the browser.
 */
export function languageFor(document, search, around = null) {
  const asked = new URLSearchParams(search).get("lang");
  const own = LANGUAGES.includes(asked) ? asked : document.view?.lang;
  return languageOf(own, around, ...(globalThis.navigator?.languages ?? []));
}
