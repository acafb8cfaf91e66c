/**
 * The picture of a session: an SVG to look at, to move, and to work in.
 *
 * `Outline` decides which boxes are visible, `compose` places them, and `Camera` looks at them. Here they become
 * elements with the numbers of the session. The document holds only the boxes on the sheet; they come and go as the
 * camera moves. If there are more boxes than anyone can read, they are drawn as a few paths, one for each shade. Then
 * only the boxes that matter (selected, at work, focused) are elements.
 *
 * Classes to style (graph.css): gg-view (the frame), gg-sheet (the svg), gg-box with gg-node | gg-group | gg-repeat |
 * gg-band and gg-leaf gg-root gg-unknown gg-stale gg-selected gg-holds gg-work gg-wrong gg-nonfinite; inside gg-frame
 * gg-shade (with gg-zero gg-plus1…4 gg-minus1…4 gg-bad gg-none) gg-op gg-neck gg-text gg-check gg-alert gg-track
 * gg-done; gg-wire with gg-line gg-slope; gg-active gg-flow gg-amount for the step; gg-cluster gg-cluster-name;
 * gg-tools gg-legend.
 */

import { boxElement, clusterElements, nameWidth, update, updateWire, wireElement } from "./boxes.js";
import { Camera, fitted } from "./camera.js";
import { button, fill, h, setAttribute, svg } from "./dom.js";
import { svg as svgText } from "./export.js";
import { shade } from "./format.js";
import { legend, marks, Overview } from "./marks.js";
import { t } from "./messages.js";
import { neighbour } from "./moves.js";
import { EVERYTHING, Outline } from "./outline.js";
import { compose, SMALL, visible, wirePath } from "./picture.js";
import { centred, clamped, further, grown, Hints } from "./sight.js";

const DETAIL = 450; // Up to so many boxes on the sheet are elements of their own.
const READABLE = 0.34; // Text is drawn at this scale and above.
const FEW = 60; // With at most so many boxes, text is drawn at half that scale too.
const CLEAR = 0.8; // The scale at which a single node is shown.
const LEGIBLE = 9; // The size of the smallest text when a player opens, in CSS pixels.
const LAID_OUT = 400; // With at most so many boxes, several layouts are tried.
const GROUPS = 3; // Groups are closed only if so many boxes remain.
const SLICE = 6; // Gradients are checked for so many milliseconds at a time.
const TALL = 1.1; // The other direction is taken only if it is better by this factor.
const EDGE = 12; // The free margin around a part of a larger picture.
const TOOLS = 36; // The height of the buttons at the top.
const CONSTANT = 2;
const LEAF = 1;

const FIRST = LEGIBLE / SMALL; // the least scale of a first sight

export class GraphView {
  static keys = [
    { shown: () => "← →", text: () => t("keys.edges") },
    { shown: () => "↑ ↓", text: () => t("keys.beside") },
    { shown: () => t("shown.enter"), text: () => t("keys.select") },
    { shown: () => t("shown.backspace"), text: () => t("keys.close_group") },
    { shown: () => t("shown.drag"), text: () => t("keys.move") },
    { shown: () => t("shown.wheel"), text: () => t("keys.zoom") },
  ];

  /**
   * @param {import("./session.js").Session} session
   * @param {HTMLElement} container
   * @param {{direction?: "LR" | "TB" | "auto", alone?: boolean}} options `alone`: a plain wheel zooms, because nothing
   *   else needs it
   */
  constructor(session, container, { direction = "auto", alone = true } = {}) {
    this.session = session;
    this.container = container;
    this.outline = new Outline(session.engine);
    this.asked = direction;
    this.elements = new Map(); // boxes that are elements, by place
    this.lines = new Map(); // and wires
    this.agreement = new Map();
    this._build(alone);
    this.unsized = !this.frame.clientWidth; // a notebook may show the player later
    this._choose();
    this.off = session.on("*", (_, kind) => this._stale(kind));
    this.camera.resized = () => this._resized();
    this.begin();
  }

