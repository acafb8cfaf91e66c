/** Gradients of a class of the user's own: the verdict that Python gave on them, and operations that come as tapes. */

import assert from "node:assert/strict";
import test from "node:test";

import { Engine } from "../engine.js";
import { figure, forwardLatex } from "../latex.js";
import { resultText } from "../panels/judged.js";
import { formula, forwardLine, localLine, num, shareLine, verdictText } from "../panels/text.js";
import { Session } from "../session.js";
import { build, twice } from "./documents.js";

const judged = (marks) => ({
  ...twice(),
  judged: {
    class: "Value",
    marks,
    reasons: { 0: "1, not 2: only one of its 2 shares arrived" },
    mistakes: ["= instead of +="],
    notes: [],
  },
});

/** y = x ** 2, as a class of one's own writes it: one operand, and the exponent in the operation's name. */
function squared() {
  const document = build([
    ["x", 3],
    ["y", "mine", "x"],
  ]);
  const pow = { arity: 1, constants: [2], code: [["pow", 1, 2]], out: 3 };
  const slope = { arity: 1, constants: [2], code: [["mul", 2, 1]], out: 3 };
  const op = { ...document.ops[0], name: "**2", symbol: "**2", live: true, tape: pow };
  return { ...document, ops: [op], rules: [slope], slopes: {}, nodes: { ...document.nodes, rule: [0] } };
}

test("a node is marked by what Python said of its gradient", () => {
  const session = new Session(judged([-1, 1]));
  assert.equal(session.agrees(0), false);
  assert.equal(session.agrees(1), true);
  assert.equal(verdictText(session, 0), "✗ 1, not 2: only one of its 2 shares arrived");
  assert.equal(verdictText(session, 1), "✓ right");
  assert.equal(resultText(session.document.judged), "Value: 1 of 2 gradients right");
  assert.equal(new Session(judged([0, 1])).agrees(0), null);
});

test("the verdict is on the numbers that Python had", () => {
  const session = new Session(judged([-1, 1]));
  session.setValue(0, 5);
  assert.equal(session.verdict(0), null);
  assert.equal(session.agrees(0), true); // ours agrees with the central difference
  session.reset();
  assert.equal(session.agrees(0), false);
});

test("without gradients nothing is judged", () => {
  const session = new Session(judged(null));
  assert.equal(session.verdict(0), null);
  assert.equal(resultText(session.document.judged), "Value: no gradients yet");
});

test("a gradient that is not determined is left blank", () => {
  const document = {
    ...build([
      ["x", 3],
      ["y", "mine", "x"],
    ]),
    slopes: { 0: "nan" },
  };
  assert.ok(Number.isNaN(new Session(document).grad(0)));
  assert.equal(new Session({ ...document, unknown: true }).grad(0), null);
});

test("formulas leave open what is not known, and write no operands that do not give the value", () => {
  const document = {
    ...build([
      ["x", 3],
      ["y", "mine", "x"],
    ]),
    slopes: { 0: "nan" },
    unknown: true,
  };
  const session = new Session({ ...document, ops: [{ ...document.ops[0], symbol: "**2", unknown: true }] });
  const value = num(session.value(1));
  assert.equal(forwardLine(session, 1), `y = x ^ 2 = ${value}`);
  assert.equal(forwardLatex(session, 1), `y = \\text{x \\textasciicircum{} 2} = ${figure(session.value(1))}`);
  assert.equal(localLine(session, 0), "∂y/∂x = ?");
  const share = { node: 1, id: 0, edge: 0, slope: NaN, upstream: 1, amount: NaN };
  assert.equal(shareLine(session, share), "∂y/∂x = ∂y/∂y · ∂y/∂x = 1 · ? = ?");
});

test("an operation may come as a tape, and is played", () => {
  const engine = new Engine(squared());
  assert.equal(engine.frozen(1), false);
  assert.deepEqual([engine.value[1], engine.grad[0]], [9, 6]);
  engine.setValue(0, -5);
  assert.deepEqual([engine.value[1], engine.grad[0]], [25, -10]);
  assert.equal(formula(engine, 1), "x ^ 2");
});
