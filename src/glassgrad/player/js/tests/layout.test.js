import assert from "node:assert/strict";
import test from "node:test";

import { Engine } from "../engine.js";
import { place } from "../layers.js";
import { arrange, curve, turned } from "../layout.js";
import { neighbour } from "../moves.js";
import { Outline } from "../outline.js";
import { compose, parallels, unshared, visible, wirePath } from "../picture.js";
import { at, build, neuron, twice } from "./documents.js";

const apart = (a, b) => a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;

function picture(document, direction = "LR", opened = null) {
  const engine = new Engine(document);
  const outline = new Outline(engine);
  return { engine, ...compose(engine, outline.view(opened ?? outline.all()), direction) };
}

/** A random graph of so many nodes, the same every time. */
function random(n, fan = 2) {
  let seed = 1;
  const next = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const boxes = Array.from({ length: n }, () => ({ length: 60 + 60 * next(), breadth: 20 + 20 * next() }));
  const links = [];
  for (let head = 1; head < n; head++) {
    for (let port = 0; port < fan; port++) {
      links.push({ tail: Math.max(0, head - 1 - Math.floor(30 * next())), head, headPort: 14 * port - 7, room: 40 });
    }
  }
  return { boxes, links };
}

for (const direction of ["LR", "TB"]) {
  test(`boxes do not overlap, and operands come before results (${direction})`, () => {
    const { boxes, wires, width, height } = picture(neuron(), direction);
    boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b) => assert.ok(apart(a, b))));
    for (const { from, to } of wires) {
      if (direction === "LR") assert.ok(boxes[from].x + boxes[from].width < boxes[to].x);
      else assert.ok(boxes[from].y + boxes[from].height < boxes[to].y);
    }
    for (const box of boxes) {
      assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= width && box.y + box.height <= height);
    }
  });
}

test("both edges of a + a are apart, and end at the badge", () => {
  const { boxes, wires } = picture(twice());
  const [first, second] = wires;
  assert.notEqual(first.tip[1], second.tip[1]);
  assert.ok(Math.abs(first.tip[0] - boxes[1].x) < 0.2);
  assert.deepEqual(
    parallels([
      { from: 0, to: 1 },
      { from: 2, to: 1 },
      { from: 0, to: 1 },
    ]),
    [0, 0, 1],
  );
});

test("the first operand is on top", () => {
  const { engine, boxes } = picture(neuron());
  const of = (label) => boxes.find((box) => box.node === at(engine, label));
  assert.ok(of("x1").y < of("w1").y && of("w1").y < of("x2").y && of("x1w1").y < of("x2w2").y);
});

test("a cluster holds its members and no one else", () => {
  const lines = [
    ["a", 1],
    ["b", "tanh", "a"],
    ["c", "tanh", "b"],
    ["d", "mul", "a", "c"],
    ["e", "tanh", "a"],
    ["f", "add", "d", "e"],
  ];
  const document = build(lines, {
    groups: [
      { name: "outer", parent: -1 },
      { name: "inner", parent: 0 },
    ],
    group: { b: 1, c: 1, e: 0 },
  });
  const { engine, boxes, clusters } = picture(document);
  const within = (box, c) =>
    box.x >= c.x && box.y >= c.y && box.x + box.width <= c.x + c.width && box.y + box.height <= c.y + c.height;
  const members = { outer: ["b", "c", "e"], inner: ["b", "c"] };
  for (const cluster of clusters.slice(1)) {
    for (const box of boxes) {
      const belongs = members[cluster.title].includes(engine.label(box.node));
      assert.equal(within(box, cluster), belongs);
      if (!belongs) assert.ok(apart(box, cluster));
    }
  }
});

test("no wire runs through a box", () => {
  const { boxes, links } = random(80);
  const plan = arrange(boxes, links);
  links.forEach(({ tail, head }, l) => {
    const route = plan.routes[l];
    for (let k = 0; k + 3 < route.length; k += 2) {
      if (route[k + 1] !== route[k + 3]) continue; // curves are between ranks, where no box is
      boxes.forEach((box, b) => {
        if (b === tail || b === head) return;
        const beside = route[k + 2] <= plan.start[b] || route[k] >= plan.start[b] + box.length;
        assert.ok(beside || Math.abs(route[k + 1] - plan.middle[b]) >= box.breadth / 2);
      });
    }
  });
});

test("the layout of a graph is always the same", () => {
  const { boxes, links } = random(200);
  assert.deepEqual(arrange(boxes, links), arrange(boxes, links));
});

test("no graph is too large, and no depth too deep", () => {
  const { boxes, links } = random(5000);
  assert.equal(arrange(boxes, links).start.length, boxes.length);
  const n = 20_000;
  const chain = Array.from({ length: n - 1 }, (_, i) => ({ tail: i, head: i + 1, headPort: 0, room: 0 }));
  assert.equal(
    arrange(
      Array.from({ length: n }, () => ({ length: 10, breadth: 10 })),
      chain,
    ).start.length,
    n,
  );
});

