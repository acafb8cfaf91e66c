/**
 * The picture as a file: an SVG that needs nothing else, and a PNG of it.
 *
 * The whole picture is drawn again, out of sight and in the light theme. The style of each element is written into its
 * attributes. So the file looks the same everywhere, under any content-security policy.
 */

import { boxElement, clusterElements, update, updateWire, wireElement } from "./boxes.js";
import { svg as element } from "./dom.js";
import { t } from "./messages.js";
import { wirePath } from "./picture.js";

const STYLES = [
  "fill",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-linecap",
  "stroke-linejoin",
  "paint-order",
  "font-family",
  "font-size",
  "font-weight",
  "text-anchor",
];
const DEFAULTS = {
  stroke: "none",
  "stroke-dasharray": "none",
  "stroke-linecap": "butt",
  "stroke-linejoin": "miter",
  "paint-order": "normal",
  "font-weight": "400",
  "text-anchor": "start",
};
const TEXT = new Set(["font-family", "font-size", "font-weight", "text-anchor"]);
const PIXELS = 40e6; // The largest number of pixels in a PNG.
const SIDE = 16_000; // Browsers do not draw a canvas with a larger side.
const FOOT = 24;
const LINE = 14; // of what has changed, below the picture
const LETTER = 6; // its width, generous

/** The picture of `graph` (a GraphView) as the text of an SVG file. */
export function svg(graph) {
  return new XMLSerializer().serializeToString(drawn(graph));
}

/**
 * The picture as an element that needs no style sheet. `blank` leaves room for the gradients that a learner must find.
 */
export function drawn(graph, blank = false) {
  const { picture, session, frame } = graph;
  const story = session.story;
  const width = Math.ceil(Math.max(picture.width, ...story.map((line) => 28 + LETTER * line.length)));
  const height = Math.ceil(picture.height);
  const whole = height + FOOT + LINE * story.length;
  const world = element("g");
  const root = element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${width} ${whole}`,
      width,
      height: whole,
      role: "img",
    },
    element("title", {}, session.whole.title ?? ""),
    element("rect", { class: "gg-paper", x: 0, y: 0, width, height: whole, fill: "#ffffff" }),
    world,
  );
  const clusters = picture.clusters.slice(1).map(clusterElements);
  world.append(...clusters.map((one) => one.frame));
  const chosen = session.selected === null ? -1 : graph.view.boxOf[session.selected];
  for (const wire of picture.wires) {
    const parts = wireElement(wire, wirePath(wire, picture.at));
    updateWire(parts, session, wire, wire.from === chosen || wire.to === chosen ? "gg-near" : "");
    world.append(parts.group);
  }
  world.append(...clusters.map((one) => one.name));
  picture.boxes.forEach((box, b) => {
    const parts = boxElement(session, box);
    const state = graph._state(b);
    update(parts, session, box, state);
    if (blank && state.hidden) parts.grad.textContent = "";
    world.append(parts.group);
  });
  world.append(graph.layers.marks.cloneNode(true));
  const legend = element("g", { transform: `translate(14 ${height})` });
  legend.append(...[...graph.legend.childNodes].map((node) => node.cloneNode(true)));
  root.append(legend);
  story.forEach((line, k) => {
    const at = { x: 14, y: height + FOOT + LINE * k + 8 };
    root.append(element("g", { class: "gg-story" }, element("text", { class: "gg-text gg-small", ...at }, line)));
  });
  inlineBeside(frame, root);
  return root;
}

/** Put `root` beside `frame` for as long as its styles are looked up, in the light theme. */
function inlineBeside(frame, root) {
  const stage = document.createElement("div");
  stage.className = "gg-view";
  stage.style.visibility = "hidden";
  stage.append(root);
  const { host } = frame.getRootNode();
  const dark = host?.hasAttribute("data-dark");
  frame.parentNode.append(stage);
  try {
    if (dark) host.removeAttribute("data-dark"); // nothing is painted in between
    inline(root);
  } finally {
    if (dark) host.setAttribute("data-dark", "");
    root.remove();
    stage.remove();
  }
}

/** Write the styles of everything in `root` into attributes, and leave out what only the page needs. */
function inline(root) {
  const known = new Map(); // elements of the same classes around look alike: ask once
  const jobs = [];
  for (const node of root.querySelectorAll("rect, path, text, circle")) {
    if (node.getAttribute("class") === "gg-paper") continue;
    const around = node.parentNode.closest("[class]").getAttribute("class");
    const key = `${node.localName} ${node.getAttribute("class")} ${around}`;
    if (!known.has(key)) known.set(key, styleOf(node.localName, getComputedStyle(node)));
    jobs.push([node, known.get(key)]);
  }
  for (const [node, style] of jobs) {
    for (const [name, value] of style) node.setAttribute(name, value);
    if (node.getAttribute("paint-order") === "stroke") separateHalo(node);
  }
  for (const node of root.querySelectorAll("*")) {
    for (const { name } of [...node.attributes]) {
      if (
        name === "class" ||
        name === "tabindex" ||
        name === "role" ||
        name.startsWith("aria-") ||
        name.startsWith("data-")
      ) {
        node.removeAttribute(name);
      }
    }
  }
}

/** Make the halo of a text an element before it. In programs that do not know `paint-order`, it would hide the text. */
function separateHalo(text) {
  const halo = text.cloneNode(true);
  text.before(halo);
  for (const name of ["stroke", "stroke-width", "stroke-linejoin"]) text.removeAttribute(name);
  for (const one of [halo, text]) one.removeAttribute("paint-order");
}

/** The attributes that give an element its `style`, without the defaults. */
export function styleOf(name, style) {
  const found = [];
  for (const property of STYLES) {
    if (TEXT.has(property) && name !== "text") continue;
    const value = style.getPropertyValue(property);
    if (!value || value === DEFAULTS[property]) continue;
    if (property.startsWith("stroke-") && style.getPropertyValue("stroke") === "none") continue;
    found.push([property, value]);
  }
  return found;
}

/** The number of pixels for a unit of the picture: two, or as many as a canvas can hold. */
export function density(width, height) {
  return Math.min(2, Math.sqrt(PIXELS / (width * height)), SIDE / width, SIDE / height);
}

/** The picture of `graph` as a PNG, a Blob. */
export async function png(graph) {
  const text = svg(graph);
  const { width, height } = graph.picture;
  const scale = density(width, height + FOOT);
  const image = new Image();
  await new Promise((loaded, failed) => {
    image.onload = loaded;
    image.onerror = () => failed(new Error(t("export.cannot_draw")));
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  });
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round((height + FOOT) * scale));
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done, failed) => {
    canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error(t("export.too_large")))), "image/png");
  });
}
