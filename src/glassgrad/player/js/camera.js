/**
 * The camera on the picture: pan, zoom, and the gestures for them.
 *
 * The sheet is the <svg>, which is larger than the window onto it. During a gesture a CSS transform moves the sheet,
 * which costs the browser no painting. A change of the transform inside paints everything again. It happens when the
 * gesture is over or leaves the sheet. Then `rebased` is called, and draws the part that the sheet now shows.
 */

const NEAR = 4;
const FAR = 0.0005;
const OVER = 0.6; // The sheet is larger than the window by this share on each side.
const STILL = 160; // A gesture is over after so many milliseconds.
const CLICK = 5; // A click may slip by so many pixels.
const TURN = 0.0016; // The zoom for each pixel of the wheel.
const GLIDE = 180; // The duration of a glide, in milliseconds.

/** The camera `{k, x, y}` that shows `rect` in the middle of a window, `k` at most `most`. */
export function fitted(rect, window, most = 1.25, margin = 16) {
  const k = Math.min(
    most,
    Math.max(window.width - 2 * margin, 40) / Math.max(rect.width, 1),
    Math.max(window.height - 2 * margin, 40) / Math.max(rect.height, 1),
  );
  const scale = Math.max(k, FAR);
  return {
    k: scale,
    x: window.width / 2 - scale * (rect.x + rect.width / 2),
    y: window.height / 2 - scale * (rect.y + rect.height / 2),
  };
}

/** `camera` zoomed by `factor` about the point (px, py) of the window. */
export function zoomed({ k, x, y }, factor, px, py) {
  const scale = Math.min(NEAR, Math.max(FAR, k * factor));
  return { k: scale, x: px - ((px - x) * scale) / k, y: py - ((py - y) * scale) / k };
}

/** How the sheet drawn for `base` must be moved to show `camera`: `[scale, dx, dy]`, from the sheet's corner. */
export function moved(base, camera, overX, overY) {
  const s = camera.k / base.k;
  return [s, camera.x - base.x * s + overX * (1 - s), camera.y - base.y * s + overY * (1 - s)];
}

export class Camera {
  /**
   * If `alone`, nothing around the picture scrolls, so a plain wheel zooms. Otherwise the wheel belongs to the page,
   * unless Ctrl or Cmd is down or the picture is *held*, from a click on it until the pointer leaves. `unheld` is
   * called when the page gets the wheel.
   */
  constructor(frame, sheet, world, { rebased, clicked, alone = true, unheld = () => {} }) {
    this.frame = frame;
    this.sheet = sheet;
    this.world = world;
    this.rebased = rebased;
    this.clicked = clicked;
    this.alone = alone;
    this.unheld = unheld;
    this.whole = () => false; // whether the sheet shows the whole picture
    this.resized = () => {}; // called when the window has another size
    this.held = alone;
    this._mark();
    this.now = { k: 1, x: 0, y: 0 };
    this.base = null;
    this.pointers = new Map();
    this.width = frame.clientWidth || 800;
    this.height = frame.clientHeight || 500;
    this._resize();
    this.offs = [];
    const listen = (kind, f, options) => {
      frame.addEventListener(kind, f, options);
      this.offs.push(() => frame.removeEventListener(kind, f, options));
    };
    listen("wheel", (event) => this._wheel(event), { passive: false });
    listen("pointerdown", (event) => this._down(event));
    listen("pointermove", (event) => this._move(event));
    listen("pointerup", (event) => this._up(event));
    listen("pointercancel", (event) => this._up(event, true));
    if (!alone) this._release(listen);
    this.watcher = new ResizeObserver(() => this._sized());
    this.watcher.observe(frame);
  }

  /** The part of the world on the sheet. */
  get region() {
    const { k, x, y } = this.base;
    const left = (-this.overX - x) / k;
    const top = (-this.overY - y) / k;
    return [left, top, left + (this.width + 2 * this.overX) / k, top + (this.height + 2 * this.overY) / k];
  }

  /** The point of the world at a point of the page. */
  point(clientX, clientY) {
    const box = this.frame.getBoundingClientRect();
    return [(clientX - box.left - this.now.x) / this.now.k, (clientY - box.top - this.now.y) / this.now.k];
  }

  /** Whether all of `rect` is in the window, with a margin. */
  holds(rect, margin = 10) {
    const { k, x, y } = this.now;
    return (
      rect.x * k + x >= margin &&
      rect.y * k + y >= margin &&
      (rect.x + rect.width) * k + x <= this.width - margin &&
      (rect.y + rect.height) * k + y <= this.height - margin
    );
  }

  /** Go to a camera at once, or in a short glide. */
  go(camera, glide = false) {
    cancelAnimationFrame(this.gliding);
    const calm = !glide || globalThis.matchMedia?.("(prefers-reduced-motion: reduce)").matches;
    if (calm || !this.base) {
      this.now = camera;
      this.rebase();
      return;
    }
    const from = this.now;
    const start = performance.now();
    const step = (time) => {
      const u = Math.min(1, Math.max(0, (time - start) / GLIDE));
      const e = u * u * (3 - 2 * u);
      const k = from.k * (camera.k / from.k) ** e;
      const mix = (a, b) => a + (b - a) * e;
      this._show({ k, x: mix(from.x, camera.x), y: mix(from.y, camera.y) });
      if (u < 1) this.gliding = requestAnimationFrame(step);
      else this.rebase();
    };
    this.gliding = requestAnimationFrame(step);
  }

  zoomBy(factor, px = this.width / 2, py = this.height / 2) {
    this._later(zoomed(this.target ?? this.now, factor, px, py));
  }

