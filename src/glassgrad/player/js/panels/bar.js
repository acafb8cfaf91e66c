/** The bar under the graph: steps, speed, breakpoints. */

import { button, fill, h, icon, setAttribute, setText } from "../dom.js";
import { clip } from "../format.js";
import { t } from "../messages.js";
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

/** What stopped a run, in words. */
export function breakText(engine, stop, bound) {
  if (stop === null) return t("break.none");
  return t(`break.${stop.why}`, { node: name(engine, stop.node), t: stop.t, bound });
}

export function stepBar(ui) {
  const { session } = ui;
  let bound = 100;

  const control = (what, label, act) =>
    button(icon(ICONS[what]), act, { class: "ui-icon", "aria-label": label, title: label });
  const first = control("first", t("bar.first"), () => session.first());
  const back = control("back", t("bar.back"), () => session.back());
  const play = control("play", t("bar.play"), () => session.toggle());
  const next = control("next", t("bar.next"), () => session.next());
  const last = control("last", t("bar.last"), () => session.last());
  const slider = h("input", {
    type: "range",
    class: "ui-steps",
    min: 0,
    step: 1,
    "aria-label": t("bar.step"),
    on: { input: () => session.go(slider.valueAsNumber) },
  });
  const speed = h(
    "select",
    { on: { change: () => session.setSpeed(Number(speed.value)) } },
    SPEEDS.map((steps) => h("option", { value: steps }, t("bar.rate", { n: steps }))),
  );
  const text = h("p", { class: "ui-where" });
  const begin = h("p", { class: "ui-begin" }, t("bar.begin"));
  const jump = button("", () => ui.jump(), { class: "ui-jump" });

  const { breakpoints } = session;
  const limit = numberField(
    t("bar.bound"),
    bound,
    (x) => {
      if (!(x >= 0)) return;
      bound = x;
      if (over.input.checked) breakpoints.bound = bound;
    },
    { min: 0, "aria-label": t("bar.bound_label") },
  );
  const over = checkbox(t("bar.over"), breakpoints.bound !== null, (on) => (breakpoints.bound = on ? bound : null));
  const nonfinite = checkbox(t("bar.nonfinite"), breakpoints.nonfinite, (on) => (breakpoints.nonfinite = on));
  const second = checkbox(t("bar.second"), breakpoints.second, (on) => (breakpoints.second = on));
  const said = h("p", { class: "ui-said", role: "status" });
  const stops = h(
    "fieldset",
    { class: "ui-row ui-breaks" },
    h("legend", {}, t("bar.stop_where")),
    nonfinite.element,
    h("span", { class: "ui-check" }, over.element, limit.input),
    second.element,
    button(t("bar.run"), () => session.runToBreak(), { title: t("bar.run_key") }),
    said,
  );

  const element = h(
    "section",
    { class: "ui-bar", "aria-label": t("bar.stepping") },
    h(
      "div",
      { class: "ui-row" },
      h("div", { class: "ui-buttons" }, first, back, play, next, last),
      slider,
      h("label", { class: "ui-field" }, h("span", {}, t("bar.speed")), speed),
      jump,
    ),
    h("div", { class: "ui-row" }, text, begin),
    h("details", { class: "ui-stops" }, h("summary", {}, t("bar.breakpoints")), stops),
  );

  function update() {
    const { total, playing } = session;
    setAttribute(slider, "max", total);
    slider.value = session.t;
    setAttribute(slider, "aria-valuetext", stepText(session));
    setText(text, stepText(session));
    begin.hidden = session.t > 0;
    first.disabled = back.disabled = session.t === 0;
    next.disabled = last.disabled = session.t === total;
    const label = playing ? t("bar.pause") : t("bar.play");
    if (play.getAttribute("aria-label") !== label) {
      setAttribute(play, "aria-label", label);
      setAttribute(play, "title", label);
      fill(play, icon(playing ? ICONS.pause : ICONS.play));
    }
    if (Number(speed.value) !== session.speed) speed.value = session.speed;
    const { selected, engine } = session;
    setText(jump, selected === null ? t("bar.jump") : t("bar.jump_to", { name: clip(engine.title(selected), 18) }));
  }

  function stopped(stop) {
    element.querySelector("details").open = true;
    setText(said, breakText(session.engine, stop, breakpoints.bound));
  }

  return { element, update, stopped };
}
