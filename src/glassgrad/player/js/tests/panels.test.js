import assert from "node:assert/strict";
import test from "node:test";

import { breakText } from "../panels/bar.js";
import { wrongNodes } from "../panels/bugs.js";
import { extent, linePath } from "../panels/chart.js";
import { search } from "../panels/find.js";
import { filtered, notch, nudgeText, range } from "../panels/leaves.js";
import { agreement } from "../panels/node.js";
import { counted, pathSum, productText, shortened } from "../panels/paths.js";
import { receivers } from "../panels/step.js";
import { slopesText, sorted } from "../panels/table.js";
import * as text from "../panels/text.js";
import { chartedGradient, recordedAt, seriesOf } from "../panels/time.js";
import { Session } from "../session.js";
import { at, build, neuron, twice } from "./documents.js";

const square = (more) =>
  build(
    [
      ["a", 3],
      ["b", "mul", "a", "a"],
      ["c", "add", "b", "a"],
    ],
    more,
  );

test("numbers for people", () => {
  assert.equal(text.num(0.49999999999999983), "0.5");
  assert.equal(text.num(-1.5), "−1.5");
  assert.equal(text.num(1.23456e-9), "1.235e−9");
  assert.equal(text.num(1234567), "1.235e6");
  assert.equal(text.num(-0), "0");
  assert.equal(text.num(null), "–");
  assert.equal(text.num(-Infinity), "−∞");
  assert.equal(text.factor(-3), "(−3)");
});

test("the chain rule in symbols and numbers, as the notebook has it", () => {
  const session = new Session(neuron());
  const { engine } = session;
  const share = (label) => ({ ...engine.contributions(at(engine, label))[0], id: at(engine, label) });
  assert.equal(text.shareLine(session, share("x1")), "∂o/∂x1 = ∂o/∂x1w1 · ∂x1w1/∂x1 = 0.5 · (−3) = −1.5");
  assert.equal(text.forwardLine(session, at(engine, "n")), "n = sum + b = −6 + 6.881 = 0.8814");
  assert.equal(text.forwardLine(session, at(engine, "x1w1")), "x1w1 = x1 · w1 = 2 · (−3) = −6");
  assert.equal(text.forwardLine(session, engine.root), "o = tanh(n) = tanh(0.8814) = 0.7071");
  assert.equal(text.slopeLine(engine, engine.start[at(engine, "x1w1")]), "∂x1w1/∂x1 = w1 = −3");
  assert.equal(text.slopeLine(engine, engine.start[engine.root]), "∂o/∂n = 1 − o² = 0.5");
});

test("names that are no names stand in brackets", () => {
  const session = new Session(
    build([
      ["total cost", 2],
      ["o", "mul", "total cost", -2],
    ]),
  );
  assert.equal(text.forwardLine(session, session.engine.root), "o = (total cost) · −2 = 2 · (−2) = −4");
  assert.equal(text.partial(session.engine, 0), "∂o/∂(total cost)");
});

test("derivatives are cut out of a line to be set as fractions", () => {
  assert.deepEqual(text.fractions("∂o/∂x1 = ∂o/∂n · ∂n/∂x1 = 2"), [
    ["∂o", "∂x1"],
    " = ",
    ["∂o", "∂n"],
    " · ",
    ["∂n", "∂x1"],
    " = 2",
  ]);
  assert.deepEqual(text.fractions("share of ∂(f(x) + 1)/∂w[0]"), ["share of ", ["∂(f(x) + 1)", "∂w[0]"]]);
  for (const plain of ["1 / x", "∂", "∂(a/∂b", "∂/∂x", "a/∂b", ""]) {
    assert.deepEqual(text.fractions(plain).join(""), plain);
    assert.ok(
      text.fractions(plain).every((part) => typeof part === "string"),
      plain,
    );
  }
});

test("accumulation is a sum of the shares that have come", () => {
  const session = new Session(square());
  const { engine } = session;
  const a = at(engine, "a");
  const t = engine.stepOf(engine.root);
  const shares = text.sharesOf(engine, a);
  assert.equal(text.arrived(engine, shares, t).length, 1);
  assert.equal(text.arrived(engine, shares, session.total).length, 3);
  assert.equal(
    text.sumLine(session, a, shares, 7),
    "∂c/∂a = ∂c/∂c · ∂c/∂a + ∂c/∂b · ∂b/∂a + ∂c/∂b · ∂b/∂a = 1 + 3 + 3 = 7",
  );
  assert.deepEqual(
    receivers(session).map((one) => [one.id, one.sum, one.shares.length, one.all]),
    [[a, 7, 3, 3]],
  );
});

test("each step in a line, and what it did for those who listen", () => {
  const session = new Session(neuron());
  assert.equal(text.stepText(session), "step 11 of 11 · backward · × → x1w1");
  assert.match(
    text.announcement(session),
    /^step 11 of 11, backward, × makes x1w1; gradient of x1 −1.5; gradient of w1 1$/,
  );
  session.go(1);
  assert.equal(text.announcement(session), "step 1 of 11, forward, × makes x1w1: value −6");
  session.first();
  assert.match(text.stepText(session), /^step 0 of 11/);
});

test("gradients to be found are shown nowhere", () => {
  const session = new Session(square({ quiz: { seed: 1, blanks: [0], title: "" } }));
  const { engine } = session;
  const shares = engine.contributions(0);
  assert.equal(text.gradText(session, 0), "?");
  assert.match(text.shareLine(session, { ...shares[0], id: 0 }), /= \?$/);
  assert.match(text.sumLine(session, 0, shares, 7), /= \?$/);
  assert.doesNotMatch(text.announcement(session), /7/);
  assert.match(nudgeText(session, 0, 0.001, engine.nudge(0, 0.001)), /h = \? · 0.001 = \?, actual 0.007001$/);
  assert.doesNotMatch(agreement(session, 0), /7/);
  session.solve(0);
  assert.equal(text.gradText(session, 0), "7");
});