  _build(alone) {
    const layer = (name) => svg("g", { class: name });
    this.layers = {
      clusters: layer("gg-clusters"),
      overview: svg("g", { class: "gg-overview", "aria-hidden": "true" }),
      wires: svg("g", { class: "gg-wires", "aria-hidden": "true" }),
      names: layer("gg-names"),
      boxes: layer("gg-boxes"),
      marks: svg("g", { class: "gg-marks", "aria-hidden": "true" }),
    };
    this.overview = new Overview(this.layers.overview);
    this.world = svg("g", {}, ...Object.values(this.layers));
    this.svg = svg("svg", { class: "gg-sheet", role: "application", "aria-label": t("graph.label") }, this.world);
    this.legend = svg("svg", { class: "gg-legend", height: 16, width: 0, "aria-hidden": "true" });
    const tool = (text, name, act) => button(text, act, { "aria-label": name, title: name });
    this.turn = tool("⤵", t("graph.turn"), () => this.turnTo(this.direction === "LR" ? "TB" : "LR"));
    this.tools = h(
      "div",
      { class: "gg-tools" },
      (this.opener = tool(t("graph.open"), t("graph.open_label"), () => this.openAll())),
      (this.closer = tool(t("graph.close"), t("graph.close_label"), () => this.closeAll())),
      this.turn,
      tool("−", t("graph.zoom_out"), () => this.zoomBy(1 / 1.4)),
      tool("+", t("graph.zoom_in"), () => this.zoomBy(1.4)),
      tool(t("graph.fit"), t("graph.fit_label"), () => this.fit(true)),
    );
    this.hints = new Hints((side) => this._further(side));
    this.frame = h("div", { class: "gg-view" }, this.svg, this.legend, this.tools, this.hints.elements);
    this.container.append(this.frame);
    this.camera = new Camera(this.frame, this.svg, this.world, {
      rebased: () => this._show(),
      clicked: (event) => this._clicked(event),
      alone,
      unheld: () => this.hints.tell(),
    });
    this.camera.whole = () => this._whole();
    this.frame.addEventListener("keydown", (event) => this._key(event));
    this.frame.addEventListener(
      "click",
      (event) => event.detail === 0 && this._act(event.target.closest?.("[data-key]")),
    );
    this.frame.addEventListener("focusin", (event) => this._focused(event.target));
    const foldable = this.outline.units.length > 1;
    this.opener.hidden = !foldable;
    this.closer.hidden = !foldable;
  }

  // What is on view

  /** Lay out anew what is open, and draw it. */
  relayout() {
    this.view = this.outline.view(this.opened);
    this.picture = compose(this.session.engine, this.view, this.direction);
    const { boxes, wires } = this.picture;
    this.placeOf = new Map(boxes.map((box, b) => [box.key, b]));
    this.ins = boxes.map(() => []);
    this.outs = boxes.map(() => []);
    wires.forEach((wire, w) => {
      this.ins[wire.to].push(w);
      this.outs[wire.from].push(w);
    });
    for (const list of this.ins) list.sort((a, b) => wires[a].port - wires[b].port);
    this.elements.clear();
    this.lines.clear();
    for (const layer of Object.values(this.layers)) layer.replaceChildren();
    this.clusters = this.picture.clusters.map((cluster, c) => (c ? clusterElements(cluster) : null));
    for (const cluster of this.clusters) {
      if (!cluster) continue;
      this.layers.clusters.append(cluster.frame);
      this.layers.names.append(cluster.name);
    }
    this.bundle = null; // all wires as one path, once it is needed
    this.overview.clear();
    this.focus = this.placeOf.has(this.focus) ? this.focus : `n${this.session.engine.root}`;
    if (!this.placeOf.has(this.focus)) this.focus = boxes[this.view.boxOf[this.session.engine.root]].key;
    if (this.camera.base) this._show();
  }

  /**
   * Choose the open groups and the direction such that all of the graph can be read at first: as it is, turned, or with
   * its groups closed. If nothing helps, choose the direction that shows more.
   */
  _choose() {
    const { asked } = this;
    const directions = asked === "auto" ? ["LR", "TB"] : [asked];
    const initial = this.outline.initial();
    const cuts = initial.size && this.outline.units[0].children.length >= GROUPS ? [initial, new Set()] : [initial];
    let best = null;
    for (const opened of cuts) {
      for (const direction of directions) {
        if (best && this.picture.boxes.length > LAID_OUT) break;
        this._lay(opened, direction);
        const { k } = this._fitting();
        if (k >= FIRST) return;
        if (best === null || (opened === initial && k > best.k * TALL)) best = { opened, direction, k };
      }
    }
    if (this.opened !== best.opened || this.direction !== best.direction) this._lay(best.opened, best.direction);
  }

  _lay(opened, direction) {
    this.opened = opened;
    this.direction = direction;
    this.relayout();
  }