test("an empty layout, one box, ports at the ends", () => {
  assert.equal(place([], []).length, 0);
  assert.equal(arrange([{ length: 10, breadth: 5 }], []).length, 10);
  const v = (where) => ({ length: 10, breadth: 5, place: where });
  const { start } = place(
    [v("last"), v(""), v(""), v("first")],
    [
      { tail: 1, head: 0 },
      { tail: 1, head: 2 },
      { tail: 3, head: 2 },
    ].map((e) => ({ tailPort: 0, headPort: 0, room: 0, bundle: "", ...e })),
  );
  assert.ok(start[0] > start[2] && start[2] > start[1] && start[1] > start[3]);
});

test("what a wire shares with an earlier one is drawn once", () => {
  const routes = [
    ["a", [0, 0, 1, 0, 2, 5, 3, 5]],
    ["a", [0, 0, 1, 0, 2, 9, 3, 9]],
    ["b", [0, 0, 1, 0]],
  ];
  assert.deepEqual(unshared(routes), [
    [0, 0, 1, 0, 2, 5, 3, 5],
    [1, 0, 2, 9, 3, 9],
    [0, 0, 1, 0],
  ]);
});

test("of a wire only what is in sight is drawn", () => {
  const wire = {
    part: [0, 0, 10, 0, 20, 50, 30, 50],
    points: [0, 0, 10, 0, 20, 50, 30, 50],
    tip: [30, 50],
    across: true,
  };
  assert.deepEqual(visible(wire, [-5, -5, 5, 5]), [0, 0]);
  assert.deepEqual(visible(wire, [-5, -5, 50, 60]), [0, 4]);
  assert.equal(visible(wire, [100, 0, 110, 10]), null);
  assert.equal(wirePath(wire, turned("LR"), 0, 0), "M0 0L10 0");
  assert.equal(wirePath(wire, turned("LR")), "M0 0L10 0C15 0 15 50 20 50L30 50M24 46.5L30 50L24 53.5");
  assert.equal(curve([0, 0, 10, 4], turned("TB")), "M0 0C0 5 4 5 4 10");
});

test("arrows lead to operands, users and neighbours", () => {
  for (const [direction, back, on] of [
    ["LR", "ArrowLeft", "ArrowRight"],
    ["TB", "ArrowUp", "ArrowDown"],
  ]) {
    const shown = picture(neuron(), direction);
    const { engine, boxes, wires } = shown;
    const ins = boxes.map((_, b) => wires.flatMap((wire, w) => (wire.to === b ? [w] : [])));
    const outs = boxes.map((_, b) => wires.flatMap((wire, w) => (wire.from === b ? [w] : [])));
    const box = (label) => boxes.findIndex(({ node }) => node === at(engine, label));
    const go = (label, key) => {
      const next = neighbour(shown, ins, outs, box(label), key, direction);
      return next === null ? null : engine.label(boxes[next].node);
    };
    assert.equal(go("n", back), "sum");
    assert.equal(go("n", on), "o");
    assert.equal(go("x1", back), null);
    assert.equal(go("x1", direction === "LR" ? "ArrowDown" : "ArrowRight"), "w1");
    assert.equal(go("w1", direction === "LR" ? "ArrowUp" : "ArrowLeft"), "x1");
    assert.equal(go("o", direction === "LR" ? "ArrowUp" : "ArrowLeft"), "n"); // no box is beside the root
  }
});

test("boxes leave room for any number", () => {
  const document = neuron();
  const before = picture(document);
  document.nodes.value = document.nodes.value.map((x) => x * -1.2345e-300);
  const after = picture(document);
  assert.deepEqual(
    after.boxes.map(({ x, y, width }) => [x, y, width]),
    before.boxes.map(({ x, y, width }) => [x, y, width]),
  );
});

test("ports that spread stand apart, so that what comes from them does not cross in a knot", () => {
  const boxes = Array.from({ length: 4 }, () => ({ length: 80, breadth: 100, place: "" }));
  const ports = Array.from({ length: 3 }, () => ({ length: 0, breadth: 0, place: "first" }));
  const edges = ports.flatMap((_, p) =>
    boxes.map((_, b) => ({ tail: 4 + p, head: b, tailPort: 0, headPort: 0, room: 0, bundle: "" })),
  );
  const { middle, breadth } = place([...boxes, ...ports], edges);
  const places = Array.from(middle.slice(4)).sort((a, b) => a - b);
  assert.ok(places[1] - places[0] > breadth / 5 && places[2] - places[1] > breadth / 5, `${places} of ${breadth}`);
});