test("a nudge: predicted, actual, and how far they are apart", () => {
  const session = new Session(neuron());
  const { engine } = session;
  const x1 = at(engine, "x1");
  // −1.5 · 0.001 − (1 − o²) · o · (3 · 0.001)² to second order
  const line = nudgeText(session, x1, 0.001, engine.nudge(x1, 0.001));
  assert.match(line, /^x1 \+ 0.001: predicted change of o = ∂o\/∂x1 · h = −1.5 · 0.001 = −0.0015, actual −0.00150318;/);
});

test("a slider reaches around its leaf, and leaves are found by name and group", () => {
  assert.deepEqual(range(0), { min: -1, max: 1 });
  assert.deepEqual(range(-3), { min: -9, max: 3 });
  assert.ok(Math.abs(notch(2) - 0.01) < 1e-12);
  assert.ok(Math.abs(notch(12) - 0.1) < 1e-12);
  const session = new Session(neuron({ groups: [{ name: "Bias", parent: -1 }], group: { b: 0 } }));
  const { engine } = session;
  const leaves = ["x1", "w1", "b"].map((label) => at(engine, label));
  assert.deepEqual(
    filtered(engine, leaves, "W").map((i) => engine.title(i)),
    ["w1"],
  );
  assert.deepEqual(
    filtered(engine, leaves, "bias").map((i) => engine.title(i)),
    ["b"],
  );
  assert.equal(filtered(engine, leaves, " ").length, 3);
});

test("paths: products, their sum, and counts of any size", () => {
  const { engine } = new Session(square());
  const found = engine.paths(0);
  assert.equal(pathSum(engine, 0, found), "∂c/∂a = 3 + 3 + 1 = 7");
  assert.deepEqual(
    found.paths.map((path) => productText(engine, path)),
    ["3 · 1 = 3", "3 · 1 = 3", "1"],
  );
  assert.equal(counted(1234567n), "1,234,567");
  assert.equal(counted(2n ** 100n), "about 1.26 · 10^30");
  assert.deepEqual(shortened([1, 2, 3, 4, 5, 6], 4), [1, 2, null, 5, 6]);
});

test("finding: names before operations before source lines, the rest counted", () => {
  const { engine } = new Session(neuron({ source: { n: "net.py:7" }, lines: { "net.py:7": "n = x + tanh_like" } }));
  const titles = (wanted) => search(engine, wanted).found.map(({ id }) => engine.title(id));
  assert.deepEqual(titles("x1"), ["x1", "x1w1"]);
  assert.deepEqual(titles("tanh"), ["o", "n"]);
  assert.deepEqual(titles("net.py:7"), ["n"]);
  assert.deepEqual(titles("*"), ["x1w1", "x2w2"]);
  assert.deepEqual(titles("  "), []);
  assert.equal(search(engine, "w", 1).more, 3);
});

test("the table sorts, what is not known last", () => {
  const session = new Session(neuron());
  const { engine } = session;
  assert.equal(sorted(session, "value", true)[0], at(engine, "b"));
  assert.equal(sorted(session, "grad", false)[0], at(engine, "x1"));
  session.go(2);
  const known = sorted(session, "value", true).map((i) => session.value(i));
  assert.equal(known.at(-1), null);
  assert.equal(slopesText(session, at(engine, "x1w1")), "−3, 2");
  assert.equal(slopesText(session, engine.root), "–");
});

test("mistakes are counted", () => {
  const session = new Session(twice());
  assert.equal(wrongNodes(session.engine, session.setBug("overwrite")), 1);
});

test("breakpoints in words", () => {
  const { engine } = new Session(neuron());
  assert.match(breakText(engine, { t: 8, node: 9, why: "bound" }, 3), /^stopped at o after step 8: .* larger than 3$/);
  assert.match(breakText(engine, null, 3), /end/);
});

test("a chart has gaps where a number is not finite, and an axis for a constant", () => {
  assert.equal(linePath([1, NaN, 2, 3]).match(/M/g).length, 2);
  assert.deepEqual(extent([NaN]), { low: 0, high: 1 });
  const { low, high } = extent([5, 5]);
  assert.ok(low < 5 && high > 5);
});

test("the time machine: one graph, or nodes of the same label in several", () => {
  const plain = build([
    ["x", 1],
    ["y", "mul", "x", "x"],
  ]);
  const step = (label, x) => ({ label, value: [x, x * x], grad: [2 * x, 1] });
  const one = new Session({ ...plain, run: { steps: [step("first", 1), step("second", 2)] } });
  assert.deepEqual(seriesOf(one, 1), { value: [1, 4], grad: [1, 1] });
  assert.equal(chartedGradient(one, 1), 0); // the root's is always 1
  assert.equal(chartedGradient(one, 0), 0);
  const other = build(
    [
      ["z", 5],
      ["x", 3],
      ["y", "mul", "x", "z"],
    ],
    { values: { y: 15 } },
  );
  other.nodes.grad = [3, 5, "inf"];
  const two = new Session({ ...plain, run: { steps: [step("first", 1), { label: "grown", document: other }] } });
  assert.equal(two.engine.n, 3);
  assert.deepEqual(seriesOf(two, at(two.engine, "x")), { value: [1, 3], grad: [2, 5] });
  assert.ok(Number.isNaN(recordedAt(two, 0, at(two.engine, "z")).value));
  two.setFrame(0);
  assert.deepEqual(recordedAt(two, 1, 1), { value: 15, grad: Infinity });
});
