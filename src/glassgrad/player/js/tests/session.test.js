import assert from "node:assert/strict";
import test from "node:test";

import { Session } from "../session.js";
import { at, build, neuron } from "./documents.js";

test("a page opens with everything computed, and steps from the beginning", () => {
  const session = new Session(neuron());
  assert.ok(session.complete);
  session.first();
  const o = session.engine.root;
  assert.equal(session.value(o), null);
  assert.equal(session.grad(o), null);
  for (let k = 0; k < 5; k++) session.next();
  assert.notEqual(session.value(o), null);
  assert.equal(session.grad(o), null);
  session.next();
  assert.equal(session.grad(o), 1);
  session.back();
  assert.equal(session.grad(o), null);
});

test("a page may open with a node selected", () => {
  assert.equal(new Session(neuron()).selected, null);
  const session = new Session({ ...neuron(), selected: 0 });
  assert.equal(session.selected, 0);
  session.next();
  assert.equal(session.selected, 0);
});

test("who listens is told, until it no longer wants to be", () => {
  const session = new Session(neuron());
  const heard = [];
  const off = session.on("step", () => heard.push(session.t));
  session.first();
  session.next();
  session.next();
  off();
  session.next();
  assert.deepEqual(heard, [0, 1, 2]);
});

test("jump goes to a node's step and selects it", () => {
  const session = new Session(neuron());
  const n = at(session.engine, "n");
  session.jump(n, "forward");
  assert.equal(session.shown.last.node, n);
  session.jump(n);
  assert.equal(session.shown.last.phase, "backward");
  assert.equal(session.selected, n);
});

test("run to a breakpoint goes to the end where there is none", () => {
  const session = new Session(neuron());
  session.first();
  session.breakpoints = { nonfinite: true, bound: null, second: true };
  assert.equal(session.runToBreak(), null);
  assert.ok(session.complete);
  session.breakpoints.bound = 1.2;
  assert.equal(session.engine.label(session.runToBreak().node), "x1");
});

test("a leaf is moved, nudged and reset", () => {
  const session = new Session(neuron());
  const heard = [];
  session.on("values", ({ leaves, quiet }) => heard.push([...leaves, quiet]));
  session.setValue(0, 5, true);
  session.nudge(0, 0.5);
  assert.equal(session.value(0), 5.5);
  session.reset();
  assert.equal(session.value(0), 2);
  assert.deepEqual(heard.slice(0, 2), [
    [0, true],
    [0, false],
  ]);
  const { before, after } = session.descend([0, 1], 0.01);
  assert.ok(after < before);
  assert.equal(session.value(0), 2 + 0.01 * 1.4999999999999996);
});

test("a mistake is shown until it is switched off or a step is taken", () => {
  const session = new Session(neuron());
  const n = at(session.engine, "n");
  session.setBug("stale");
  assert.ok(Math.abs(session.grad(n) - 1) < 1e-12);
  assert.equal(session.agrees(n), false);
  session.setBug(null);
  assert.ok(Math.abs(session.grad(n) - 0.5) < 1e-12);
  session.setBug("stale");
  session.back();
  assert.equal(session.mistake, null);
});

test("what has changed in Python is told until the page computes other numbers", () => {
  const changes = { text: ["a was moved"], notes: { 0: "moved", 1: "stale" }, mixed: false };
  const session = new Session({
    ...build([
      ["a", 2],
      ["b", "mul", "a", "a"],
    ]),
    changes,
  });
  assert.deepEqual(session.changes.text, ["a was moved"]);
  assert.deepEqual([session.note(0), session.note(1)], ["moved", "stale"]);
  session.setValue(0, 3);
  assert.equal(session.changes, null);
  assert.equal(session.note(1), "");
  session.reset();
  assert.equal(session.note(1), "stale");
});

test("a recorded step tells what had changed at it", () => {
  const changes = { text: ["a was moved"], notes: { 0: "moved" }, mixed: false };
  const steps = [
    { label: "step 0", value: [3, 9], grad: [6, 1], changes: null },
    { label: "step 1", value: [3, 9], grad: [6, 1], changes },
    { label: "step 2", value: [2, 9], grad: [5, 1], changes: { ...changes, notes: {}, mixed: true } },
  ];
  const session = new Session(
    build(
      [
        ["a", 2],
        ["b", "mul", "a", "a"],
      ],
      { run: { steps } },
    ),
  );
  assert.equal(session.value(1), 4); // of several forward passes: as the leaves make it
  assert.equal(session.grad(0), 4);
  session.setFrame(1);
  assert.equal(session.note(0), "moved");
  session.setFrame(0);
  assert.equal(session.changes, null);
});

test("a leaf's gradient from another graph is no mistake", () => {
  const document = build([
    ["a", 2],
    ["b", "mul", "a", "a"],
  ]);
  document.nodes.grad = [7, null];
  assert.equal(new Session(document).python(0), null);
  document.nodes.grad = [7, 1];
  assert.equal(new Session(document).python(0), 7);
});

