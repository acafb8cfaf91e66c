import assert from "node:assert/strict";
import test from "node:test";

import {
  CELL,
  clip,
  count,
  counted,
  graphemes,
  number,
  rounded,
  shade,
  short,
  signed,
  superscript,
  symbol,
  textWidth,
} from "../format.js";

test("numbers have a true minus sign and no more digits than asked for", () => {
  assert.equal(number(-0.70710678), "−0.7071");
  assert.equal(number(2), "2");
  assert.equal(number(0), "0");
  assert.equal(number(-0), "0");
  assert.equal(number(1234567), "1.235e6");
  assert.equal(number(0.00001234), "1.234e−5");
  assert.equal(number(99999.99), "100000");
  assert.equal(number(NaN), "NaN");
  assert.equal(number(-Infinity), "−∞");
  assert.equal(number(null), "–");
});

test("a short number fits its cell, whatever it is", () => {
  for (let exponent = -320; exponent < 309; exponent++) {
    for (const mantissa of [1, -1, 1.2345678, -9.9996]) {
      const x = mantissa * 10 ** exponent;
      assert.ok(short(x).length <= CELL, `${x} became ${short(x)}`);
    }
  }
});

test("signs, counts, names", () => {
  assert.deepEqual([signed(0.5), signed(-3), signed(NaN)], ["+0.5", "−3", "NaN"]);
  assert.deepEqual([count(4812), count(999), count(1234567)], ["4,812", "999", "1,234,567"]);
  assert.deepEqual([rounded(9999), rounded(12_345), rounded(1_250_000)], ["9,999", "12k", "1.25M"]);
  assert.deepEqual([counted(1, "node"), counted(4812, "node")], ["1 node", "4,812 nodes"]);
  assert.equal(superscript("-12"), "⁻¹²");
  assert.deepEqual([symbol("*"), symbol("tanh")], ["×", "tanh"]);
});

test("labels are cut between characters as readers count them", () => {
  assert.equal(clip("activation", 6), "activ…");
  assert.equal(clip("short", 6), "short");
  const family = "👨‍👩‍👧";
  assert.equal(clip(family.repeat(4), 3), `${family}${family}…`);
  assert.equal(graphemes("e\u0301a").length, 2);
  assert.equal(clip("e\u0301".repeat(3), 3), "e\u0301".repeat(3));
});

test("widths are those of DejaVu Sans", () => {
  assert.equal(Math.round(textWidth("0.707", 10) * 100) / 100, 28.62);
  assert.ok(textWidth("a", 10, true) > textWidth("a", 10));
  assert.equal(textWidth("e\u0301", 10), textWidth("e", 10));
  assert.equal(textWidth("", 10), 0);
});

test("shades follow the sign and the root of the size", () => {
  assert.deepEqual([shade(-2, 2), shade(0.01, 2), shade(0, 2)], ["minus4", "plus1", "zero"]);
  assert.deepEqual([shade(NaN, 2), shade(Infinity, 2), shade(1, 0)], ["bad", "bad", "plus1"]);
  assert.equal(shade(0.5, 2), "plus2");
});