  panBy(dx, dy) {
    const { k, x, y } = this.target ?? this.now;
    this._later({ k, x: x + dx, y: y + dy });
  }

  /** Draw the sheet for where the camera is. */
  rebase() {
    clearTimeout(this.timer);
    this.base = { ...this.now };
    const { k, x, y } = this.base;
    this.world.setAttribute("transform", `translate(${x + this.overX} ${y + this.overY}) scale(${k})`);
    this.sheet.style.transform = "";
    this.rebased();
  }

  _later(camera) {
    cancelAnimationFrame(this.gliding);
    this.target = camera;
    this.frameAsked ??= requestAnimationFrame(() => {
      this.frameAsked = null;
      const next = this.target;
      this.target = null;
      if (next) this._show(next);
    });
  }

  /** Show one frame of a gesture: move the sheet, and draw it again only if it does not reach far enough. */
  _show(camera) {
    this.now = camera;
    const [s, dx, dy] = moved(this.base, camera, this.overX, this.overY);
    const covers =
      dx <= this.overX &&
      dy <= this.overY &&
      dx + (this.width + 2 * this.overX) * s >= this.overX + this.width &&
      dy + (this.height + 2 * this.overY) * s >= this.overY + this.height;
    if ((!covers && !this.whole()) || s > 2.5 || s < 0.3) {
      this.rebase();
      return;
    }
    this.sheet.style.transform = `matrix(${s},0,0,${s},${dx},${dy})`;
    this._rest();
  }

  /** Draw again once nothing moves any more, and no pointer is down. */
  _rest() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.pointers.size ? this._rest() : this.rebase()), STILL);
  }

  _sized() {
    const { clientWidth: width, clientHeight: height } = this.frame;
    if (!width || !height || (width === this.width && height === this.height)) return;
    this.now = { ...this.now, x: this.now.x + (width - this.width) / 2, y: this.now.y + (height - this.height) / 2 };
    this.width = width;
    this.height = height;
    this._resize();
    if (this.base) this.rebase();
    this.resized();
  }

  _resize() {
    this.overX = Math.round(this.width * OVER);
    this.overY = Math.round(this.height * OVER);
    const { style } = this.sheet;
    style.left = `${-this.overX}px`;
    style.top = `${-this.overY}px`;
    style.width = `${this.width + 2 * this.overX}px`;
    style.height = `${this.height + 2 * this.overY}px`;
  }

  // Gestures

  /**
   * Give up the wheel when the mouse leaves or clicks elsewhere. A finger leaves at every touch, and does not count.
   */
  _release(listen) {
    listen("pointerleave", (event) => event.pointerType === "mouse" && !this.pointers.size && this._hold(false));
    const elsewhere = (event) => event.composedPath().includes(this.frame) || this._hold(false);
    const gone = () => this._hold(false);
    document.addEventListener("pointerdown", elsewhere, true);
    globalThis.addEventListener("blur", gone);
    this.offs.push(
      () => document.removeEventListener("pointerdown", elsewhere, true),
      () => globalThis.removeEventListener("blur", gone),
    );
  }

  _hold(on) {
    if (this.alone || on === this.held) return;
    this.held = on;
    this._mark();
  }

  _mark() {
    this.frame.toggleAttribute("data-held", this.held);
  }

  _wheel(event) {
    if (!this.held && !event.ctrlKey && !event.metaKey) {
      this.unheld();
      return;
    }
    event.preventDefault();
    const box = this.frame.getBoundingClientRect();
    const lines = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? this.height : 1;
    // A pinch on a touchpad arrives as small turns of the wheel with Ctrl.
    const turn = event.deltaY * lines * (event.ctrlKey ? 6 : 1);
    this.zoomBy(
      Math.exp(-Math.max(-400, Math.min(400, turn)) * TURN),
      event.clientX - box.left,
      event.clientY - box.top,
    );
  }

  _down(event) {
    if (event.button !== 0 || event.target.closest?.("button")) return;
    if (event.pointerType === "mouse") this._hold(true);
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    this.slipped = this.pointers.size > 1 ? Infinity : 0;
  }

  _move(event) {
    const known = this.pointers.get(event.pointerId);
    if (!known) return;
    const before = this._hand();
    this.slipped += Math.abs(event.clientX - known.x) + Math.abs(event.clientY - known.y);
    known.x = event.clientX;
    known.y = event.clientY;
    if (this.slipped < CLICK) return;
    if (!this.frame.hasPointerCapture(event.pointerId)) this.frame.setPointerCapture(event.pointerId);
    const after = this._hand();
    const box = this.frame.getBoundingClientRect();
    this.panBy(after.x - before.x, after.y - before.y);
    if (before.spread > 0 && after.spread > 0) {
      this.zoomBy(after.spread / before.spread, after.x - box.left, after.y - box.top);
    }
  }

  _up(event, cancelled = false) {
    if (!this.pointers.delete(event.pointerId)) return;
    if (cancelled || this.slipped >= CLICK || this.pointers.size) return;
    this._hold(true);
    this.clicked(event);
  }

  /** The middle of the pointers, and how far they are from it. */
  _hand() {
    const all = [...this.pointers.values()];
    const x = all.reduce((sum, p) => sum + p.x, 0) / all.length;
    const y = all.reduce((sum, p) => sum + p.y, 0) / all.length;
    return { x, y, spread: all.length > 1 ? Math.hypot(all[0].x - x, all[0].y - y) : 0 };
  }

  destroy() {
    clearTimeout(this.timer);
    cancelAnimationFrame(this.gliding);
    if (this.frameAsked) cancelAnimationFrame(this.frameAsked);
    this.watcher.disconnect();
    for (const off of this.offs) off();
  }
}
