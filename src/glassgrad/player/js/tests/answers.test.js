import assert from "node:assert/strict";
import test from "node:test";
import { crc32 as zlib } from "node:zlib";

import { crc32, drawer, lineOf, read } from "../answers.js";
import { hints } from "../panels/grade.js";
import { slopesText } from "../panels/table.js";
import { localLine, shareLine, sharesOf } from "../panels/text.js";
import { Session } from "../session.js";
import { at, neuron } from "./documents.js";

test("the checksum is zlib's", { skip: !zlib }, () => {
  for (const text of ["", "gg1:ann:3fa29c-71bd04:x~-1.5", "123456789"]) assert.equal(crc32(text), zlib(text));
});

test("a line is ASCII without spaces, whatever names and seeds are", () => {
  const line = lineOf("Zoë ~;:", "3fa29c-71bd04", [
    ["x", " −1,5 "],
    ["w 1~", "1/3"],
    ["b", "abc"],
    ["n", ""],
    ["o'", "shown"],
    ["k", "0x10"],
  ]);
  assert.match(line, /^gg1:Zo%C3%AB%20%7E%3B%3A:3fa29c-71bd04:x~-1.5;w%201%7E~1\/3;o%27~shown;k~16:[0-9a-f]{8}$/);
  assert.match(lineOf(null, "a-b", []), /^gg1::a-b::[0-9a-f]{8}$/);
  assert.match(lineOf(0, "a-b", []), /^gg1:0:a-b::/);
});

test("fractions and decimal commas are numbers", () => {
  assert.equal(read("1/4"), 0.25);
  assert.equal(read("−0,5"), -0.5);
  assert.equal(read("1,5/2,5"), 0.6);
  assert.ok(Number.isNaN(read("1,5,2")));
});

test("where the browser keeps nothing, nothing is thrown", () => {
  const { get, set } = drawer("key");
  const memory = Object.getOwnPropertyDescriptor(globalThis, "localStorage");
  for (const refuse of [
    () => {
      throw new Error("SecurityError");
    },
    () => undefined,
    () => ({ getItem: () => "{broken", setItem: () => assert.fail("not here") }),
  ]) {
    Object.defineProperty(globalThis, "localStorage", { configurable: true, get: refuse });
    assert.equal(get(), null);
    set(null);
  }
  if (memory) Object.defineProperty(globalThis, "localStorage", memory);
  else delete globalThis.localStorage;
});

test("local derivatives can be hidden until the gradient that needs them is found", () => {
  const session = new Session({
    ...neuron({ quiz: { seed: 1, blanks: [0], title: "" } }),
    exercise: { hide: "local" },
  });
  const { engine } = session;
  const [share] = sharesOf(engine, 0);
  assert.equal(session.slope(share.edge), null);
  assert.equal(localLine(session, share.edge), "∂x1w1/∂x1 = ?");
  assert.match(shareLine(session, { ...share, id: 0 }), /= 0.5 · \? = \?$/);
  assert.match(slopesText(session, at(engine, "x1w1")), /^\?, \?$/);
  assert.equal(hints(session, 0)[2], "∂x1w1/∂x1 = w1");
  session.solve(0);
  assert.equal(session.slope(share.edge), -3);
  assert.equal(localLine(session, share.edge), "∂x1w1/∂x1 = w1 = −3");
  assert.equal(slopesText(session, at(engine, "x1w1")), "−3, 2");
});

test("where the solution is withheld, hints have no numbers", () => {
  const session = new Session({
    ...neuron({ quiz: { seed: 1, blanks: [0], title: "" } }),
    exercise: { solution: false },
  });
  const told = hints(session, 0);
  assert.equal(told.length, 3);
  for (const hint of told) assert.doesNotMatch(hint, /= .*\d\.\d|−3/);
});
