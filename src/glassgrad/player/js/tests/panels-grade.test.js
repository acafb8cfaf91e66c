import assert from "node:assert/strict";
import test from "node:test";

import { grade, hints, isRight, scoreText, solution } from "../panels/grade.js";
import { read } from "../panels/quiz.js";
import { Session } from "../session.js";
import { at, build, neuron } from "./documents.js";

const slip = (engine, label, answer) => grade(engine, at(engine, label), answer).slip;

test("three significant digits are right, fewer are too rough", () => {
  assert.ok(isRight(1.01, 1.005));
  assert.ok(isRight(0.333, 1 / 3));
  assert.ok(!isRight(0.3, 1 / 3));
  assert.ok(isRight(0, 0));
  assert.ok(!isRight(0.01, 0));
  const { engine } = new Session(
    build([
      ["a", 1 / 3],
      ["b", 0.7],
      ["c", "mul", "a", "b"],
      ["d", "mul", "c", 3.1],
    ]),
  );
  assert.equal(slip(engine, "b", 1.0333), null);
  assert.equal(slip(engine, "b", 1), "rounding");
});

test("each classic slip is named", () => {
  const { engine } = new Session(
    build([
      ["a", 1.7],
      ["b", -0.6],
      ["m", "mul", "a", "b"],
      ["s", "add", "m", "b"],
      ["t", "tanh", "s"],
      ["o", "mul", "t", 3.3],
    ]),
  );
  const grad = (label) => engine.grad[at(engine, label)];
  assert.equal(slip(engine, "a", grad("a")), null);
  assert.equal(slip(engine, "a", -grad("a")), "sign");
  assert.equal(slip(engine, "a", -0.6), "local");
  assert.equal(slip(engine, "a", grad("m")), "upstream");
  assert.equal(slip(engine, "a", grad("m") * 1.7), "factor");
  assert.equal(slip(engine, "b", grad("s")), "one");
  assert.equal(slip(engine, "b", grad("m") * 1.7), "one");
  assert.equal(slip(engine, "s", grad("t")), "upstream");
  assert.match(grade(engine, at(engine, "s"), grad("t")).reason, /derivative of tanh is missing/);
  assert.equal(slip(engine, "s", grad("t") * (1 - engine.value[at(engine, "t")])), "derivative");
  assert.equal(slip(engine, "m", grad("s") + engine.value[at(engine, "b")]), "summand");
  assert.equal(slip(engine, "m", 2 * grad("m")), "twice");
  assert.equal(slip(engine, "m", 123), "other");
  assert.equal(slip(engine, "m", NaN), "empty");
});

test("a product's other factor without the gradient from above is told as that", () => {
  const { engine } = new Session(neuron());
  assert.match(grade(engine, at(engine, "x1"), -3).reason, /the other factor, which is only the local derivative/);
});

test("answers as people type them", () => {
  assert.equal(read(" −1,5 "), -1.5);
  assert.equal(read("1/4"), 0.25);
  assert.equal(read("2e-3"), 0.002);
  for (const nothing of ["", "abc", "1/", "1/2/3"]) assert.ok(Number.isNaN(read(nothing)));
});

test("hints say more each time and never the number; the solution says it all", () => {
  const session = new Session(neuron({ quiz: { seed: 1, blanks: [0], title: "" } }));
  const told = hints(session, 0);
  assert.equal(told.length, 4);
  for (const hint of told) assert.doesNotMatch(hint, /1\.5/);
  assert.equal(told.at(-1), "∂o/∂x1 = 0.5 · (−3)");
  session.solve(0);
  assert.deepEqual(solution(session, 0), ["∂x1w1/∂x1 = w1 = −3", "∂o/∂x1 = ∂o/∂x1w1 · ∂x1w1/∂x1 = 0.5 · (−3) = −1.5"]);
  assert.equal(scoreText(2, 1, 5), "2 of 5 right, 1 shown, 2 to go");
});
