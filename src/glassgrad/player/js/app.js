/**
 * The player: picture, step bar and panels around one session.
 *
 * Every change goes through the session. The app hears of it, and refreshes the visible parts with the next frame. A
 * panel that is not visible is marked, and refreshed when it is opened.
 */

import { button, h, setAttribute, setText } from "./dom.js";
import { GraphView } from "./graph.js";
import { speak, t } from "./messages.js";
import { stepBar } from "./panels/bar.js";
import { bugsPanel } from "./panels/bugs.js";
import { exportMenu } from "./panels/exporting.js";
import { findBox } from "./panels/find.js";
import { helpDialog } from "./panels/help.js";
import { actionOf, isField } from "./panels/keys.js";
import { judgedPanel } from "./panels/judged.js";
import { leavesPanel } from "./panels/leaves.js";
import { nodePanel } from "./panels/node.js";
import { pathsPanel } from "./panels/paths.js";
import { quizPanel } from "./panels/quiz.js";
import { stepPanel } from "./panels/step.js";
import { tablePanel } from "./panels/table.js";
import { tabs } from "./panels/tabs.js";
import { announcement } from "./panels/text.js";
import { themed, THEMES } from "./panels/theme.js";
import { timePanel } from "./panels/time.js";
import { printing } from "./printing.js";
import { firstStep, viewOf } from "./view.js";

// Handlers of these events write text.
const ACTS = ["pointerdown", "click", "keydown", "input", "change", "focusin", "focusout"];
const SPOKEN = 2; // At more steps per second, single steps are not announced.

export class App {
  /**
   * @param {import("./session.js").Session} session
   * @param {HTMLElement} host the element whose shadow root holds the player
   * @param {object} options `page`: whether it has a page of its own; `search`: the query of the page's address, such
   *   as "?step=end"; `answered(answers)`: called when an exercise is graded; `lang`: the language of its texts
   */
  constructor(session, host, { page = false, search = "", answered = () => {}, lang = "en" } = {}) {
    this.session = session;
    this.host = host;
    this.page = page;
    this.answered = answered;
    this.lang = lang;
    speak(lang);
    this.theme = "auto";
    this.root = host.shadowRoot;
    this.offs = [];
    this.alone = page && /** @type {unknown} */ (globalThis.parent) === globalThis; // nothing around it can scroll
    this._panels();
    this.view = viewOf(session.whole, search, { total: session.total, panels: this.panels.map(({ name }) => name) });
    session.go(firstStep(session, this.view.step));
    this._build();
    this._listen();
    this.tabs.open(this.view.panel ?? this._first());
    this.warn(this.view.complaints.join(" "));
    this._flush(new Set(["document"]));
    if (session.selected !== null) this.graph.center(session.selected);
  }

  // For the panels

  focused() {
    return this.root.activeElement;
  }

  /** Select node i and bring it into view, whatever groups it is hidden in. */
  show(i) {
    this.session.select(i);
    this.graph.center(i);
  }

  openTab(name) {
    this.frame.removeAttribute("data-bare");
    this.tabs.open(name, "body");
  }

  /** Show a warning; "" removes it. */
  warn(text) {
    this.notice.textContent = text;
    this.notice.hidden = !text;
  }

  /** Show the error that the last numbers caused in Python; "" removes it. */
  pythonSays(message) {
    speak(this.lang);
    this.warn(message ? t("app.python_says", { message }) : "");
  }

  /** Leave a field, so that keys belong to the player again. */
  leave() {
    this.frame.focus({ preventScroll: true });
  }

  jump() {
    const { session } = this;
    if (session.selected === null) this.find.focus();
    else session.jump(session.selected);
  }

  // Building

  _panels() {
    const { session } = this;
    const makers = [stepPanel, nodePanel, leavesPanel, pathsPanel, bugsPanel, tablePanel];
    if (session.run?.steps.length) makers.push(timePanel);
    if (session.quiz) makers.push(quizPanel);
    else if (session.document.judged) makers.push(judgedPanel);
    if (session.sealed) makers.splice(makers.indexOf(bugsPanel), 1);
    this.panels = makers.map((make) => make(this));
  }

  _build() {
    const { session, view } = this;
    this.kinds = new Map(this.panels.map((panel) => [panel, new Set(["document"])])); // changes not shown yet
    this.tabs = tabs(this.panels, (panel) => this._opened(panel));
    this.bar = stepBar(this);
    this.find = findBox(this);
    this.picture = h("div", { class: "ui-graph" });
    this.help = helpDialog([[t("app.in_the_graph"), GraphView.keys ?? []]]);
    this.live = h("div", { class: "ui-hidden", "aria-live": "polite", "aria-atomic": "true" });
    this.notice = h("p", { class: "ui-notice", role: "status", hidden: true });
    this.changed = h("p", { class: "ui-notice ui-changed", role: "status", hidden: true });
    this.printing = printing(this);
    this.frame = h(
      "div",
      {
        class: this.page ? "ui ui-page" : "ui",
        tabindex: -1,
        "data-compact": view.compact ?? false,
        "data-bare": view.compact && !view.panel && !session.quiz, // nothing but the graph and its steps
        "data-sized": view.height !== undefined,
      },
      this._header(),
      this.notice,
      this.changed,
      this.printing.element,
      h(
        "div",
        { class: "ui-main-area" },
        h("section", { class: "ui-left", "aria-label": t("app.graph") }, this.picture, this.bar.element),
        this.tabs.element,
      ),
      this.live,
      this.help,
    );
    if (view.height) this.frame.style.setProperty("--gg-height", `${view.height}px`);
    this.root.append(this.frame);
    this._draw();
  }

