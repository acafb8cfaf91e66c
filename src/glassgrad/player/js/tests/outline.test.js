import assert from "node:assert/strict";
import test from "node:test";

import { Engine } from "../engine.js";
import { cyclic, ranks } from "../orders.js";
import { Outline, ROOM } from "../outline.js";
import { at, build, neuron, twice } from "./documents.js";

/** `layers` of so many neurons each, every neuron a group in the group of its layer. */
function network(layers, more = 0) {
  const lines = [["x", 1]];
  const groups = [];
  const group = {};
  let below = ["x"];
  layers.forEach((size, l) => {
    const layer = groups.push({ name: `layer ${l + 1}`, parent: -1 }) - 1;
    below = Array.from({ length: size }, (_, k) => {
      const own = groups.push({ name: `neuron ${k + 1}`, parent: layer }) - 1;
      const name = (stem) => `${stem}${l}.${k}`;
      lines.push([name("w"), 0.5]);
      let sum = name("w");
      below.forEach((input, j) => {
        lines.push(
          [`${name("p")}.${j}`, "mul", input, name("w")],
          [`${name("s")}.${j}`, "add", sum, `${name("p")}.${j}`],
        );
        sum = `${name("s")}.${j}`;
        group[`${name("p")}.${j}`] = group[sum] = own;
      });
      lines.push([name("y"), "tanh", sum]);
      group[name("y")] = group[name("w")] = own;
      return name("y");
    });
  });
  for (let k = 0; k < more; k++) {
    lines.push([`more${k}`, "tanh", below[0]]);
    below = [`more${k}`];
  }
  lines.push(["o", "tanh", below[0]]);
  return new Engine(build(lines, { groups, group }));
}

/** A document of columns alone, for sizes that `build` is too slow for. */
function columns(n, operandsOf) {
  const op = new Array(n).fill(-1);
  const kind = new Array(n).fill(1);
  const start = [0];
  const args = [];
  for (let i = 0; i < n; i++) {
    const operands = operandsOf(i);
    if (operands.length) {
      op[i] = 0;
      kind[i] = 0;
    }
    args.push(...operands);
    start.push(args.length);
  }
  const none = new Array(n).fill(0);
  const document = build([
    ["a", 1],
    ["b", "add", "a", "a"],
  ]);
  Object.assign(document.nodes, {
    op,
    kind,
    start,
    args,
    rule: args.map(() => 0),
    value: none,
    grad: none,
    label: none,
  });
  Object.assign(document.nodes, { group: none.map(() => -1), source: none.map(() => -1) });
  document.root = n - 1;
  return new Engine(document);
}

function check(outline, view) {
  const { engine } = outline;
  const counted = view.boxes.reduce((sum, box) => sum + box.count, 0);
  assert.equal(counted, engine.n, "every node is in one box");
  view.boxes.forEach((box, b) => {
    for (const i of box.kind === "node" ? [box.node] : box.nodes) assert.equal(view.boxOf[i], b);
  });
  const pairs = Int32Array.from(view.wires.flatMap(({ from, to }) => [from, to]));
  assert.deepEqual(cyclic(view.boxes.length, pairs), [], "boxes have an order");
  const across = view.wires.reduce((sum, wire) => sum + wire.count, 0);
  let edges = 0;
  for (let e = 0; e < engine.edges; e++) if (view.boxOf[engine.args[e]] !== view.boxOf[engine.owner[e]]) edges++;
  assert.equal(across, edges, "every edge between boxes is in one wire");
}

test("a small graph is shown whole, with a port for each operand", () => {
  const outline = new Outline(new Engine(neuron()));
  const view = outline.view(outline.initial());
  check(outline, view);
  assert.equal(view.boxes.length, 10);
  const sum = new Outline(new Engine(twice()));
  assert.deepEqual(
    sum.view(sum.initial()).wires.map(({ from, to, port, edge }) => [from, to, port, edge]),
    [
      [0, 1, 0, 0],
      [0, 1, 1, 1],
    ],
  );
});

test("groups of a large graph are closed, alike neighbours are one box, and open step by step", () => {
  const engine = network([16, 16, 1]);
  const outline = new Outline(engine);
  const opened = outline.initial();
  assert.equal(opened.size, 0);
  let view = outline.view(opened);
  check(outline, view);
  assert.deepEqual(view.boxes.map((box) => box.title ?? engine.label(box.node)).sort(), [
    "layer 1",
    "layer 2",
    "layer 3",
    "o",
    "x",
  ]);
  const layer = view.boxes.find((box) => box.title === "layer 1");
  assert.deepEqual(layer.lines, [`${layer.count} nodes`, "neuron ×16"]);
  opened.add(layer.key);
  view = outline.view(opened);
  check(outline, view);
  const stack = view.boxes.find((box) => box.kind === "repeat");
  assert.equal(stack.title, "neuron ×16");
  assert.equal(stack.times, 16);
  opened.add(stack.key);
  view = outline.view(opened);
  check(outline, view);
  assert.equal(view.boxes.filter((box) => box.kind === "group" && box.title.startsWith("neuron")).length, 16);
  assert.deepEqual(
    view.clusters.map((cluster) => cluster.title),
    ["", "layer 1", "neuron ×16"],
  );
  const wire = view.wires.find(({ count }) => count > 1);
  assert.equal(wire.edge, -1);
});