  /** "LR": from left to right, "TB": from top to bottom. */
  turnTo(direction) {
    this.direction = direction;
    this.relayout();
    this.fit();
  }

  open(key) {
    if (this.opened.has(key) || !this.outline.byKey.has(key)) return;
    this.opened.add(key);
    this._within(key);
    this.relayout();
    const cluster = this.picture.clusters.find((one) => one.key === key);
    if (cluster) this._look(cluster);
  }

  /** Open the units around an open unit too, because only then it is visible. */
  _within(key) {
    for (let k = this.outline.around(key); k; k = this.outline.around(k)) this.opened.add(k);
  }

  close(key) {
    if (!this.opened.delete(key)) return;
    this.focus = key;
    this.relayout();
    const box = this.picture.boxes[this.placeOf.get(key)];
    if (box) this._look(box);
  }

  openAll() {
    this.opened = this.outline.all(EVERYTHING);
    this.relayout();
    this.fit();
  }

  closeAll() {
    this.opened = new Set();
    this.relayout();
    this.fit();
  }

  /** Open all units that hide node i, and return whether there were any. */
  reveal(i) {
    const keys = this.outline.reveal(i).filter((key) => !this.opened.has(key));
    if (!keys.length) return false;
    for (const key of keys) this.opened.add(key);
    this.relayout();
    return true;
  }

  // Where it is seen from

  _size() {
    return { width: this.picture.width, height: this.picture.height };
  }

  fit(glide = false) {
    this.camera.go(this._fitting(), glide);
    this.fits = "whole";
  }

  /** Show the whole picture if it can be read, else the part around the next or the last step. */
  begin() {
    if (this._fitting().k >= FIRST) {
      this.fit();
    } else {
      const { node } = this.session.shown.last ?? this.session.engine.steps[0];
      const { boxes, wires } = this.picture;
      const b = this.view.boxOf[node];
      const [first, ...operands] = [...this.ins[b].map((w) => wires[w].from), b].map((i) => boxes[i]);
      const { width, height } = this.camera;
      const room = { width: width - 2 * EDGE, height: height - TOOLS - 2 * EDGE };
      const rect = grown(first, [boxes[b], ...operands, ...boxes], room);
      this.camera.go(this._clamped(centred(rect, { width, height: height + TOOLS })));
    }
    this.fits = "first";
  }

  _resized() {
    if (this.fits === "whole") this.fit();
    if (this.fits !== "first") return;
    if (this.unsized) this._choose();
    this.unsized = false;
    this.begin();
  }

  /** Move on towards a side, by most of a window. */
  _further(side) {
    this.fits = null;
    this.camera.go(this._clamped(further(this.camera.now, side, this.camera)), true);
  }

  _clamped(camera) {
    return clamped(camera, this.picture, this.camera, TOOLS);
  }

  /** The camera that shows everything, below the tools. */
  _fitting() {
    const { width, height } = this.camera;
    const camera = fitted({ x: 0, y: 0, ...this._size() }, { width, height: height - TOOLS });
    return { ...camera, y: camera.y + TOOLS };
  }

  zoomBy(factor) {
    this.fits = null;
    this.camera.zoomBy(factor);
  }

  panBy(dx, dy) {
    this.fits = null;
    this.camera.panBy(dx, dy);
  }

  /** Bring node i into view, even if it is in closed groups. */
  center(i) {
    const opened = this.reveal(i);
    const box = this.picture.boxes[this.view.boxOf[i]];
    this.focus = box.key;
    if (!opened && this.camera.now.k >= READABLE && this.camera.holds(box)) {
      this.refresh();
      return;
    }
    this._middle(box, Math.max(this.camera.now.k, CLEAR), !opened);
  }

  _middle(rect, k, glide = true) {
    const { width, height } = this.camera;
    this.fits = null;
    const x = width / 2 - k * (rect.x + rect.width / 2);
    const y = height / 2 - k * (rect.y + rect.height / 2);
    this.camera.go(this._clamped({ k, x, y }), glide);
  }

  /** Show all of `rect` if that is readable, else its beginning. */
  _look(rect) {
    if (this._fitting().k >= 0.6) {
      this.fit();
      return;
    }
    const near = fitted(rect, this.camera, Math.max(this.camera.now.k, 0.6), 24);
    if (near.k < 0.45 && this.picture.boxes.length <= 300) near.k = Math.max(near.k, Math.min(0.45, near.k * 2));
    this.fits = null;
    this.camera.go(near);
  }

