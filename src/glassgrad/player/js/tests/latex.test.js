import assert from "node:assert/strict";
import test from "node:test";

import { aligned, escape, figure, filled, symbol } from "../latex.js";
import { stepLatex } from "../panels/step.js";
import { Session } from "../session.js";
import { build, neuron } from "./documents.js";

test("labels become symbols, and anything else is escaped upright text", () => {
  assert.equal(symbol("o"), "o");
  assert.equal(symbol("x1"), "x_{1}");
  assert.equal(symbol("w_12"), "w_{12}");
  assert.equal(symbol("x1w1"), "x_{1}w_{1}");
  assert.equal(symbol("loss"), "\\mathit{loss}");
  assert.equal(symbol("−2.5"), "-2.5");
  assert.equal(symbol("total cost ($)"), "\\text{total cost (\\$)}");
  assert.equal(symbol("w[0]"), "\\text{w[0]}");
});

test("no label can leave its braces or start a command", () => {
  assert.equal(escape("a}\\input{x}"), "a\\}\\textbackslash{}input\\{x\\}");
  assert.equal(escape("50 % of #1 & _ ^ ~"), "50 \\% of \\#1 \\& \\_ \\textasciicircum{} \\textasciitilde{}");
  assert.equal(escape("a\nb"), "a b");
});

test("numbers", () => {
  assert.equal(figure(-1.5), "-1.5");
  assert.equal(figure(1.25e-9), "1.25 \\times 10^{-9}");
  assert.equal(figure(-Infinity), "-\\infty");
  assert.equal(figure(NaN), "\\mathrm{NaN}");
});

test("templates of the table are filled as Python's format fills them", () => {
  assert.equal(filled("\\frac{{{0}}}{{{1}}}", ["a", "b"]), "\\frac{a}{b}");
  assert.equal(filled("{{{0}}}^{{{1}}}", ["x", "2"]), "{x}^{2}");
  assert.equal(filled("\\tanh\\left({0}\\right)", ["n"]), "\\tanh\\left(n\\right)");
});

test("the last step as LaTeX: forward, the seed, the chain rule", () => {
  const session = new Session(neuron());
  session.go(1);
  assert.equal(stepLatex(session), "x_{1}w_{1} = x_{1} \\cdot w_{1} = 2 \\cdot \\left(-3\\right) = -6");
  session.go(session.engine.seedAt + 1);
  assert.equal(stepLatex(session), "\\frac{\\partial o}{\\partial o} = 1");
  session.next();
  assert.equal(
    stepLatex(session),
    "\\frac{\\partial o}{\\partial n} = \\frac{\\partial o}{\\partial o} \\cdot " +
      "\\frac{\\partial o}{\\partial n} = 1 \\cdot 0.5 = 0.5",
  );
  session.first();
  assert.equal(stepLatex(session), "");
});

test("shares are summed in LaTeX, and a gradient to be found stays a question mark", () => {
  const document = build([
    ["a", 3],
    ["b", "mul", "a", "a"],
    ["c", "add", "b", "a"],
  ]);
  const session = new Session(document);
  assert.match(stepLatex(session), /^\\frac\{\\partial c\}\{\\partial a\} = .* = 1 \+ 3 \+ 3 = 7$/);
  document.quiz = { seed: 1, blanks: [0], title: "" };
  const quiz = new Session(document);
  assert.match(stepLatex(quiz), /= \\text\{\?\}$/);
  assert.doesNotMatch(stepLatex(quiz), /7/);
});

test("lines are aligned at their first sign of equality", () => {
  assert.equal(aligned(["a = b = c", "d = e"]), "\\begin{aligned}\n  a &= b = c \\\\\n  d &= e\n\\end{aligned}");
});
