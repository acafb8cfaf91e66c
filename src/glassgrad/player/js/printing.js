/**
 * The player on paper. Before the page is printed, the whole picture is drawn again. It is cut into parts if it would
 * be too small to read on one page. `print.css` shows it instead of the view that can be moved.
 */

import { fill, h } from "./dom.js";
import { drawn } from "./export.js";
import { speak, t } from "./messages.js";

const WIDE = 1200; // So many units of the picture are readable across a page of A4.
const PAGE = [700, 880]; // The size of a page of A4 in CSS pixels, without margins and title.
const SHARED = 150; // Neighbouring parts overlap by so much, so that a box at the cut is whole in one of them.

/** Where parts of at most `most` units begin that cover `size`, and how large they are. */
export function parts(size, most) {
  if (size <= most) return { size, starts: [0] };
  const count = Math.ceil((size - SHARED) / (most - SHARED));
  const part = (size - SHARED) / count + SHARED;
  return { size: part, starts: Array.from({ length: count }, (_, k) => k * (part - SHARED)) };
}

/** Have the player `ui` ready whenever the page is printed; returns what ends that. */
export function printing(ui) {
  const framed = self !== top; // a frame keeps its height on paper: the picture must fit into it
  const kinds = ["ui-paper", ui.session.quiz ? "ui-worksheet" : "", framed ? "ui-framed" : ""];
  const paper = h("div", { class: kinds.filter(Boolean).join(" ") });
  const media = matchMedia("print");

  function begin() {
    speak(ui.lang);
    ui.host.removeAttribute("data-dark"); // paper is white
    const picture = drawn(ui.graph, Boolean(ui.session.quiz));
    fill(paper, ui.session.quiz ? names() : null, framed ? picture : tiles(picture));
  }

  function end() {
    paper.replaceChildren();
    ui.themed.apply();
  }

  const changed = () => (media.matches ? begin() : end());
  addEventListener("beforeprint", begin);
  addEventListener("afterprint", end);
  media.addEventListener("change", changed);
  return {
    element: paper,
    stop() {
      removeEventListener("beforeprint", begin);
      removeEventListener("afterprint", end);
      media.removeEventListener("change", changed);
    },
  };
}

function names() {
  return h("div", { class: "ui-names" }, h("span", {}, t("print.name")), h("span", {}, t("print.date")));
}

/** The picture, or its parts row by row, each an element of its own that a page does not break. */
function tiles(picture) {
  const [, , width, height] = picture.getAttribute("viewBox").split(" ").map(Number);
  const across = parts(width, WIDE);
  const scale = Math.min(1, PAGE[0] / across.size);
  const down = parts(height, PAGE[1] / scale);
  return down.starts.flatMap((y) =>
    across.starts.map((x) => {
      const tile = picture.cloneNode(true);
      tile.setAttribute("viewBox", `${x} ${y} ${across.size} ${down.size}`);
      tile.setAttribute("width", across.size);
      tile.setAttribute("height", down.size);
      return tile;
    }),
  );
}