test("recorded steps are shown as they were", () => {
  const run = {
    steps: [
      { label: "step 0", value: [3, 9], grad: [6, 1] },
      { label: "step 1", value: [2, 4], grad: [4, 1] },
    ],
  };
  const session = new Session(
    build(
      [
        ["a", 2],
        ["b", "mul", "a", "a"],
      ],
      { run },
    ),
  );
  assert.equal(session.frame, 1);
  session.setFrame(0);
  assert.equal(session.value(1), 9);
  assert.equal(session.grad(0), 6);
  assert.deepEqual(session.series(0).value, [3, 2]);
  session.setValue(0, 10); // from there on it is an experiment
  assert.equal(session.grad(0), 20);
});

test("a recorded step with a graph of its own replaces the document", () => {
  const other = build(
    [
      ["a", 5],
      ["b", "add", "a", 1],
    ],
    { values: { b: 6 } },
  );
  other.nodes.grad = [7, null, 1];
  const run = {
    steps: [
      { label: "step 0", document: other },
      { label: "step 1", value: [2, 4], grad: [4, 1] },
    ],
  };
  const session = new Session(
    build(
      [
        ["a", 2],
        ["b", "mul", "a", "a"],
      ],
      { run },
    ),
  );
  let told = 0;
  session.on("document", () => told++);
  session.setFrame(0);
  assert.equal(session.value(session.engine.root), 6);
  assert.equal(session.grad(0), 7); // as recorded, though the derivative is 1
  assert.equal(session.agrees(0), false);
  assert.equal(told, 1);
  assert.ok(Number.isNaN(session.series(0).value[0]));
  session.setFrame(1);
  assert.equal(session.value(session.engine.root), 4);
});

test("what was recorded of an operation of the user's own stays true to its step", () => {
  const run = {
    steps: [
      { label: "step 0", value: [2, 8, 16], grad: [32, 2, 1], slopes: { 0: 12 } },
      { label: "step 1", value: [1, 1, 1], grad: [4, 1, 1], slopes: { 0: 3 } },
    ],
  };
  const session = new Session(
    build(
      [
        ["w", 2],
        ["cube", "mine", "w"],
        ["loss", "mul", "cube", "w"],
      ],
      { values: { cube: 8 }, run },
    ),
  );
  assert.equal(session.value(1), 1);
  assert.equal(session.engine.grad[0], 4);
  session.setFrame(0);
  assert.equal(session.value(1), 8);
  assert.equal(session.engine.grad[0], 8 + 2 * 12);
});

test("an accumulated gradient that was recorded does not agree with the difference", () => {
  const run = { steps: [{ label: "step 0", value: [3, 9], grad: [12, 1] }] };
  const session = new Session(
    build(
      [
        ["a", 3],
        ["b", "mul", "a", "a"],
      ],
      { run },
    ),
  );
  assert.equal(session.grad(0), 12);
  assert.equal(session.agrees(0), false);
  session.setValue(0, 4);
  session.reset(); // to the recorded step
  assert.equal(session.value(0), 3);
  assert.equal(session.grad(0), 12);
  session.setValue(0, 4);
  session.setFrame(0);
  assert.equal(session.value(0), 3);
});

test("a selection lives on in another graph by its label", () => {
  const other = build(
    [
      ["c", 1],
      ["a", 5],
      ["b", "add", "a", "c"],
    ],
    { values: { b: 6 } },
  );
  const run = {
    steps: [
      { label: "step 0", document: other },
      { label: "step 1", value: [2, 4], grad: [4, 1] },
    ],
  };
  const session = new Session(
    build(
      [
        ["a", 2],
        ["b", "mul", "a", "a"],
      ],
      { run },
    ),
  );
  session.select(0);
  session.setFrame(0);
  assert.equal(session.engine.label(session.selected), "a");
});

test("Python's own gradient is told where it is another, until a leaf moves", () => {
  const document = build([
    ["a", 3],
    ["b", "mul", "a", "a"],
  ]);
  document.nodes.grad = [12, 1];
  const session = new Session(document);
  assert.equal(session.python(0), 12);
  assert.equal(session.python(1), null);
  session.setValue(0, 4);
  assert.equal(session.python(0), null);
});

test("nothing is said of what cannot be recomputed", () => {
  const session = new Session(
    build(
      [
        ["x", 2],
        ["y", "mine", "x"],
        ["z", "mul", "y", 3],
      ],
      { values: { y: 5 } },
    ),
  );
  const { root } = session.engine;
  assert.equal(session.agrees(root), true);
  session.setValue(0, 1);
  assert.equal(session.agrees(root), null);
});

test("gradients to be found are hidden until they are", () => {
  const session = new Session(neuron({ quiz: { seed: 1, blanks: [0], title: "" } }));
  assert.equal(session.grad(0), null);
  assert.equal(session.hidden(0), true);
  session.solve(0);
  assert.notEqual(session.grad(0), null);
});
