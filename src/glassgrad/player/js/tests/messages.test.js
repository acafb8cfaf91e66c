/** The page's words: one message in each language, its places filled, its form chosen by a number. */

import assert from "node:assert/strict";
import test, { afterEach } from "node:test";

import { LANGUAGES, languageOf, learn, said, speak, t } from "../messages.js";
import { KEYS } from "../panels/keys.js";
import { resultText } from "../panels/judged.js";
import { announcement, stepText } from "../panels/text.js";
import { grade } from "../panels/grade.js";
import { Session } from "../session.js";
import { languageFor, viewOf } from "../view.js";
import { neuron, twice } from "./documents.js";

afterEach(() => speak("en"));

test("a message is said in the language that is spoken", () => {
  assert.equal(t("quiz.check"), "Check");
  speak("de");
  assert.equal(t("quiz.check"), "Prüfen");
  assert.equal(t("quiz.saved", { name: "a.txt" }), "Gespeichert als a.txt.");
});

test("a number chooses the form, as the language has it", () => {
  assert.equal(t("count.node", { n: 0, count: "0" }), "0 nodes");
  assert.equal(t("count.node", { n: 1, count: "1" }), "1 node");
  speak("fr");
  assert.equal(t("count.node", { n: 0, count: "0" }), "0 nœud");
  assert.equal(t("count.node", { n: 1e6, count: "1,000,000" }), "1,000,000 nœuds"); // French has "many" for a million
});

test("what Python says is text, a message that its document brings, or a list", () => {
  learn({ "test.in": Object.fromEntries(LANGUAGES.map((lang, k) => [k, `{x} ${lang} {list}`])) });
  speak("es");
  assert.equal(said("as it is"), "as it is");
  const values = { x: { key: "quiz.check", values: {} }, list: ["a", { key: "quiz.save", values: {} }] };
  assert.equal(said({ key: "test.in", values }), "Comprobar es a; Guardar");
});

test("the language: the address's, Python's, the page's around, the reader's, English", () => {
  assert.equal(languageOf("it", "de-AT", "fr"), "de");
  assert.equal(languageOf("pt_BR", null, ""), "en");
  const document = { view: { lang: "fr" } };
  assert.equal(languageFor(document, "?lang=es", "de"), "es");
  assert.equal(languageFor(document, "?lang=xx", "de"), "fr");
  assert.equal(languageFor({}, "", "de-CH"), "de");
  const { complaints } = viewOf({}, "?lang=xx", { total: 3, panels: ["step"] });
  assert.deepEqual(complaints, ["The address asks for lang=xx: use en, de, es or fr."]);
  assert.deepEqual(viewOf({}, "?lang=de", { total: 3, panels: ["step"] }).complaints, []);
});

test("steps, keys, verdicts and grades are said in every language", () => {
  const session = new Session(neuron());
  session.last();
  const texts = LANGUAGES.map((lang) => {
    speak(lang);
    return [
      stepText(session),
      announcement(session),
      KEYS[0].text(),
      resultText({ class: "Value", marks: [1, -1] }),
      grade(new Session(twice()).engine, 0, NaN).reason,
    ];
  });
  for (let k = 0; k < texts[0].length; k++) assert.equal(new Set(texts.map((one) => one[k])).size, LANGUAGES.length);
});
