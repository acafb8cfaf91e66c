import assert from "node:assert/strict";
import test from "node:test";

import { nodeText } from "../boxes.js";
import { fitted, moved, zoomed } from "../camera.js";
import { GraphView } from "../graph.js";
import { Session } from "../session.js";
import { clamped, grown } from "../sight.js";
import { at, neuron } from "./documents.js";

const close = (a, b) => Math.abs(a - b) < 1e-9 * Math.max(1, Math.abs(a));

test("a fitted picture is in the middle, and no larger than asked for", () => {
  const window = { width: 800, height: 600 };
  const small = fitted({ x: 0, y: 0, width: 100, height: 50 }, window);
  assert.equal(small.k, 1.25);
  assert.ok(close(small.x + small.k * 50, 400) && close(small.y + small.k * 25, 300));
  const large = fitted({ x: 10, y: 20, width: 4000, height: 100 }, window);
  assert.ok(large.x + large.k * 10 >= 0 && large.x + large.k * 4010 <= 800);
});

test("what is under the hand stays there while zooming", () => {
  const before = { k: 0.7, x: -30, y: 12 };
  const after = zoomed(before, 1.9, 200, 100);
  assert.ok(close((200 - before.x) / before.k, (200 - after.x) / after.k));
  assert.ok(close((100 - before.y) / before.k, (100 - after.y) / after.k));
  assert.ok(zoomed(before, 1e9, 0, 0).k < 10 && zoomed(before, 1e-9, 0, 0).k > 0);
});

test("a moved sheet shows what a new one would", () => {
  const base = { k: 0.5, x: 40, y: -7 };
  const camera = { k: 0.8, x: -90, y: 33 };
  const [overX, overY] = [480, 360];
  const [s, dx, dy] = moved(base, camera, overX, overY);
  for (const [x, y] of [
    [0, 0],
    [123, -45],
    [900, 700],
  ]) {
    const onSheet = [x * base.k + base.x + overX, y * base.k + base.y + overY];
    assert.ok(close(onSheet[0] * s + dx - overX, x * camera.k + camera.x));
    assert.ok(close(onSheet[1] * s + dy - overY, y * camera.k + camera.y));
  }
  assert.deepEqual(moved(base, base, overX, overY), [1, 0, 0]);
});

test("no edge of the window is empty while there is more picture", () => {
  const window = { width: 100, height: 80 };
  assert.deepEqual(clamped({ k: 1, x: 30, y: 60 }, { width: 400, height: 300 }, window, 20), { k: 1, x: 0, y: 20 });
  assert.deepEqual(clamped({ k: 1, x: -900, y: -900 }, { width: 400, height: 300 }, window, 20), {
    k: 1,
    x: -300,
    y: -220,
  });
  assert.deepEqual(clamped({ k: 0.5, x: -9, y: 70 }, { width: 100, height: 40 }, window, 20), { k: 0.5, x: 25, y: 40 });
});

test("what is shown grows by what there is room for", () => {
  const box = (x) => ({ x, y: 0, width: 10, height: 10 });
  const grew = grown(box(0), [box(50), box(500), box(80)], { width: 90, height: 20 });
  assert.deepEqual(grew, { x: 0, y: 0, width: 90, height: 10 });
});

test("a box says in words what it shows", () => {
  const session = new Session(neuron());
  const { engine } = session;
  assert.deepEqual(nodeText(session, at(engine, "x1w1")), [
    "x1w1 = −6",
    "operation × of x1, w1",
    `gradient ${engine.grad[at(engine, "x1w1")]}`,
  ]);
  session.first();
  assert.deepEqual(nodeText(session, at(engine, "n")), [
    "n: not computed yet",
    "operation + of sum, b",
    "no gradient yet",
  ]);
  assert.deepEqual(nodeText(session, at(engine, "b")).slice(0, 2), ["b = 6.881373587019543", "leaf"]);
});

test("keys are told to the help", () => {
  assert.ok(GraphView.keys.every(({ shown, text }) => shown && text));
});
