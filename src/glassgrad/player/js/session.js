/**
 * The state of the player, in one place: the step, the selected node, and the mistake that is switched on. Panels and
 * picture listen to it, and all changes are made here.
 */

import { bugs, makeBug } from "./bugs.js";
import { CONSTANT, Engine, LEAF, number, same } from "./engine.js";
import { said } from "./messages.js";

export const SPEEDS = [0.5, 1, 2, 4, 8, 16, 64]; // Steps per second.

export class Session {
  /** @param {object} document see `glassgrad.player.document` */
  constructor(document) {
    this.whole = document;
    this.run = document.run ?? null;
    this.quiz = document.quiz ?? null;
    this.sealed = document.exercise?.check === false; // if so, this page cannot compute derivatives
    this.solved = new Set();
    this.listeners = new Map();
    this.speed = 2;
    this.playing = false;
    this.breakpoints = { nonfinite: true, bound: null, second: false };
    this.frame = null;
    this.compare = null;
    this.selected = document.selected ?? null;
    this._load(document);
    if (this.run?.steps.length) this._show(this.run.steps.length - 1);
  }

  _load(document) {
    this.document = document;
    this.engine = new Engine(document);
    this.bug = null;
    this.mistake = null;
    this.recorded = null;
    this.total = this.engine.steps.length;
    this.t = this.total;
    this._state = null;
    this.blanks = new Set(this.quiz?.blanks ?? []);
  }

  // Listening

  /** Call `f(detail)` on each event of a kind: step, select, values, bug, play, frame, document, quiz, or * for all. */
  on(kind, f) {
    if (!this.listeners.has(kind)) this.listeners.set(kind, new Set());
    this.listeners.get(kind).add(f);
    return () => this.listeners.get(kind).delete(f);
  }

  emit(kind, detail = null) {
    for (const key of [kind, "*"]) for (const f of [...(this.listeners.get(key) ?? [])]) f(detail, kind);
  }

  // The present view

  /** The state of the engine after the steps done so far. */
  get shown() {
    this._state ??= this.engine.at(this.t);
    return this._state;
  }

  get complete() {
    return this.t === this.total;
  }

  /** The value of node i to show, or null if it is not computed yet. */
  value(i) {
    if (!this.shown.known[i]) return null;
    if (this.mistake) return this.mistake.value[i];
    return this.recorded ? this.recorded.value[i] : this.engine.value[i];
  }

  /** The gradient of node i to show, or null if there is none yet, or if the learner has to find it. */
  grad(i) {
    if (this.engine.kind[i] === CONSTANT || this.hidden(i) || !this.engine.below[i]) return null;
    if (this.mistake) return this.mistake.grad[i];
    if (this.undetermined(i)) return null;
    if (this.complete) return this.recorded ? this.recorded.grad[i] : this.engine.grad[i];
    return this.shown.seen[i] ? this.shown.grads[i] : null;
  }

  /** The local derivative along an edge to show, or null if the learner has to find it. */
  slope(edge) {
    if (this.conceals(edge)) return null;
    return (this.mistake?.slope ?? this.engine.slope)[edge];
  }

  /**
   * The changes in Python since these numbers were computed, `{text, notes, mixed}`. It is null if there are none, or
   * if the page has computed other numbers since.
   */
  get changes() {
    const changes = (this.run ? this.run.steps[this.frame]?.changes : this.document.changes) ?? null;
    return changes === null || this.mistake || this.engine.moved ? null : changes;
  }

  /** The changes as lines of text. */
  get story() {
    return (this.changes?.text ?? []).map(said);
  }

  /** The note on node i if it is stale, or "". */
  note(i) {
    return said(this.changes?.notes[i] ?? "");
  }

  /**
   * The gradient of node i in Python if it differs from the engine's. It is null if it is the same or was never
   * computed, or if a leaf has been moved since.
   */
  python(i) {
    const { engine } = this;
    const grad = engine.python[i];
    if (engine.roots.length > 1) return null; // it may be the sum of several calls of backward(), one for each
    if (this.run || this.quiz || this.document.judged || engine.kind[i] === CONSTANT) return null;
    if (Number.isNaN(grad) || engine.moved) return null;
    if (engine.kind[i] === LEAF && Number.isNaN(engine.python[engine.root])) return null; // of another graph's backward()
    return same(grad, engine.grad[i]) || Math.abs(grad - engine.grad[i]) <= 1e-9 * Math.abs(grad) ? null : grad;
  }

