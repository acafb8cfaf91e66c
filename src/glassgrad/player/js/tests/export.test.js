import assert from "node:assert/strict";
import test from "node:test";

import { density, styleOf } from "../export.js";

const style = (values) => ({ getPropertyValue: (name) => values[name] ?? "" });

test("an element is given the styles that it has, and none that it has anyway", () => {
  const box = style({
    fill: "rgb(1, 2, 3)",
    stroke: "rgb(4, 5, 6)",
    "stroke-width": "2px",
    "stroke-dasharray": "none",
    "font-size": "11px",
  });
  assert.deepEqual(styleOf("rect", box), [
    ["fill", "rgb(1, 2, 3)"],
    ["stroke", "rgb(4, 5, 6)"],
    ["stroke-width", "2px"],
  ]);
  const text = style({
    fill: "rgb(1, 2, 3)",
    stroke: "none",
    "stroke-width": "1px",
    "font-size": "11px",
    "text-anchor": "end",
    "font-weight": "400",
  });
  assert.deepEqual(styleOf("text", text), [
    ["fill", "rgb(1, 2, 3)"],
    ["font-size", "11px"],
    ["text-anchor", "end"],
  ]);
});

test("a PNG has two pixels a unit, and never more than a canvas holds", () => {
  assert.equal(density(1000, 500), 2);
  for (const [width, height] of [
    [1e5, 1e5],
    [3e5, 20],
    [20, 3e5],
  ]) {
    const scale = density(width, height);
    assert.ok(width * scale < 16_001 && height * scale < 16_001 && width * height * scale ** 2 <= 40.1e6);
  }
});