test("revealing a node opens what hides it, and no more", () => {
  const engine = network([16, 16, 1]);
  const outline = new Outline(engine);
  const node = at(engine, "y1.7");
  const keys = outline.reveal(node);
  assert.equal(keys.length, 3);
  const view = outline.view(new Set(keys));
  check(outline, view);
  assert.equal(view.boxes[view.boxOf[node]].kind, "node");
  assert.deepEqual(outline.view(new Set(keys.slice(0, 2))).boxes[view.boxOf[node]]?.kind === "node", false);
  assert.equal(outline.around(`n${node}`), keys[2]);
  assert.equal(outline.around(keys[2]), keys[1]);
});

test("a group that something leaves and comes back to is drawn open", () => {
  const group = { b: 0, d: 0 };
  const lines = [
    ["a", 1],
    ["b", "tanh", "a"],
    ["c", "tanh", "b"],
    ["d", "add", "b", "c"],
    ["e", "tanh", "d"],
  ];
  const outline = new Outline(new Engine(build(lines, { groups: [{ name: "torn", parent: -1 }], group })));
  const view = outline.view(new Set());
  check(outline, view);
  assert.equal(view.boxes.length, 5);
  assert.equal(view.clusters.length, 1);
});

test("groups that follow on each other are not stacked while they are few", () => {
  const chain = (steps) => {
    const lines = [["x0", 1]];
    const group = {};
    const groups = [];
    for (let k = 1; k <= steps; k++) {
      groups.push({ name: `step ${k}`, parent: -1 });
      lines.push([`h${k}`, "tanh", `x${k - 1}`], [`x${k}`, "tanh", `h${k}`]);
      group[`h${k}`] = group[`x${k}`] = k - 1;
    }
    return new Outline(new Engine(build(lines, { groups, group }))).view(new Set());
  };
  assert.equal(chain(4).boxes.filter((box) => box.kind === "group").length, 4);
  assert.deepEqual(
    chain(40)
      .boxes.map((box) => box.title)
      .filter(Boolean),
    ["step ×40"],
  );
});

test("a constant is in the group of its operation", () => {
  const outline = new Outline(
    new Engine(
      build(
        [
          ["a", 1],
          ["b", "mul", "a", 2],
        ],
        { groups: [{ name: "g", parent: -1 }], group: { b: 0 } },
      ),
    ),
  );
  assert.deepEqual(
    outline.view(new Set()).boxes.map((box) => box.count),
    [1, 2],
  );
});

const shapes = {
  "a chain": columns(60_000, (i) => (i ? [i - 1] : [])),
  "a chain that uses its beginning everywhere": columns(60_000, (i) => (i ? [i - 1, 0] : [])),
  "one layer": columns(60_001, (i) => (i === 60_000 ? Array.from({ length: 60_000 }, (_, k) => k) : [])),
  "a wide sum": columns(60_000, (i) =>
    i < 20_000 ? [] : i < 40_000 ? [i - 20_000] : i === 40_000 ? [20_000] : [i - 1, i - 20_000],
  ),
  "a tree": columns(65_535, (i) => (i < 32_768 ? [] : [2 * (i - 32_768), 2 * (i - 32_768) + 1])),
  "a ladder": columns(60_000, (i) => (i < 2 ? [] : [i - 1, i - 2])),
};

for (const [name, engine] of Object.entries(shapes)) {
  test(`${name} of 60,000 nodes opens to few boxes, and every node can be come to`, () => {
    const outline = new Outline(engine);
    const view = outline.view(outline.initial());
    check(outline, view);
    assert.ok(view.boxes.length <= ROOM);
    for (const node of [0, 1, Math.floor(engine.n / 3), engine.n - 2, engine.n - 1]) {
      const opened = new Set(outline.reveal(node));
      assert.ok(opened.size <= 8);
      const inner = outline.view(opened);
      check(outline, inner);
      assert.equal(inner.boxes[inner.boxOf[node]].node, node);
      assert.ok(inner.boxes.length <= 2 * ROOM, `${inner.boxes.length} boxes`);
    }
    const all = outline.view(outline.all());
    check(outline, all);
    assert.ok(all.boxes.length <= 6000);
  });
}

test("groups and bands together keep an order", () => {
  const engine = network([8], 2000);
  const outline = new Outline(engine);
  const view = outline.view(outline.initial());
  check(outline, view);
  assert.ok(view.boxes.length <= ROOM);
  check(outline, outline.view(outline.all()));
});

test("keys are each their own", () => {
  for (const engine of Object.values(shapes)) {
    const { units, byKey } = new Outline(engine);
    assert.equal(byKey.size, units.length);
  }
});

test("what is on a cycle is found, what is between cycles is not", () => {
  assert.deepEqual(cyclic(6, Int32Array.from([0, 1, 1, 0, 1, 2, 2, 3, 3, 4, 4, 3, 4, 5])).sort(), [0, 1, 3, 4]);
  assert.deepEqual(Array.from(ranks(4, Int32Array.from([0, 1, 1, 3, 2, 3]))), [0, 1, 1, 2]);
});
