/**
 * What the page says, in the reader's language. The messages are in `src/glassgrad/messages/`, a file for each
 * language; `catalogue.js` is made of these files.
 */

import { MESSAGES } from "./catalogue.js";

const ENGLISH = "en";
export const LANGUAGES = Object.keys(MESSAGES);

let language = ENGLISH;
let plural = new Intl.PluralRules(ENGLISH);

/** Speak `lang` from here on. Several players share a page: each says so before it writes. */
export function speak(lang) {
  if (lang === language) return;
  language = lang;
  plural = new Intl.PluralRules(lang);
}

/** The first language of `wanted` (as "de", "de-AT", or none) that there are messages in; else English. */
export function languageOf(...wanted) {
  const codes = wanted.map((one) => String(one ?? "").toLowerCase().split(/[-_]/)[0]);
  return codes.find((code) => LANGUAGES.includes(code)) ?? ENGLISH;
}

/**
 * A message, with `values` in its places: texts, numbers, or what Python says. One with several forms, "key.one" and
 * "key.other", is chosen by the number `n`.
 */
export function t(key, values = {}) {
  const known = MESSAGES[language];
  const text = known[key] ?? known[`${key}.${plural.select(values.n)}`] ?? known[`${key}.other`];
  return text.replace(/\{(\w+)\}/g, (_, name) => said(values[name]));
}

/** What Python says: a text as it is, a message `{key, values}`, or a list of them. */
export function said(x) {
  if (Array.isArray(x)) return x.map(said).join("; ");
  return x?.key ? t(x.key, x.values) : String(x);
}
