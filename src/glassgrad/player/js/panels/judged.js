/** The panel "Judged": what is right and wrong in the gradients of a class of the user's own. */

import { fill, h } from "../dom.js";
import { heading, MOST, nodeButton, paragraph } from "./parts.js";
import { num } from "./text.js";

/** How many gradients are right, of how many, in words. */
export function resultText({ class: name, marks }) {
  if (!marks) return `${name}: no gradients yet`;
  const right = marks.filter((mark) => mark === 1).length;
  const wrong = marks.filter((mark) => mark === -1).length;
  return `${name}: ${num(right)} of ${num(right + wrong)} gradients right`;
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
      session.engine.moved ? paragraph("Leaves were moved here: this is about the numbers they had in Python.") : null,
      ...(judged.mistakes.length ? [heading("What probably went wrong")] : []),
      ...judged.mistakes.map((text) => paragraph(text)),
      ...part("Wrong", wrong),
      ...part("Not judged", open),
      ...judged.notes.map((text) => paragraph(text, "ui-note")),
    );
  }

  function part(title, ids) {
    if (!ids.length) return [];
    const { judged } = session.document;
    const lines = ids.slice(0, MOST).map((i) => h("li", {}, nodeButton(ui, i), `: ${judged.reasons[i]}`));
    return [
      heading(`${title} (${ids.length})`),
      h("ul", { class: "ui-links" }, lines),
      ids.length > MOST ? paragraph(`… and ${ids.length - MOST} more`) : null,
    ];
  }

  return { name: "judged", title: "Judged", element, update };
}
