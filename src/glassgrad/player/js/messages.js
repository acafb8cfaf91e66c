/**
 * The texts of the page, in the reader's language. The messages are in `src/glassgrad/messages/`, with a file for each
 * language, and `catalogue.js` is made from these files.
 */

import { LANGUAGES, MESSAGES } from "./catalogue.js";

export { LANGUAGES };

const ENGLISH = "en";

let language = LANGUAGES.indexOf(ENGLISH);
let plural = new Intl.PluralRules(ENGLISH);

/** Write in `lang` from now on. Several players may share a page, so each calls this before it writes. */
export function speak(lang) {
  const at = LANGUAGES.indexOf(lang);
  if (at === language) return;
  language = at;
  plural = new Intl.PluralRules(lang);
}

/** Add the messages that a document contains to the catalogue. */
export function learn(messages = {}) {
  Object.assign(MESSAGES, messages);
}

/** The first language of `wanted` (as "de", "de-AT", or none) that there are messages in; else English. */
export function languageOf(...wanted) {
  const codes = wanted.map(
    (one) =>
      String(one ?? "")
        .toLowerCase()
        .split(/[-_]/)[0],
  );
  return codes.find((code) => LANGUAGES.includes(code)) ?? ENGLISH;
}

/**
 * A message, with `values` in its places: texts, numbers, or what Python says. One with several forms, "key.one" and
 * "key.other", is chosen by the number `n`.
 */
export function t(key, values = {}) {
  const known = MESSAGES[key] ?? MESSAGES[`${key}.${plural.select(values.n)}`] ?? MESSAGES[`${key}.other`];
  return known[language].replace(/\{(\w+)\}/g, (_, name) => said(values[name]));
}

/** A text from Python: a plain text, a message `{key, values}`, or a list of these. */
export function said(x) {
  if (Array.isArray(x)) return x.map(said).join("; ");
  return x?.key ? t(x.key, x.values) : String(x);
}