  /** Whether the sheet shows the whole picture, so that there is nothing to draw where it does not reach. */
  _whole() {
    const [left, top, right, bottom] = this.camera.region;
    return left <= 0 && top <= 0 && right >= this.picture.width && bottom >= this.picture.height;
  }

  // Drawing

  /** Draw what the sheet shows: from now on, or after the camera has moved. */
  _show() {
    const { boxes, wires } = this.picture;
    const [left, top, right, bottom] = this.camera.region;
    const touches = (x0, y0, x1, y1) => x0 <= right && x1 >= left && y0 <= bottom && y1 >= top;
    const near = [];
    boxes.forEach((box, b) => {
      if (touches(box.x - 10, box.y - 10, box.x + box.width + 10, box.y + box.height + 10)) near.push(b);
    });
    this.far = near.length > DETAIL;
    const { k } = this.camera.base;
    setAttribute(this.world, "class", k < READABLE && (near.length > FEW || k < READABLE / 2) ? "gg-far" : null);
    this.wanted = new Set(this.far ? [] : near);
    this.wires = new Map();
    if (!this.far) {
      wires.forEach((wire, w) => {
        const segments = visible(wire, this.camera.region);
        if (segments) this.wires.set(w, segments);
      });
    }
    this.hints.update(this.camera.now, this.picture, this.camera);
    this.bundled = null;
    if (this.far) this.bundled = this.bundle ??= wires.map((wire) => wirePath(wire, this.picture.at)).join("");
    else if (this.wires.size > 2 * DETAIL) {
      this.bundled = [...this.wires].map(([w, segments]) => wirePath(wires[w], this.picture.at, ...segments)).join("");
      this.wires.clear();
    }
    this.refresh();
  }

  /** Show the numbers of the session, and change only what differs. */
  refresh() {
    if (!this.camera.base) return;
    const { session } = this;
    this._scale();
    this._work();
    this._follow();
    const pinned = new Set([this.placeOf.get(this.focus), ...this.working]);
    if (session.selected !== null) pinned.add(this.view.boxOf[session.selected]);
    if (session.mistake?.first != null) pinned.add(this.view.boxOf[session.mistake.first]);
    this._keep(this.elements, new Set([...this.wanted, ...pinned]), this.layers.boxes, (b) => this._newBox(b));
    this._keep(this.lines, this.wires, this.layers.wires, (w) => wireElement(this.picture.wires[w], ""));
    for (const [b, parts] of this.elements) update(parts, session, this.picture.boxes[b], this._state(b));
    const chosen = session.selected === null ? -1 : this.view.boxOf[session.selected];
    for (const [w, parts] of this.lines) {
      const wire = this.picture.wires[w];
      const [first, last] = this.wires.get(w);
      if (parts.first !== first || parts.last !== last) {
        Object.assign(parts, { first, last });
        parts.line.setAttribute("d", wirePath(wire, this.picture.at, first, last));
      }
      updateWire(parts, session, wire, wire.from === chosen || wire.to === chosen ? "gg-near" : "");
    }
    this.overview.show(this);
    fill(this.layers.marks, marks(this));
    this._legend();
    this._check();
  }

  _newBox(b) {
    const parts = boxElement(this.session, this.picture.boxes[b]);
    if (this.picture.boxes[b].key === this.focus) parts.group.setAttribute("tabindex", 0);
    return parts;
  }

  _keep(map, wanted, layer, make) {
    for (const [key, parts] of map) {
      if (wanted.has(key)) continue;
      parts.group.remove();
      map.delete(key);
    }
    for (const key of wanted.keys()) {
      if (key === undefined || map.has(key)) continue;
      const parts = make(key);
      map.set(key, parts);
      layer.append(parts.group);
    }
  }

  /** Find the largest visible gradient, which has the strongest colour. */
  _scale() {
    this.largest = 0;
    for (const box of this.picture.boxes) {
      if (box.kind !== "node") continue;
      const grad = this.session.grad(box.node);
      if (grad !== null && Number.isFinite(grad)) this.largest = Math.max(this.largest, Math.abs(grad));
    }
  }

