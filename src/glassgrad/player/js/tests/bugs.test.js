import assert from "node:assert/strict";
import test from "node:test";

import { bugs, makeBug } from "../bugs.js";
import { Engine } from "../engine.js";
import { at, build, neuron } from "./documents.js";

const shared = () =>
  new Engine(
    build([
      ["a", 2],
      ["b", "mul", "a", "a"],
      ["c", "add", "b", "a"],
      ["d", "mul", "b", "c"],
    ]),
  );
const relus = () =>
  new Engine(
    build([
      ["x", 2],
      ["w", 3],
      ["p", "mul", "x", "w"],
      ["r", "relu", "p"],
      ["y", "mul", "r", 2],
    ]),
  );

test("what a graph cannot show is not offered, and refused with the reason", () => {
  const offered = Object.fromEntries(bugs(new Engine(neuron())).map(({ name, possible }) => [name, possible]));
  assert.deepEqual(offered, {
    overwrite: false,
    order: false,
    stale: true,
    zero_grad: true,
    detached: true,
    dead_relu: false,
    saturated_tanh: true,
  });
  assert.throws(() => makeBug(new Engine(neuron()), "overwrite"), /used twice/);
  assert.throws(() => makeBug(new Engine(neuron()), "typo"), /choose from overwrite/);
});

test("= keeps the last share alone", () => {
  const engine = shared();
  const { grad, right, first } = makeBug(engine, "overwrite");
  assert.equal(engine.label(first), "b"); // d = b c, c = b + a: what b gets from d is replaced by what it gets from c
  assert.notEqual(grad[first], right[first]);
  assert.equal(right[first], engine.grad[first]);
});

test("breadth first sends gradients on too early", () => {
  const engine = shared();
  const { grad, right, first } = makeBug(engine, "order");
  assert.notEqual(first, null);
  assert.notEqual(grad[first], right[first]);
});

test("stale inner gradients are sent twice", () => {
  const engine = new Engine(neuron());
  const { grad, right, first } = makeBug(engine, "stale");
  assert.equal(engine.label(first), "n");
  assert.equal(grad[first], 2 * right[first]);
  const b = at(engine, "b");
  assert.ok(Math.abs(right[b] - 1) < 1e-12); // two calls, each 0.5
  assert.ok(grad[b] > right[b]);
});

test("forgotten zero_grad doubles the leaves alone", () => {
  const engine = new Engine(neuron());
  const { grad, right, first } = makeBug(engine, "zero_grad");
  assert.equal(grad[first], 2 * right[first]);
  assert.equal(engine.operands(first).length, 0);
  assert.equal(grad[at(engine, "n")], right[at(engine, "n")]);
});

test("nothing flows below a detached value", () => {
  const engine = new Engine(neuron());
  const { grad, first } = makeBug(engine, "detached", { node: at(engine, "sum") });
  assert.equal(engine.label(first), "sum");
  assert.equal(grad[at(engine, "x1")], 0);
  assert.notEqual(grad[at(engine, "b")], 0);
});

test("a dead relu lets nothing through", () => {
  const engine = relus();
  const { grad, right, value, first } = makeBug(engine, "dead_relu");
  assert.equal(engine.label(first), "p");
  assert.equal(value[first], 6); // the graph is as it was but for what relu makes of it
  assert.equal(value[at(engine, "r")], 0);
  assert.equal(grad[at(engine, "x")], 0);
  assert.equal(right[at(engine, "x")], 6);
});

test("a saturated tanh lets next to nothing through", () => {
  const engine = new Engine(neuron());
  const { grad, right, first } = makeBug(engine, "saturated_tanh");
  assert.equal(engine.label(first), "n");
  assert.ok(Math.abs(grad[first]) < 1e-9);
  assert.ok(right[first] > 0.4);
  assert.equal(engine.value[at(engine, "n")], 0.8813735870195432); // the engine itself is as it was
});

test("a harmed operand harms the one user alone", () => {
  const engine = new Engine(
    build([
      ["x", 0.5],
      ["w", 2],
      ["s", "mul", "x", "w"],
      ["t", "tanh", "s"],
      ["r", "relu", "s"],
      ["y", "add", "t", "r"],
    ]),
  );
  const { grad, right, value, slope, first } = makeBug(engine, "saturated_tanh");
  assert.equal(value[at(engine, "r")], 1);
  assert.equal(value[at(engine, "t")], 1);
  assert.equal(engine.label(first), "s");
  assert.ok(Math.abs(grad[first] - 1) < 1e-9); // relu's share is still there
  assert.ok(right[first] > 1.4);
  assert.ok(slope[engine.start[at(engine, "t")]] < 1e-9); // what the picture shows on that edge
});

test("a mistake is made at the node that is asked for, if it fits there", () => {
  const engine = new Engine(
    build([
      ["x", 1],
      ["a", "tanh", "x"],
      ["b", "tanh", "a"],
      ["c", "mul", "b", 2],
    ]),
  );
  const b = at(engine, "b");
  assert.equal(makeBug(engine, "saturated_tanh", { node: b }).node, b);
  assert.equal(makeBug(engine, "saturated_tanh", { node: at(engine, "c") }).node, at(engine, "a"));
});
