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
  assert.deepEqual(heard.slice(0, 2), [[0, true], [0, false]]);
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

test("recorded steps are shown as they were", () => {
  const run = {
    steps: [
      { label: "step 0", value: [3, 9], grad: [6, 1] },
      { label: "step 1", value: [2, 4], grad: [4, 1] },
    ],
  };
  const session = new Session(build([["a", 2], ["b", "mul", "a", "a"]], { run }));
  assert.equal(session.frame, 1);
  session.setFrame(0);
  assert.equal(session.value(1), 9);
  assert.equal(session.grad(0), 6);
  assert.deepEqual(session.series(0).value, [3, 2]);
  session.setValue(0, 10); // from there on it is an experiment
  assert.equal(session.grad(0), 20);
});

test("a recorded step with a graph of its own replaces the document", () => {
  const other = build([["a", 5], ["b", "add", "a", 1]]);
  const run = { steps: [{ label: "step 0", document: other }, { label: "step 1", value: [2, 4], grad: [4, 1] }] };
  const session = new Session(build([["a", 2], ["b", "mul", "a", "a"]], { run }));
  let told = 0;
  session.on("document", () => told++);
  session.setFrame(0);
  assert.equal(session.value(session.engine.root), 6);
  assert.equal(told, 1);
  assert.ok(Number.isNaN(session.series(0).value[0]));
  session.setFrame(1);
  assert.equal(session.value(session.engine.root), 4);
});

test("gradients to be found are hidden until they are", () => {
  const session = new Session(neuron({ quiz: { seed: 1, blanks: [0], title: "" } }));
  assert.equal(session.grad(0), null);
  assert.equal(session.hidden(0), true);
  session.solve(0);
  assert.notEqual(session.grad(0), null);
});
