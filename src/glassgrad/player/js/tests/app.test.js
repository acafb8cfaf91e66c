import assert from "node:assert/strict";
import test from "node:test";

import { fileName } from "../panels/exporting.js";
import { actionOf, KEYS } from "../panels/keys.js";
import { arrivals, tied } from "../panels/model.js";
import { moved } from "../panels/tabs.js";
import { darkColour, isDark } from "../panels/theme.js";
import { Session } from "../session.js";
import { firstStep, viewOf } from "../view.js";
import { at, neuron } from "./documents.js";

const element = (tagName, role = null) => ({ tagName, getAttribute: (name) => (name === "role" ? role : null) });

test("every key has an action, and no key has two", () => {
  const keys = KEYS.flatMap((one) => one.keys);
  assert.equal(new Set(keys).size, keys.length);
  for (const { keys: some, action } of KEYS) {
    for (const key of some) assert.equal(actionOf({ key }, element("DIV")), action);
  }
});

test("keys do nothing inside fields, with modifiers, or where the element uses them itself", () => {
  for (const name of ["INPUT", "SELECT", "TEXTAREA"]) {
    for (const { keys } of KEYS) assert.equal(actionOf({ key: keys[0] }, element(name)), null);
  }
  assert.equal(actionOf({ key: "b", ctrlKey: true }, element("DIV")), null);
  assert.equal(actionOf({ key: "b", defaultPrevented: true }, element("DIV")), null);
  assert.equal(actionOf({ key: " " }, element("BUTTON")), null);
  assert.equal(actionOf({ key: "b" }, element("BUTTON")), "break");
  assert.equal(actionOf({ key: "ArrowRight" }, element("BUTTON", "tab")), null);
  assert.equal(actionOf({ key: "x" }, element("DIV")), null);
});

test("arrow keys go round the tabs", () => {
  assert.equal(moved("ArrowRight", 6, 7), 0);
  assert.equal(moved("ArrowLeft", 0, 7), 6);
  assert.equal(moved("Enter", 0, 7), null);
});

const around = (name, marks, background = "rgba(0, 0, 0, 0)") => [{ name, marks, background }];

test("the theme: the choice, else a mark, else a background, else the canvas, else the system", () => {
  assert.equal(isDark("light", { system: true }), false);
  assert.equal(isDark("auto", { system: true }), true);
  assert.equal(isDark("auto", { canvas: "rgb(255, 255, 255)", system: true }), false);
  assert.equal(isDark("auto", { around: around("div", {}, "rgb(20, 20, 30)"), canvas: "rgb(255, 255, 255)" }), true);
  assert.equal(
    isDark("auto", { around: around("div", {}, "rgba(0, 0, 0, 0.1)"), canvas: "rgb(255, 255, 255)" }),
    false,
  );
  assert.equal(isDark("auto", { around: around("html", { "data-theme": "dark" }, "rgb(255, 255, 255)") }), true);
  assert.equal(isDark("auto", { around: around("div", { class: "dark" }), canvas: "rgb(255, 255, 255)" }), false);
});

test("backgrounds of any notation are dark or light", () => {
  for (const text of ["rgb(18, 18, 18)", "color(srgb 0.07 0.07 0.1)", "oklch(0.2 0.02 260)", "lab(12 0 0)"]) {
    assert.equal(darkColour(text), true, text);
  }
  for (const text of ["rgb(250, 250, 250)", "color(srgb 0.9 0.9 0.9)", "oklch(0.95 0.02 260)", "lab(97 0 0)"]) {
    assert.equal(darkColour(text), false, text);
  }
  for (const text of ["rgba(0, 0, 0, 0)", "", "oklch(0.2 0 0 / 0.1)"]) assert.equal(darkColour(text), null, text);
});

test("an address says how the player opens, over the document; what it cannot say is complained of", () => {
  const known = { total: 11, panels: ["step", "table"] };
  const document = { view: { step: 3, layout: "TB" } };
  const view = (search) => viewOf(document, search, known);
  assert.deepEqual(view(""), { step: 3, layout: "TB", complaints: [] });
  assert.deepEqual(view("?step=end&panel=table&height=400&compact&utm=1"), {
    step: "end",
    layout: "TB",
    panel: "table",
    height: 400,
    compact: true,
    complaints: [],
  });
  assert.deepEqual(view("?step=11&compact=0"), { step: 11, layout: "TB", compact: false, complaints: [] });
  for (const wrong of [
    "step=12",
    "step=-1",
    "step=1.5",
    "step=",
    "layout=tb",
    "panel=time",
    "height=9e2",
    "compact=2",
  ]) {
    const { complaints, ...rest } = view(`?${wrong}`);
    assert.equal(complaints.length, 1, wrong);
    assert.ok(complaints[0].startsWith(`The address asks for ${wrong}: use `), complaints[0]);
    assert.deepEqual(rest, { step: 3, layout: "TB" });
  }
  assert.deepEqual(viewOf({}, "", known), { complaints: [] });
});

test("a player opens on its first step, what is to be looked at as a whole at the end", () => {
  const session = new Session(neuron());
  assert.equal(firstStep(session), 0);
  assert.equal(firstStep(session, "end"), 11);
  assert.equal(firstStep(session, 4), 4);
  assert.equal(firstStep(new Session({ ...neuron(), selected: 2 })), 11);
  assert.equal(firstStep(new Session(neuron({ quiz: { seed: 1, blanks: [0], title: "" } }))), 11);
});

test("files have harmless names", () => {
  assert.equal(fileName("../../o <1>", 3), "o-1-step-3");
  assert.equal(fileName("", 0), "graph-step-0");
});

/** A model as anywidget hands it over: setting a trait tells its listeners, saving sends it off. */
function model(values = {}) {
  const listeners = new Set();
  const saved = [];
  return {
    saved,
    listeners,
    get: () => values,
    set(name, now) {
      values = now;
      for (const f of listeners) f();
    },
    save_changes: () => saved.push({ ...values }),
    on: (kind, f) => listeners.add(f),
    off: (kind, f) => listeners.delete(f),
  };
}

test("leaves moved here go to Python together, and do not come back as moves", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const session = new Session(neuron());
  const made = model();
  const untie = tied(session, made);
  let moves = 0;
  session.on("values", () => moves++);
  session.setValue(at(session.engine, "x1"), 2.5);
  session.setValue(at(session.engine, "x1"), 2.6);
  session.setValue(at(session.engine, "b"), 1);
  context.mock.timers.runAll();
  assert.deepEqual(made.saved, [{ [at(session.engine, "x1")]: 2.6, [at(session.engine, "b")]: 1 }]);
  assert.equal(moves, 3);
  untie();
  assert.equal(made.listeners.size, 0);
});

test("leaves moved in Python move here, and are not sent back", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const session = new Session(neuron());
  const made = model();
  const untie = tied(session, made);
  const w1 = at(session.engine, "w1");
  made.set("values", { [w1]: 4 });
  assert.equal(session.engine.value[w1], 4);
  context.mock.timers.runAll();
  assert.deepEqual(made.saved, []);
  untie();
});

test("what arrives is for leaves only, differs, and yields to what is on its way out", () => {
  const session = new Session(neuron());
  const { engine } = session;
  const [x1, w1, o] = ["x1", "w1", "o"].map((label) => at(engine, label));
  const values = { [x1]: 2, [w1]: "inf", [o]: 7, 99: 1 };
  assert.deepEqual(arrivals(session, values, new Map()), [[w1, Infinity]]);
  assert.deepEqual(arrivals(session, values, new Map([[w1, 0]])), []);
});
