/**
 * Light or dark: as the reader chose, or else like the page around the player.
 *
 * Three things tell the theme of a page. Many themes mark an element; `MARKS` and `ROOT_MARKS` list these marks. Most
 * pages have a background. A page with neither is drawn on the browser's canvas, which follows its `color-scheme`. A
 * player in a frame looks at the page around the frame, if the browser lets it. In a notebook, that page tells the
 * frame its theme (`frame` in page.py).
 */

export const THEMES = ["auto", "light", "dark"];

const OPAQUE = 0.5;
const PREFERRED = "(prefers-color-scheme: dark)";
const SETTLED = 450; // After so many milliseconds a background has faded to the next theme.

const SYSTEM = "system";
const WORDS = { dark: true, light: false, auto: SYSTEM };
const word = (value) => WORDS[value.toLowerCase()] ?? null;

/**
 * The attributes with which themes mark an element. Each value is true for dark, false for light, or null for neither.
 */
const MARKS = {
  "data-jp-theme-light": (value) => ({ false: true, true: false })[value] ?? null, // JupyterLab
  "data-md-color-scheme": (value) => ({ slate: true, default: false })[value] ?? null, // MkDocs Material
  "data-bs-theme": word, // Bootstrap 5.3, MkDocs
  "data-theme": word, // Jupyter Book 1, Docusaurus, Furo
  "data-color-mode": word, // GitHub
};

/** Attributes that are so common that they count only on <html> and <body>. */
const ROOT_MARKS = { theme: word /* Colab */, "data-mode": word, class: byClass };

const DARK = new Set(["quarto-dark", "dark", "coal", "navy", "ayu", "vscode-dark", "vscode-high-contrast"]);
const LIGHT = new Set(["quarto-light", "light", "rust", "vscode-light", "vscode-high-contrast-light"]);

/** The classes of Quarto, MyST and Jupyter Book 2, mdBook and VS Code. */
function byClass(value) {
  const names = value.split(/\s+/);
  if (names.some((name) => LIGHT.has(name))) return false; // first: light high contrast has the dark one's name too
  return names.some((name) => DARK.has(name)) ? true : null;
}

/**
 * The theme by the marks of an element: true for dark, false for light, "system" for either, or null if it has none.
 */
function marked({ name, marks }) {
  const outermost = name === "html" || name === "body";
  for (const [attribute, read] of Object.entries(outermost ? { ...MARKS, ...ROOT_MARKS } : MARKS)) {
    const said = typeof marks[attribute] === "string" ? read(marks[attribute]) : null;
    if (said !== null) return said;
  }
  return null;
}

/** Whether a computed colour is dark, or null if it is transparent. */
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
 * Whether the theme is dark. It depends on the reader's choice, on the elements `around` the player (`{name, marks,
 * background}`, innermost first), and on the `canvas` behind them.
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

/** The elements around an element, in its page and in the pages around its frame, in the form for `isDark`. */
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

/** An element and all its ancestors, also outside shadow roots, up to the root of its document. */
function* outwards(element) {
  for (let at = element; at; at = at.parentElement ?? at.getRootNode().host ?? null) yield at;
}

/** The frame element of a document, if the browser lets us look at the page around. */
function frameOf(element) {
  try {
    return element.ownerDocument.defaultView.frameElement;
  } catch {
    return null;
  }
}

/** The colour of an empty page. Its `color-scheme` decides, as a style or a `<meta>`. */
function canvasOf(page) {
  const probe = page.createElement("div");
  probe.style.backgroundColor = "Canvas";
  page.documentElement.append(probe);
  const colour = page.defaultView.getComputedStyle(probe).backgroundColor;
  probe.remove();
  return colour;
}

/** Keep the theme of the host equal to `choice()` or to the page. Returns `{apply, stop}`. */
export function themed(host, choice) {
  let timer = null;
  let told = null; // the theme that a page told us, because we may not look at it
  const apply = () => {
    const near = host.parentElement ?? host.getRootNode().host; // the colours of the host itself are the player's
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

/** Call `changed` when the theme around `host` may have changed, in its page or in those around its frame. */
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
