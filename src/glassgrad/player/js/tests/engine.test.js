import assert from "node:assert/strict";
import test from "node:test";

import { Engine, number } from "../engine.js";
import { at, build, neuron, twice } from "./documents.js";

const close = (a, b, tolerance = 1e-12) =>
  assert.ok(Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b)), `${a} ${b}`);

test("the notebook's neuron has the notebook's gradients", () => {
  const engine = new Engine(neuron());
  close(engine.value[engine.root], 0.7071067811865476);
  for (const [label, grad] of [
    ["x1", -1.5],
    ["w1", 1],
    ["x2", 0.5],
    ["w2", 0],
    ["b", 0.5],
    ["n", 0.5],
    ["o", 1],
  ]) {
    close(engine.grad[at(engine, label)], grad);
  }
});

test("an operand that is used twice gets both shares", () => {
  const engine = new Engine(twice());
  assert.equal(engine.grad[0], 2);
  assert.deepEqual(
    engine.contributions(0).map(({ amount }) => amount),
    [1, 1],
  );
});

test("values follow a leaf, and come back", () => {
  const engine = new Engine(neuron());
  const w1 = at(engine, "w1");
  engine.setValue(w1, 0);
  close(engine.value[at(engine, "o")], Math.tanh(6.881373587019543));
  engine.reset();
  close(engine.value[at(engine, "o")], 0.7071067811865476);
  assert.throws(() => engine.setValue(at(engine, "o"), 1), /move a leaf/);
});

test("steps go forward, seed the root and come back", () => {
  const engine = new Engine(neuron());
  assert.deepEqual(
    engine.steps.map(({ phase, node }) => `${phase} ${engine.label(node)}`),
    [
      ..."x1w1 x2w2 sum n o".split(" ").map((label) => `forward ${label}`),
      "seed o",
      ..."o n sum x2w2 x1w1".split(" ").map((label) => `backward ${label}`),
    ],
  );
  assert.equal(engine.at(0).known[at(engine, "x1")], 1);
  assert.equal(engine.at(0).known[at(engine, "x1w1")], 0);
  assert.equal(engine.at(1).known[at(engine, "x1w1")], 1);
  const seeded = engine.at(6);
  assert.equal(seeded.grads[engine.root], 1);
  assert.equal(seeded.seen[at(engine, "n")], 0);
  const end = engine.at(engine.steps.length);
  assert.deepEqual(Array.from(end.grads), Array.from(engine.grad));
});

test("a step says what it changed", () => {
  const engine = new Engine(neuron());
  const change = engine.change(engine.stepOf(at(engine, "x1w1")));
  assert.equal(change.phase, "backward");
  close(change.grad, 0.5);
  const [x1, w1] = change.operands;
  close(x1.slope, -3);
  close(x1.amount, -1.5);
  assert.equal(x1.before, 0);
  close(w1.after, 1);
  assert.equal(engine.change(0), null);
  const seed = engine.change(engine.seedAt + 1);
  assert.equal(seed.grad, 1);
  assert.deepEqual(seed.operands, []);
});

test("both shares of a + a are one step's, one behind the other", () => {
  const engine = new Engine(twice());
  const [first, second] = engine.change(engine.steps.length).operands;
  assert.deepEqual([first.before, first.after, second.before, second.after], [0, 1, 1, 2]);
});

test("breakpoints stop at the first gradient that is nan or infinite, too large, or gets a second share", () => {
  const root = new Engine(
    build([
      ["x", 0],
      ["y", "sqrt", "x"],
    ]),
  );
  assert.deepEqual(root.findBreak(0, { nonfinite: true }), { t: 3, node: 0, why: "infinite" });
  const engine = new Engine(neuron());
  assert.equal(engine.findBreak(0, { nonfinite: true, second: true }), null);
  const large = engine.findBreak(0, { bound: 1.2 });
  assert.equal(engine.label(large.node), "x1");
  assert.equal(engine.findBreak(large.t, { bound: 1.2 }), null);
  assert.equal(new Engine(twice()).findBreak(0, { second: true }).node, 0);
  const shared = new Engine(
    build([
      ["a", 2],
      ["b", "mul", "a", 3],
      ["c", "mul", "b", "a"],
    ]),
  );
  assert.equal(shared.findBreak(0, { second: true }).t, shared.steps.length);
});

test("gradients agree with the central difference, wrong ones do not, kinks are left open", () => {
  const engine = new Engine(neuron());
  for (let i = 0; i < engine.n; i++) assert.equal(engine.agrees(i), true, engine.label(i));
  assert.equal(engine.agrees(0, 1.5), false);
  assert.equal(engine.agrees(0, NaN), false);
  close(engine.difference(at(engine, "x1")), -1.5, 1e-8);
  const kink = new Engine(
    build([
      ["x", 0],
      ["y", "relu", "x"],
    ]),
  );
  assert.equal(kink.agrees(0), null);
  const cut = new Engine(
    build([
      ["x", 3],
      ["d", "detach", "x"],
      ["y", "mul", "d", "x"],
    ]),
  );
  assert.equal(cut.grad[0], 3);
  assert.equal(cut.agrees(0), true);
});