  /**
   * Python's judgement on the gradient of node i in a class of the user's own: `{mark, reason}`, where the mark is 1
   * for right, -1 for wrong and 0 for not judged. It is null if there is none, or if other numbers are shown.
   */
  verdict(i) {
    const { judged } = this.document;
    if (!judged?.marks || this.quiz || this.mistake || this.engine.kind[i] === CONSTANT || this.engine.moved) {
      return null;
    }
    return { mark: judged.marks[i], reason: said(judged.reasons[i] ?? "") };
  }

  /** Whether the learner has to find the gradient of node i. */
  hidden(i) {
    if (this.sealed) return this.engine.kind[i] !== CONSTANT && i !== this.engine.root;
    return this.blanks.has(i) && !this.solved.has(i);
  }

  /** Whether the gradient of node i is not known, because an operation of the user's own class is not known. */
  undetermined(i) {
    return this.document.unknown === true && Number.isNaN(this.engine.grad[i]);
  }

  /** Whether the gradient of node i is left open in formulas. */
  veils(i) {
    return this.hidden(i) || this.undetermined(i);
  }

  /**
   * Whether the local derivative along an edge is left open, because it is not known, or because the learner still has
   * to find a gradient that needs it.
   */
  conceals(edge) {
    if (this.sealed || (this.document.unknown && Number.isNaN(this.engine.slope[edge]))) return true;
    if (this.whole.exercise?.hide !== "local") return false;
    const operand = this.engine.args[edge];
    if (this.blanks.has(operand)) return this.hidden(operand);
    return [...this.blanks].some((i) => this.hidden(i));
  }

  /**
   * Whether the gradient shown for node i agrees with the central difference, or null if that cannot be checked yet.
   */
  agrees(i) {
    const grad = this.mistake || this.complete ? this.grad(i) : null;
    if (grad === null) return null;
    const verdict = this.verdict(i);
    if (verdict) return verdict.mark === 0 ? null : verdict.mark === 1;
    if (this.mistake && this.mistake.name !== "dead_relu" && this.mistake.name !== "saturated_tanh") {
      return same(grad, this.mistake.right[i]) ? this.engine.agrees(i) : false;
    }
    if (this.mistake) return same(grad, this.mistake.right[i]) ? null : false;
    return this.engine.agrees(i, grad);
  }

  // Stepping

  go(t) {
    const to = Math.max(0, Math.min(this.total, Math.round(t)));
    if (Number.isNaN(to) || to === this.t) return;
    this._clearBug();
    this.t = to;
    this._state = null;
    this.emit("step", this.shown.last);
  }

  next() {
    this.go(this.t + 1);
  }

  back() {
    this.go(this.t - 1);
  }

  first() {
    this.go(0);
  }

  last() {
    this.go(this.total);
  }

  /** Go to where node i's gradient has been sent on ("backward") or its value computed ("forward"). */
  jump(i, phase = "backward") {
    this.go(this.engine.stepOf(i, phase));
    this.select(i);
  }

  play() {
    if (this.playing) return;
    if (this.t >= this.total) this.go(0);
    this.playing = true;
    this.emit("play", true);
    this._tick();
  }

  _tick() {
    const every = Math.max(1, Math.round(this.speed / 30)); // pictures a second are limited, steps are not
    this._timer = setTimeout(
      () => {
        if (!this.playing) return;
        this.go(this.t + every);
        if (this.t >= this.total) this.pause();
        else this._tick();
      },
      (1000 * every) / this.speed,
    );
  }