  /** The step that was just done, and the boxes in it. */
  _work() {
    const { session } = this;
    const last = session.complete && !session.playing ? null : session.shown.last;
    this.change = last && !session.mistake ? session.engine.change(session.t) : null;
    this.working = new Set();
    if (!this.change) return;
    this.working.add(this.view.boxOf[this.change.node]);
    for (const { id } of this.change.operands) this.working.add(this.view.boxOf[id]);
  }

  /** Keep the step in view while it moves on. */
  _follow() {
    const { session } = this;
    if (session.t === this.at) return;
    const first = this.at === undefined;
    this.at = session.t;
    if (first || !this.change || this.camera.pointers.size) return;
    const box = this.picture.boxes[this.view.boxOf[this.change.node]];
    if (!this.camera.holds(box)) queueMicrotask(() => this._middle(box, this.camera.now.k)); // refresh() comes first
  }

  _state(b) {
    const box = this.picture.boxes[b];
    const { session } = this;
    if (box.kind !== "node") return this._unitState(b, box);
    const i = box.node;
    const { kind, roots } = session.engine;
    const value = session.value(i);
    const grad = session.grad(i);
    const bad = (grad !== null && !Number.isFinite(grad)) || (value !== null && !Number.isFinite(value));
    const classes = [];
    if (kind[i] === LEAF) classes.push("gg-leaf");
    if (roots.includes(i)) classes.push("gg-root");
    if (value === null) classes.push("gg-unknown");
    if (session.note(i)) classes.push("gg-stale");
    if (bad) classes.push("gg-nonfinite");
    if (session.mistake?.first === i) classes.push("gg-wrong");
    if (session.selected === i) classes.push("gg-selected");
    if (this.change?.node === i) classes.push("gg-work");
    return {
      classes: classes.join(" "),
      value,
      grad,
      bad,
      hidden: session.hidden(i),
      shade: kind[i] === CONSTANT || grad === null ? "none" : shade(grad, this.largest),
      agreement: grad === null ? null : (this.agreement.get(i) ?? null),
    };
  }

  _unitState(b, box) {
    const { session } = this;
    const { mistake } = session;
    const { bad, done } = this._inside(box);
    const classes = [];
    if (bad) classes.push("gg-nonfinite");
    if (box.nodes.some((i) => session.note(i))) classes.push("gg-stale");
    if (session.selected !== null && this.view.boxOf[session.selected] === b) classes.push("gg-holds");
    if (mistake?.first != null && this.view.boxOf[mistake.first] === b) classes.push("gg-wrong");
    if (this.change && this.view.boxOf[this.change.node] === b) classes.push("gg-work");
    return { classes: classes.join(" "), bad, done };
  }

  /**
   * Whether a number in a closed box is not finite (`bad`), and which share of its nodes is `done`; null at the end.
   */
  _inside(box) {
    const { session } = this;
    const { complete, mistake, shown, engine } = session;
    const grads = mistake?.grad ?? (complete ? (session.recorded?.grad ?? engine.grad) : shown.grads);
    const values = mistake?.value ?? session.recorded?.value ?? engine.value;
    const backward = session.t > engine.seedAt;
    let bad = false;
    let done = 0;
    for (const i of box.nodes) {
      const constant = engine.kind[i] === CONSTANT;
      const nothing = constant || !engine.below[i]; // no gradient will come back to it
      if (backward ? shown.seen[i] > 0 || nothing : shown.known[i]) done++;
      if (shown.known[i] && !Number.isFinite(values[i])) bad = true;
      if ((complete || shown.seen[i]) && !constant && !Number.isFinite(grads[i])) bad = true;
    }
    return { bad, done: complete ? null : Math.round((100 * done) / box.count) / 100 };
  }

  /** The scale of the colours, as at the foot of the drawings. */
  _legend() {
    if (this.largest === this.scaled) return;
    this.scaled = this.largest;
    const { width, parts } = legend(this.largest);
    fill(this.legend, parts);
    setAttribute(this.legend, "width", width);
  }

  // Agreement with the central difference, in idle time, for what can be read

  _stale(kind) {
    if (kind === "document") return;
    if (kind === "values" || kind === "bug" || kind === "frame") this.checked = new Set();
    this.checked ??= new Set();
  }

  _check() {
    this.checked ??= new Set();
    if (!this.session.complete) {
      this.agreement.clear();
      this.checked.clear();
      return;
    }
    if (this.checking || this.far || this.camera.base.k < READABLE) return;
    if (!this._unchecked()) return;
    const ask = globalThis.requestIdleCallback ?? ((f) => setTimeout(f, 30));
    this.checking = ask(() => this._checkSome(), { timeout: 500 });
  }

