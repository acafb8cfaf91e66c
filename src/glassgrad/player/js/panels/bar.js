/** The bar under the graph: steps, speed, breakpoints. */

import { button, fill, h, icon, setAttribute, setText } from "../dom.js";
import { clip } from "../format.js";
import { SPEEDS } from "../session.js";
import { checkbox, numberField } from "./parts.js";
import { name, stepText } from "./text.js";

const ICONS = {
  first: "M2 2h2v12H2zM14 2v12L5 8z",
  back: "M12 2v12L4 8z",
  play: "M4 2l9 6-9 6z",
  pause: "M3 2h4v12H3zM9 2h4v12H9z",
  next: "M4 2l8 6-8 6z",
  last: "M12 2h2v12h-2zM2 2l9 6-9 6z",
};

const BEGIN = "Press n or → to compute the first node, Space to play them all.";

/** What stopped a run, in words. */
export function breakText(engine, stop, bound) {
  if (stop === null) return "no breakpoint on the way: this is the end";
  const node = name(engine, stop.node);
  const why = {
    nan: "its gradient is NaN",
    infinite: "its gradient is infinite",
    bound: `its gradient is larger than ${bound}`,
    second: "it gets its second contribution",
  };
  return `stopped at ${node} behind step ${stop.t}: ${why[stop.why]}`;
}

export function stepBar(ui) {
  const { session } = ui;
  let bound = 100;

  const control = (what, label, act) =>
    button(icon(ICONS[what]), act, { class: "ui-icon", "aria-label": label, title: label });
  const first = control("first", "To the start (Home)", () => session.first());
  const back = control("back", "One step back (←)", () => session.back());
  const play = control("play", "Play (Space)", () => session.toggle());
  const next = control("next", "One step on (→)", () => session.next());
  const last = control("last", "To the end (End)", () => session.last());
  const slider = h("input", {
    type: "range",
    class: "ui-steps",
    min: 0,
    step: 1,
    "aria-label": "Step",
    on: { input: () => session.go(slider.valueAsNumber) },
  });
  const speed = h(
    "select",
    { on: { change: () => session.setSpeed(Number(speed.value)) } },
    SPEEDS.map((steps) => h("option", { value: steps }, `${steps} /s`)),
  );
  const text = h("p", { class: "ui-where" });
  const begin = h("p", { class: "ui-begin" }, BEGIN);
  const jump = button("Jump to node", () => ui.jump(), { class: "ui-jump" });

  const { breakpoints } = session;
  const limit = numberField(
    "bound",
    bound,
    (x) => {
      if (!(x >= 0)) return;
      bound = x;
      if (over.input.checked) breakpoints.bound = bound;
    },
    { min: 0, "aria-label": "bound of |gradient|" },
  );
  const over = checkbox("|gradient| over", breakpoints.bound !== null, (on) => (breakpoints.bound = on ? bound : null));
  const nonfinite = checkbox("gradient NaN or infinite", breakpoints.nonfinite, (on) => (breakpoints.nonfinite = on));
  const second = checkbox("second contribution to a node", breakpoints.second, (on) => (breakpoints.second = on));
  const said = h("p", { class: "ui-said", role: "status" });
  const stops = h(
    "fieldset",
    { class: "ui-row ui-breaks" },
    h("legend", {}, "Stop where"),
    nonfinite.element,
    h("span", { class: "ui-check" }, over.element, limit.input),
    second.element,
    button("Run to breakpoint", () => session.runToBreak(), { title: "Run to breakpoint (b)" }),
    said,
  );

  const element = h(
    "section",
    { class: "ui-bar", "aria-label": "Stepping" },
    h(
      "div",
      { class: "ui-row" },
      h("div", { class: "ui-buttons" }, first, back, play, next, last),
      slider,
      h("label", { class: "ui-field" }, h("span", {}, "speed"), speed),
      jump,
    ),
    h("div", { class: "ui-row" }, text, begin),
    h("details", { class: "ui-stops" }, h("summary", {}, "Breakpoints"), stops),
  );

  function update() {
    const { t, total, playing } = session;
    setAttribute(slider, "max", total);
    slider.value = t;
    setAttribute(slider, "aria-valuetext", stepText(session));
    setText(text, stepText(session));
    begin.hidden = t > 0;
    first.disabled = back.disabled = t === 0;
    next.disabled = last.disabled = t === total;
    const label = playing ? "Pause (Space)" : "Play (Space)";
    if (play.getAttribute("aria-label") !== label) {
      setAttribute(play, "aria-label", label);
      setAttribute(play, "title", label);
      fill(play, icon(playing ? ICONS.pause : ICONS.play));
    }
    if (Number(speed.value) !== session.speed) speed.value = session.speed;
    const { selected, engine } = session;
    setText(jump, selected === null ? "Jump to node…" : `Jump to ${clip(engine.title(selected), 18)}`);
  }

  function stopped(stop) {
    element.querySelector("details").open = true;
    setText(said, breakText(session.engine, stop, breakpoints.bound));
  }

  return { element, update, stopped };
}
