import assert from "node:assert/strict";
import test from "node:test";

import { parts } from "../printing.js";

test("a picture that fits is one part", () => {
  assert.deepEqual(parts(700, 1200), { size: 700, starts: [0] });
});

test("parts cover the picture, none is too large, and neighbours share a box's width", () => {
  for (const [size, most] of [
    [1201, 1200],
    [5000, 1200],
    [6285, 880],
  ]) {
    const { size: part, starts } = parts(size, most);
    assert.ok(part <= most);
    assert.equal(starts[0], 0);
    assert.ok(Math.abs(starts.at(-1) + part - size) < 1e-6);
    for (let k = 1; k < starts.length; k++) assert.ok(Math.abs(starts[k - 1] + part - starts[k] - 150) < 1e-6);
  }
});