  pause() {
    if (!this.playing) return;
    clearTimeout(this._timer);
    this.playing = false;
    this.emit("play", false);
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  setSpeed(speed) {
    this.speed = speed;
    this.emit("play", this.playing);
  }

  /** Run to the next breakpoint and return `{t, node, why}`. If there is none, run to the end and return null. */
  runToBreak() {
    this.pause();
    this._clearBug();
    const from = this.t >= this.total ? 0 : this.t;
    const stop = this.engine.findBreak(from, this.breakpoints);
    if (stop) {
      this.go(stop.t);
      this.select(stop.node);
    } else this.last();
    this.emit("break", stop);
    return stop;
  }

  select(i) {
    if (i === this.selected) return;
    this.selected = i;
    this.emit("select", i);
  }

  // Experiments

  /** Move a leaf. `quiet` means that the change came from Python, so that it is not sent back. */
  setValue(leaf, x, quiet = false) {
    this.setValues([[leaf, x]], quiet);
  }

  setValues(pairs, quiet = false) {
    if (!pairs.length) return;
    this._clearBug();
    this.recorded = null;
    this.engine.setValues(pairs);
    this._state = null;
    this.emit("values", { leaves: pairs.map(([leaf]) => leaf), quiet });
  }

  /** Move a leaf by h, and return the predicted and the actual change. */
  nudge(leaf, h) {
    const found = this.engine.nudge(leaf, h);
    this.setValue(leaf, this.engine.value[leaf] + h);
    return found;
  }

  /** Do a step of gradient descent on `leaves`, and return the root before and after. */
  descend(leaves, rate) {
    const before = this.engine.value[this.engine.root];
    const { value, grad } = this.engine;
    this.setValues(
      leaves
        .filter((leaf) => !this.sealed || Number.isFinite(grad[leaf]))
        .map((leaf) => [leaf, value[leaf] - rate * grad[leaf]]),
    );
    return { before, after: this.engine.value[this.engine.root] };
  }

  /** Set the leaves back to their values when the page was made, or in the recorded step on view. */
  reset() {
    const { engine } = this;
    if (this.frame !== null) {
      this._show(this.frame);
      this.emit("frame", this.frame);
      return;
    }
    const pairs = [];
    for (let i = 0; i < engine.n; i++) if (engine.kind[i] === LEAF) pairs.push([i, engine.original[i]]);
    this.setValues(pairs);
  }

  /** Switch a mistake on, or off with null, and return its effect. */
  setBug(name, options = {}) {
    this.pause();
    this.mistake = name === null ? null : makeBug(this.engine, name, { node: this.selected, ...options });
    this.bug = name;
    if (name !== null && !this.complete) {
      this.t = this.total;
      this._state = null;
    }
    this.emit("bug", this.mistake);
    return this.mistake;
  }

  bugs() {
    return bugs(this.engine);
  }

  _clearBug() {
    if (!this.mistake) return;
    this.mistake = null;
    this.bug = null;
    this.emit("bug", null);
  }

  // The time machine

  /** Show the recorded step k. */
  setFrame(k) {
    if (!this.run || (k === this.frame && this.recorded)) return;
    this.pause();
    this._show(k);
    this.emit("frame", k);
  }

  setCompare(k) {
    this.compare = k;
    this.emit("frame", this.frame);
  }

  _show(k) {
    const step = this.run.steps[k];
    this.frame = k;
    const document = step.document ?? this.whole;
    if (document !== this.document) {
      const label = this.selected === null ? "" : this.engine.label(this.selected);
      this._load(document);
      this.selected = this._labelled(label);
      this._take(step);
      this.emit("document", document);
      return;
    }
    this._clearBug();
    this._take(step);
    this.t = this.total;
    this._state = null;
  }

  /** Show the numbers of a recorded step with the same graph. */
  _take(step) {
    const columns = step.document?.nodes ?? step;
    step.decoded ??= { value: Float64Array.from(columns.value, number), grad: Float64Array.from(columns.grad, number) };
    this.engine.load(step.decoded.value, step.slopes);
    this.recorded = step.changes?.mixed ? null : step.decoded; // of several forward passes: the engine's make one
  }

  /** The one node with this label, else null. */
  _labelled(label) {
    let found = null;
    for (let i = 0; label && i < this.engine.n; i++) {
      if (this.engine.label(i) !== label) continue;
      if (found !== null) return null;
      found = i;
    }
    return found;
  }

  /** The values and gradients of recorded step k, or null if it has another graph. */
  recording(k) {
    const step = this.run.steps[k];
    if (step.document) return null;
    step.decoded ??= { value: Float64Array.from(step.value, number), grad: Float64Array.from(step.grad, number) };
    return step.decoded;
  }

  /** The value and gradient of node i over the recorded steps, with nan at steps with another graph. */
  series(i) {
    const frames = this.run.steps.map((_, k) => this.recording(k));
    return {
      value: frames.map((frame) => frame?.value[i] ?? NaN),
      grad: frames.map((frame) => frame?.grad[i] ?? NaN),
    };
  }

  // Exercises

  /** The learner found the gradient of node i, or gave up on it. */
  solve(i) {
    this.solved.add(i);
    this.emit("quiz", i);
  }
}
