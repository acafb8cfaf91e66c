/** Places for the camera, and hints that the picture goes on beyond the window. */

import { button, h } from "./dom.js";
import { t } from "./messages.js";

const BEYOND = 12; // A hint appears if the picture goes on by so many pixels.
const TOLD = 1600; // A hint stays for so many milliseconds.
const MAC = /Mac|iP/.test(globalThis.navigator?.platform ?? "");
const WAYS = { left: [1, 0], right: [-1, 0], up: [0, 1], down: [0, -1] };
const SIDES = Object.keys(WAYS);

/** The smallest rectangle around all `boxes`. */
export function around(boxes) {
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  const right = Math.max(...boxes.map((box) => box.x + box.width));
  const bottom = Math.max(...boxes.map((box) => box.y + box.height));
  return { x, y, width: right - x, height: bottom - y };
}

/** `rect` grown by as many of the `boxes`, in their order, as a window has room for. */
export function grown(rect, boxes, { width, height }) {
  return boxes.reduce((now, box) => {
    const next = around([now, box]);
    return next.width <= width && next.height <= height ? next : now;
  }, rect);
}

/** The camera that has `rect` in the middle of the window, at scale 1. */
export function centred(rect, { width, height }) {
  return { k: 1, x: width / 2 - rect.x - rect.width / 2, y: height / 2 - rect.y - rect.height / 2 };
}

/** `camera` moved so that no edge of the window is empty while there is more picture beyond another. */
export function clamped({ k, x, y }, picture, window, top) {
  return {
    k,
    x: between(x, picture.width * k, 0, window.width),
    y: between(y, picture.height * k, top, window.height),
  };
}

function between(start, long, low, high) {
  if (long <= high - low) return (low + high - long) / 2;
  return Math.min(low, Math.max(high - long, start));
}

/** The camera on towards a side, by most of a window. */
export function further({ k, x, y }, side, { width, height }) {
  const [dx, dy] = WAYS[side];
  return { k, x: x + 0.75 * dx * width, y: y + 0.75 * dy * height };
}

/** The hints over a picture: that it goes on beyond an edge, and how it is zoomed. */
export class Hints {
  /** @param {(side: string) => void} go called when more is asked for at a side */
  constructor(go) {
    this.more = SIDES.map((side) => {
      const label = t(`sight.${side}_label`);
      return button(t(`sight.${side}`), () => go(side), {
        class: `gg-more gg-more-${side}`,
        "aria-label": label,
        hidden: true,
      });
    });
    const wheel = t(MAC ? "sight.wheel_mac" : "sight.wheel");
    this.told = h("p", { class: "gg-told", "aria-hidden": "true", hidden: true }, wheel);
    this.elements = [...this.more, this.told];
  }

  /** Hint at the sides where the picture goes on, seen by the camera `now` through a window. */
  update({ k, x, y }, picture, window) {
    const beyond = {
      left: -x,
      right: x + picture.width * k - window.width,
      up: -y,
      down: y + picture.height * k - window.height,
    };
    SIDES.forEach((side, i) => (this.more[i].hidden = beyond[side] < BEYOND));
  }

  /** Say how to zoom to those whose wheel has just gone to the page. */
  tell() {
    this.told.hidden = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.told.hidden = true), TOLD);
  }

  stop() {
    clearTimeout(this.timer);
  }
}