  _unchecked() {
    for (const [b] of this.elements) {
      const { kind, node } = this.picture.boxes[b];
      if (kind === "node" && !this.checked.has(node) && this.session.grad(node) !== null) return this.picture.boxes[b];
    }
    return null;
  }

  _checkSome() {
    this.checking = null;
    if (!this.session.complete || !this.camera.base) return;
    const until = performance.now() + SLICE;
    for (let box = this._unchecked(); box; box = performance.now() < until ? this._unchecked() : null) {
      const agrees = this.session.agrees(box.node);
      this.checked.add(box.node);
      this.agreement.set(box.node, agrees === null ? "unknown" : agrees ? "yes" : "no");
      const b = this.placeOf.get(box.key);
      update(this.elements.get(b), this.session, box, this._state(b));
    }
    this._check();
  }

  // Pointers and keys

  _clicked(event) {
    const [x, y] = this.camera.point(event.clientX, event.clientY);
    const inside = (r) => x >= r.x && y >= r.y && x <= r.x + r.width && y <= r.y + r.height;
    const b = this.picture.boxes.findIndex(inside);
    if (b >= 0) {
      this._use(this.picture.boxes[b].key);
      return;
    }
    const name = this.picture.clusters.find(
      (c, k) => k && inside({ x: c.x, y: c.y, width: nameWidth(c) + 8, height: 24 }) && this.camera.now.k >= READABLE,
    );
    if (name) this.close(name.key);
    else this.session.select(null);
  }

  _act(element) {
    if (element) this._use(element.dataset.key);
  }

  /** A click or Enter on a box: select the node, open the group; on a cluster's name: close it. */
  _use(key) {
    const b = this.placeOf.get(key);
    if (b === undefined) {
      this.close(key);
      return;
    }
    const box = this.picture.boxes[b];
    this._roam(b);
    if (box.kind === "node") {
      this.session.select(box.node);
      this.refresh();
    } else {
      const focused = this._hasFocus();
      this.open(key);
      if (focused) this._focusBox(this.view.boxOf[box.nodes[box.nodes.length - 1]]);
    }
  }

  _hasFocus() {
    const active = this.frame.getRootNode().activeElement;
    return active !== null && this.svg.contains(active);
  }

  _key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const element = event.target.closest?.(".gg-box, .gg-cluster-name");
    if (!element) return;
    const { key } = element.dataset;
    const b = this.placeOf.get(key);
    let done = true;
    if (event.key === "Enter" || event.key === " ") {
      this._use(key);
      if (b === undefined) this._focusBox(this.placeOf.get(this.focus));
    } else if (event.key === "Backspace") {
      const around = this.outline.around(key);
      if (around) {
        this.close(around);
        this._focusBox(this.placeOf.get(around) ?? this.placeOf.get(this.focus));
      }
    } else if (event.key.startsWith("Arrow") && b !== undefined) {
      const next = neighbour(this.picture, this.ins, this.outs, b, event.key, this.direction);
      if (next !== null) this._focusBox(next);
    } else done = false;
    if (!done) return;
    event.preventDefault();
    event.stopPropagation();
  }

  _focused(target) {
    const element = target.closest?.(".gg-box");
    if (element && this.placeOf.has(element.dataset.key)) this._roam(this.placeOf.get(element.dataset.key));
  }

  /** Make box b the one that Tab reaches. */
  _roam(b) {
    const before = this.elements.get(this.placeOf.get(this.focus));
    before?.group.setAttribute("tabindex", -1);
    this.focus = this.picture.boxes[b].key;
    this.elements.get(b)?.group.setAttribute("tabindex", 0);
  }

  _focusBox(b) {
    if (b === undefined) return;
    this._roam(b);
    const box = this.picture.boxes[b];
    if (!this.camera.holds(box) || this.camera.now.k < READABLE) {
      this._middle(box, Math.max(this.camera.now.k, READABLE * 1.5), false);
    } else this.refresh();
    this.elements.get(b)?.group.focus({ preventScroll: true, focusVisible: true });
  }

  /** The whole picture as the text of an SVG file. */
  svgText() {
    return svgText(this);
  }

  destroy() {
    this.off();
    this.hints.stop();
    (globalThis.cancelIdleCallback ?? clearTimeout)(this.checking);
    this.camera.destroy();
    this.frame.remove();
  }
}