  _draw() {
    this.graph = new GraphView(this.session, this.picture, { direction: this.view.layout, alone: this.alone });
  }

  _header() {
    const title = this.session.whole.title || "glassgrad";
    this.themeButton = button("", () => this._turnTheme(), { class: "ui-theme" });
    this.exports = exportMenu(this);
    const header = h(
      "header",
      { class: "ui-header" },
      h(this.page ? "h1" : "h2", { title }, title),
      this.find.element,
      this.exports.element,
      this.themeButton,
      button("?", () => this._help(), { class: "ui-icon", "aria-label": t("app.help"), title: t("app.keys") }),
    );
    this.themed = themed(this.host, () => this.theme);
    this._nameTheme();
    return header;
  }

  _first() {
    if (this.session.quiz) return "quiz";
    if (this.session.selected !== null) return "node";
    if (this.session.document.judged?.marks?.includes(-1)) return "judged";
    return this.session.frame !== null ? "time" : "step";
  }

  _turnTheme() {
    this.theme = THEMES[(THEMES.indexOf(this.theme) + 1) % THEMES.length];
    this._nameTheme();
    this.themed.apply();
    this.graph.refresh();
  }

  _nameTheme() {
    this.themeButton.textContent = t(`theme.${this.theme}`);
  }

  _help() {
    if (!this.help.open) this.help.showModal();
  }

  // Events

  _listen() {
    const { session } = this;
    this.offs.push(session.on("*", (detail, kind) => this._happened(kind, detail)));
    const listen = (target, kind, f, options) => {
      target.addEventListener(kind, f, options);
      this.offs.push(() => target.removeEventListener(kind, f, options));
    };
    listen(this.page ? document : this.frame, "keydown", (event) => this._key(event));
    for (const kind of ACTS) listen(this.frame, kind, () => speak(this.lang), { capture: true });
    for (const kind of ["pointerup", "click", "keydown"]) {
      listen(this.picture, kind, () => this._touch(), { capture: true });
    }
  }

  /**
   * Note a click or key in the picture. A selection by it opens the panel on the node, unlike a selection by a step.
   */
  _touch() {
    this.touched = true;
    setTimeout(() => (this.touched = false), 0);
  }

  _happened(kind, detail) {
    speak(this.lang);
    if (kind === "document") this._replaced();
    if (kind === "break") this.bar.stopped(detail);
    if (kind === "select" && this.touched && detail !== null) this._explain(detail);
    for (const kinds of this.kinds.values()) kinds.add(kind);
    this.pending ??= new Set();
    this.pending.add(kind);
    this.scheduled ??= requestAnimationFrame(() => {
      this.scheduled = null;
      const kinds = this.pending;
      this.pending = null;
      this._flush(kinds);
    });
  }

  /** Open the panel on node i: its paths for a leaf, else the node itself. Panels for work stay open. */
  _explain(i) {
    const { name } = this.tabs.current;
    const leaf = this.session.engine.kind[i] === 1;
    if (name === "step" || (leaf ? name === "node" : name === "paths")) this.tabs.open(leaf ? "paths" : "node");
  }

  _flush(kinds) {
    speak(this.lang);
    const text = this.session.story;
    setText(this.changed, text.join(" "));
    this.changed.hidden = !text.length;
    this.bar.update();
    this.graph.refresh();
    this._refresh(this.tabs.current);
    if (kinds.has("step")) this._announce();
  }

  _opened(panel) {
    this.host.toggleAttribute("data-wide", panel.name === "table");
    this._refresh(panel);
  }

  _refresh(panel) {
    const kinds = this.kinds.get(panel);
    if (kinds.has("document")) panel.rebuild?.();
    if (kinds.size) panel.update(kinds);
    this.kinds.set(panel, new Set());
  }

  /** Draw a new picture and new lists, because the recorded step has a graph of its own. */
  _replaced() {
    this.graph.destroy?.();
    this.picture.replaceChildren();
    this._draw();
    this.find.rebuild();
  }

  _announce() {
    const { session } = this;
    if (session.playing && session.speed > SPOKEN) return;
    this.live.textContent = announcement(session);
  }

  _key(event) {
    const target = event.composedPath()[0];
    if (this.help.open) return;
    if (event.key === "Escape" && isField(target)) this.leave();
    const action = actionOf(event, target);
    if (action === null) return;
    const { session, graph } = this;
    const act = {
      next: () => session.next(),
      back: () => session.back(),
      toggle: () => session.toggle(),
      first: () => session.first(),
      last: () => session.last(),
      break: () => session.runToBreak(),
      jump: () => this.jump(),
      find: () => this.find.focus(),
      table: () => this.openTab("table"),
      leaves: () => this.openTab("leaves"),
      fit: () => graph.fit(),
      zoomIn: () => graph.zoomBy(1.25),
      zoomOut: () => graph.zoomBy(1 / 1.25),
      tab: () => this.panels[Number(event.key) - 1] && this.openTab(this.panels[Number(event.key) - 1].name),
      escape: () => this.exports.close() || session.select(null),
      help: () => this._help(),
    };
    act[action]();
    event.preventDefault();
    event.stopPropagation();
  }

  destroy() {
    this.session.pause();
    if (this.scheduled) cancelAnimationFrame(this.scheduled);
    for (const off of this.offs) off();
    this.themed.stop();
    this.printing.stop();
    this.graph.destroy?.();
    this.frame.remove();
    setAttribute(this.host, "data-wide", null);
  }
}
