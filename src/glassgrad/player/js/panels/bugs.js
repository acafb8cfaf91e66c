/** The panel "Bug lab": a switch for each classic mistake, and the first node that it makes wrong. */

import { fill, h, setAttribute, setText } from "../dom.js";
import { t } from "../messages.js";
import { facts, nodeButton, paragraph } from "./parts.js";
import { num } from "./text.js";
import { same } from "../engine.js";

/** The number of gradients that a mistake makes wrong. */
export function wrongNodes(engine, { grad, right }) {
  let count = 0;
  for (let i = 0; i < engine.n; i++) if (engine.kind[i] !== 2 && !same(grad[i], right[i])) count++;
  return count;
}

export function bugsPanel(ui) {
  const { session } = ui;
  let rows = new Map();
  const list = h("ul", { class: "ui-bugs" });
  const element = h("div", {}, paragraph(t("bugs.intro")), list);

  function rebuild() {
    rows = new Map(session.bugs().map((bug) => [bug.name, row(bug)]));
    fill(
      list,
      [...rows.values()].map((one) => one.element),
    );
  }

  function row(bug) {
    const state = h("span", { class: "ui-knob", "aria-hidden": "true" });
    const knob = h(
      "button",
      {
        type: "button",
        role: "switch",
        "aria-checked": "false",
        class: "ui-switch",
        disabled: !bug.possible,
        on: { click: () => turn(bug.name) },
      },
      state,
      h("span", {}, bug.title),
    );
    const result = h("div", { role: "status" });
    const line = h(
      "li",
      {},
      knob,
      result,
      h("p", {}, bug.text),
      bug.possible ? null : paragraph(t("bugs.not_here", { why: bug.why }), "ui-note"),
      h("div", { class: "ui-codes" }, code("wrong", bug.wrong), code("right", bug.right)),
    );
    return { element: line, knob, result };
  }

  /** Switch a mistake off, or on; then show the first node that it makes wrong. */
  function turn(name) {
    const mistake = session.setBug(session.bug === name ? null : name);
    if (mistake && mistake.first !== null) ui.show(mistake.first);
  }

  function code(kind, text) {
    return h("div", { class: `ui-${kind}` }, h("span", {}, t(`bugs.${kind}`)), h("pre", {}, h("code", {}, text)));
  }

  function update(kinds) {
    if (kinds.has("values") || kinds.has("frame")) rebuild(); // the numbers decide which mistakes are possible
    for (const [name, { element: line, knob, result }] of rows) {
      const on = session.bug === name;
      setAttribute(knob, "aria-checked", String(on));
      setAttribute(line, "data-on", on);
      if (on) fill(result, ...outcome(session.mistake));
      else if (result.firstChild) setText(result, "");
    }
  }

  function outcome(mistake) {
    const { engine } = session;
    const { first } = mistake;
    const count = wrongNodes(engine, mistake);
    if (first === null || count === 0) return [paragraph(t("bugs.nothing"))];
    const hidden = session.hidden(first);
    return [
      facts([
        [t("bugs.first"), nodeButton(ui, first)],
        [t("bugs.its_gradient"), hidden ? "?" : num(mistake.grad[first])],
        [t("bugs.right_would_be"), hidden ? "?" : num(mistake.right[first])],
        [
          t("bugs.its_value"),
          mistake.value[first] === engine.value[first]
            ? null
            : t("bugs.instead_of", { value: num(mistake.value[first]), right: num(engine.value[first]) }),
        ],
        [t("bugs.made_at"), mistake.node === null || mistake.node === first ? null : nodeButton(ui, mistake.node)],
        [t("bugs.wrong_gradients"), t("bugs.count", { count, all: engine.kind.filter((kind) => kind !== 2).length })],
      ]),
    ];
  }

  return { name: "bugs", title: t("panel.bugs"), element, update, rebuild };
}