test("an operation of the user's own keeps its value and its slope", () => {
  const engine = new Engine(
    build(
      [
        ["x", 2],
        ["y", "mine", "x"],
        ["z", "mul", "y", "x"],
      ],
      { values: { y: 5 } },
    ),
  );
  assert.equal(engine.frozen(1), true);
  assert.equal(engine.value[2], 10);
  assert.equal(engine.grad[0], 5 + 2 * 7);
  assert.equal(engine.agrees(0), null);
});

test("a nudge is predicted by the gradient", () => {
  const engine = new Engine(neuron());
  const { predicted, actual } = engine.nudge(at(engine, "x1"), 0.001);
  close(predicted, -0.0015);
  close(actual, predicted, 1e-5);
  assert.notEqual(predicted, actual);
});

test("paths: the product along each, and the sum over all is the gradient", () => {
  const engine = new Engine(
    build([
      ["a", 2],
      ["b", "mul", "a", "a"],
      ["c", "add", "b", "a"],
      ["d", "mul", "c", "a"],
    ]),
  );
  const { count, paths, sum } = engine.paths(0);
  assert.equal(count, 4n);
  assert.deepEqual(
    paths.map(({ product }) => product).sort((x, y) => x - y),
    [2, 4, 4, 6],
  );
  assert.equal(sum, engine.grad[0]);
});

test("too many paths are counted, not listed", () => {
  const lines = [["a", 1]];
  for (let k = 0; k < 200; k++) lines.push([`b${k}`, "add", k ? `b${k - 1}` : "a", k ? `b${k - 1}` : "a"]);
  const engine = new Engine(build(lines));
  const { count, paths } = engine.paths(0);
  assert.equal(count, 2n ** 200n);
  assert.equal(paths, null);
});

test("an operation that selects sends no nan to the side not taken", () => {
  const engine = new Engine(
    build([
      ["x", -1],
      ["l", "log", "x"],
      ["r", "relu", "l"],
      ["y", "add", "r", "x"],
    ]),
  );
  assert.ok(Number.isNaN(engine.value[1]));
  engine.setValue(0, 0);
  assert.equal(engine.grad[1], 0); // relu(-inf) is 0: nothing is sent through log, whose slope is infinite
  assert.ok(Number.isNaN(engine.grad[0]) || engine.grad[0] === 1);
});

test("numbers that JSON cannot say", () => {
  assert.deepEqual(["nan", "inf", "-inf", 1.5].map(number), [NaN, Infinity, -Infinity, 1.5]);
});

test("what is no document is refused", () => {
  assert.throws(() => new Engine({}), /not a document/);
  assert.throws(() => new Engine({ ...neuron(), version: 99 }), /must have version 1, got 99/);
});

test("of several roots the first is differentiated, and nothing flows back from the others", () => {
  const document = build([
    ["a", 3],
    ["b", 2],
    ["y", "mul", "a", "b"],
    ["z", "mul", "y", "a"],
    ["loss", "mul", "y", "y"],
  ]);
  const place = (label) => document.nodes.label.findIndex((at) => document.strings[at] === label);
  const roots = [place("loss"), place("z")];
  const engine = new Engine({ ...document, root: roots[0], roots });
  assert.equal(engine.grad[place("a")], 24); // d (ab)² / da = 2ab²
  const sent = engine.steps.filter(({ phase }) => phase === "backward").map(({ node }) => engine.label(node));
  assert.deepEqual(sent, ["loss", "y"]);
  assert.equal(engine.below[place("z")], 0);
  assert.deepEqual(
    engine.contributions(place("a")).map(({ node }) => engine.label(node)),
    ["y"],
  );
  assert.equal(engine.stepOf(place("z")), engine.stepOf(place("z"), "forward"));
  assert.equal(engine.stepOf(place("y")), engine.steps.length);
  assert.equal(engine.agrees(place("a")), true);
});

test("a root that another root uses is differentiated all the same", () => {
  const document = build([
    ["a", 3],
    ["loss", "mul", "a", "a"],
    ["more", "mul", "loss", "a"],
  ]);
  const engine = new Engine({ ...document, root: 1, roots: [1, 2] });
  assert.equal(engine.grad[0], 6);
  assert.equal(engine.at(engine.steps.length).grads[0], 6);
});

test("a long path is walked once, not once for each of its nodes", () => {
  const engine = new Engine(chain(30000));
  const { count, paths } = engine.paths(0);
  assert.equal(count, 1n);
  assert.equal(paths[0].nodes.length, 30001);
});

/** A chain of so many tanh, without looking labels up. */
function chain(length) {
  const document = build([
    ["a", 0.1],
    ["b", "tanh", "a"],
  ]);
  const { nodes } = document;
  for (let k = 2; k <= length; k++) {
    for (const name of ["op", "kind", "rule", "value", "grad", "label", "group", "source"]) {
      nodes[name].push(nodes[name].at(-1));
    }
    nodes.args.push(k - 1);
    nodes.start.push(nodes.args.length);
  }
  return { ...document, root: length };
}
