/** The panel "Judged": the judgement on the gradients of a class of the user's own. */

import { fill, h } from "../dom.js";
import { said, t } from "../messages.js";
import { heading, MOST, nodeButton, paragraph } from "./parts.js";
import { num } from "./text.js";

/** A sentence on how many gradients are right. */
export function resultText({ class: name, marks }) {
  if (!marks) return t("judged.no_gradients", { name });
  const right = marks.filter((mark) => mark === 1).length;
  const wrong = marks.filter((mark) => mark === -1).length;
  return t("judged.result", { name, right: num(right), all: num(right + wrong) });
}

export function judgedPanel(ui) {
  const { session } = ui;
  const element = h("div");

  function update() {
    const { judged } = session.document;
    const told = Object.keys(judged.reasons).map(Number).reverse();
    const wrong = told.filter((i) => judged.marks[i] === -1);
    const open = told.filter((i) => judged.marks[i] === 0);
    fill(
      element,
      paragraph(resultText(judged), "ui-main"),
      session.engine.moved ? paragraph(t("judged.moved")) : null,
      ...(judged.mistakes.length ? [heading(t("judged.what"))] : []),
      ...judged.mistakes.map((text) => paragraph(said(text))),
      ...part("judged.wrong", wrong),
      ...part("judged.open", open),
      ...judged.notes.map((text) => paragraph(said(text), "ui-note")),
    );
  }

  function part(title, ids) {
    if (!ids.length) return [];
    const { judged } = session.document;
    const reason = (i) => t("judged.reason", { reason: judged.reasons[i] });
    const lines = ids.slice(0, MOST).map((i) => h("li", {}, nodeButton(ui, i), reason(i)));
    return [
      heading(t(title, { n: ids.length })),
      h("ul", { class: "ui-links" }, lines),
      ids.length > MOST ? paragraph(t("list.more", { n: ids.length - MOST })) : null,
    ];
  }

  return { name: "judged", title: t("panel.judged"), element, update };
}
