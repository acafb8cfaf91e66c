/**
 * Light or dark: as chosen, else as the page around the player is.
 *
 * A page says it in one of three ways. Themes mark an element: `MARKS` and `ROOT_MARKS` list how. Any page has a
 * background. A page without either is drawn on the browser's canvas, which follows its `color-scheme`. A player in a
 * frame looks at the page around the frame, if the browser lets it; in a notebook's frame it is told (`frame` in
 * page.py).
 */

export const THEMES = ["auto", "light", "dark"];

const OPAQUE = 0.5;
const PREFERRED = "(prefers-color-scheme: dark)";
const SETTLED = 450; // ms: backgrounds fade from one theme to the next

const SYSTEM = "system";
const WORDS = { dark: true, light: false, auto: SYSTEM };
const word = (value) => WORDS[value.toLowerCase()] ?? null;

/** Attributes by which themes mark an element, and what a value says: true for dark, null for nothing. */
const MARKS = {
  "data-jp-theme-light": (value) => ({ false: true, true: false })[value] ?? null, // JupyterLab
  "data-md-color-scheme": (value) => ({ slate: true, default: false })[value] ?? null, // MkDocs Material
  "data-bs-theme": word, // Bootstrap 5.3, MkDocs
  "data-theme": word, // Jupyter Book 1, Docusaurus, Furo
  "data-color-mode": word, // GitHub
};

/** And those that are too common to mean anything but on <html> and <body>. */
const ROOT_MARKS = { theme: word /* Colab */, "data-mode": word, class: byClass };

const DARK = new Set(["quarto-dark", "dark", "coal", "navy", "ayu", "vscode-dark", "vscode-high-contrast"]);
const LIGHT = new Set(["quarto-light", "light", "rust", "vscode-light", "vscode-high-contrast-light"]);

/** Quarto, MyST and Jupyter Book 2, mdBook and VS Code say it by a class. */
function byClass(value) {
  const names = value.split(/\s+/);
  if (names.some((name) => LIGHT.has(name))) return false; // first: light high contrast has the dark one's name too
  return names.some((name) => DARK.has(name)) ? true : null;
}

/** What an element's marks say: true for dark, false for light, "system" for either, null for nothing. */
function marked({ name, marks }) {
  const outermost = name === "html" || name === "body";
  for (const [attribute, read] of Object.entries(outermost ? { ...MARKS, ...ROOT_MARKS } : MARKS)) {
    const said = typeof marks[attribute] === "string" ? read(marks[attribute]) : null;
    if (said !== null) return said;
  }
  return null;
}

/** Whether a computed colour is dark; null where it lets through what is behind it. */
export function darkColour(text) {
  const parts = text.replace(/^color\(\S+/, "color(").match(/[\d.]+(?:e-?\d+)?%?/g);
  const numbers = parts?.map((part) => parseFloat(part) / (part.endsWith("%") ? 100 : 1));
  if (!numbers || numbers.length < 3) return null;
  const [, kind] = text.match(/^(\w+)\(/) ?? [];
  const [a, b, c, alpha = 1] = numbers;
  if (alpha < OPAQUE) return null;
  if (kind === "rgb" || kind === "rgba") return 0.299 * a + 0.587 * b + 0.114 * c < 128;
  if (kind === "color") return 0.299 * a + 0.587 * b + 0.114 * c < 0.5;
  if (kind === "oklch" || kind === "oklab") return a < 0.6;
  return kind === "lab" || kind === "lch" ? (a > 1 ? a / 100 : a) < 0.5 : null;
}

/**
 * Whether it is dark, by the choice, by what is `around` the player (`{name, marks, background}` of each element,
 * innermost first) and by the `canvas` behind all of it.
 */
export function isDark(choice, { around = [], canvas = "", system = false }) {
  if (choice !== "auto") return choice === "dark";
  for (const element of around) {
    const said = marked(element);
    if (said !== null) return said === SYSTEM ? system : said;
  }
  for (const { background } of around) {
    const said = darkColour(background);
    if (said !== null) return said;
  }
  return darkColour(canvas) ?? system;
}

/** What is around an element, in its page and in those around its frame, as `isDark` takes it. */
export function surroundings(element) {
  const page = element.ownerDocument;
  const view = page.defaultView;
  const own = [...outwards(element)].map((one) => ({
    name: one.localName,
    marks: Object.fromEntries([...one.attributes].map(({ name, value }) => [name, value])),
    background: view.getComputedStyle(one).backgroundColor,
  }));
  const frame = frameOf(element);
  const outer = frame ? surroundings(frame) : { around: [], canvas: canvasOf(page) };
  return { around: [...own, ...outer.around], canvas: outer.canvas, system: view.matchMedia(PREFERRED).matches };
}

/** An element and all around it, out of shadow roots, up to the root of its document. */
function* outwards(element) {
  for (let at = element; at; at = at.parentElement ?? at.getRootNode().host ?? null) yield at;
}

/** The element of the frame that a document is in, if the page around may be looked at. */
function frameOf(element) {
  try {
    return element.ownerDocument.defaultView.frameElement;
  } catch {
    return null;
  }
}

/** The colour of an empty page: by its `color-scheme`, as a style or a `<meta>`. */
function canvasOf(page) {
  const probe = page.createElement("div");
  probe.style.backgroundColor = "Canvas";
  page.documentElement.append(probe);
  const colour = page.defaultView.getComputedStyle(probe).backgroundColor;
  probe.remove();
  return colour;
}

/** Keep the host's theme as `choice()` and the page have it; returns `{apply, stop}`. */
export function themed(host, choice) {
  let timer = null;
  let told = null; // what a page that may not be looked at has said of itself
  const apply = () => {
    const near = host.parentElement ?? host.getRootNode().host; // the host's own colours are the player's
    if (near) host.toggleAttribute("data-dark", isDark(choice(), { ...surroundings(near), ...told }));
  };
  const changed = () => {
    apply();
    clearTimeout(timer);
    timer = setTimeout(apply, SETTLED);
  };
  const heard = ({ source, data }) => {
    if (source !== globalThis.parent || source === globalThis || data?.glassgrad !== "theme") return;
    told = { around: data.around, canvas: data.canvas };
    apply();
  };
  globalThis.addEventListener("message", heard);
  const offs = watched(host, changed);
  apply();
  return {
    apply,
    stop() {
      clearTimeout(timer);
      globalThis.removeEventListener("message", heard);
      for (const off of offs) off();
    },
  };
}

/** Tell `changed` of whatever may change the theme around `host`, in its page and in those around its frame. */
function watched(host, changed) {
  const offs = [];
  for (let element = host; element; element = frameOf(element)) {
    const view = element.ownerDocument.defaultView;
    const media = view.matchMedia(PREFERRED);
    media.addEventListener("change", changed);
    const watcher = new view.MutationObserver(changed);
    const attributes = [...Object.keys(MARKS), ...Object.keys(ROOT_MARKS), "style"];
    for (const one of outwards(element)) {
      if (one !== host) watcher.observe(one, { attributes: true, attributeFilter: attributes });
    }
    const sheets = ["disabled", "media", "href", "rel"];
    const { head } = element.ownerDocument;
    if (head) watcher.observe(head, { childList: true, subtree: true, attributes: true, attributeFilter: sheets });
    offs.push(
      () => watcher.disconnect(),
      () => media.removeEventListener("change", changed),
    );
  }
  return offs;
}
