/**
 * Light or dark: as chosen, else as the page around the player is.
 *
 * A page says it in one of three ways. Themes mark an element: `MARKS` and `ROOT_MARKS` list how. Any page has a background. A page
 * without either is drawn on the browser's canvas, which follows its `color-scheme`. A player in a frame asks the page
 * around the frame, if the browser lets it; a frame of another origin gets that page's scheme from the browser.
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

/** What an element's own marks say: true for dark, false for light, "system" for either, null for nothing. */
function marked(element) {
  const outermost = element.localName === "html" || element.localName === "body";
  for (const [attribute, read] of Object.entries(outermost ? { ...MARKS, ...ROOT_MARKS } : MARKS)) {
    const value = element.getAttribute(attribute);
    const said = value === null ? null : read(value);
    if (said !== null) return said;
  }
  return null;
}

/** Whether a computed colour is dark; null where it lets through what is behind it. */
export function darkColour(text) {
  const numbers = text.match(/[\d.]+(?:e-?\d+)?%?/g)?.map((part) => parseFloat(part) / (part.endsWith("%") ? 100 : 1));
  if (!numbers || numbers.length < 3) return null;
  const [, kind] = text.match(/^(\w+)\(/) ?? [];
  const [a, b, c, alpha = 1] = numbers;
  if (alpha < OPAQUE) return null;
  if (kind === "rgb" || kind === "rgba") return 0.299 * a + 0.587 * b + 0.114 * c < 128;
  if (kind === "color") return 0.299 * a + 0.587 * b + 0.114 * c < 0.5;
  if (kind === "oklch" || kind === "oklab") return a < 0.6;
  return kind === "lab" || kind === "lch" ? (a > 1 ? a / 100 : a) < 0.5 : null;
}

/** An element and all around it, out of shadow roots, up to the root of its document. */
function* around(element) {
  for (let at = element; at; at = at.parentElement ?? at.getRootNode().host ?? null) yield at;
}

/** Whether what surrounds `element` is dark. */
export function isDark(choice, element) {
  if (choice !== "auto") return choice === "dark";
  for (const one of around(element)) {
    const said = marked(one);
    if (said !== null) return said === SYSTEM ? system(element.ownerDocument) : said;
  }
  for (const one of around(element)) {
    const said = darkColour(one.ownerDocument.defaultView.getComputedStyle(one).backgroundColor);
    if (said !== null) return said;
  }
  const frame = frameOf(element);
  return frame ? isDark(choice, frame) : darkCanvas(element.ownerDocument);
}

/** The element of the frame that a document is in, if the page around may be looked at. */
function frameOf(element) {
  try {
    return element.ownerDocument.defaultView.frameElement;
  } catch {
    return null;
  }
}

/** Whether the browser paints an empty page dark: by its `color-scheme`, as a style or a `<meta>`. */
function darkCanvas(page) {
  const probe = page.createElement("div");
  probe.style.backgroundColor = "Canvas";
  page.documentElement.append(probe);
  const dark = darkColour(page.defaultView.getComputedStyle(probe).backgroundColor);
  probe.remove();
  return dark ?? system(page);
}

function system(page) {
  return page.defaultView.matchMedia(PREFERRED).matches;
}

/** Keep the host's theme as `choice()` and the page have it; returns `{apply, stop}`. */
export function themed(host, choice) {
  let timer = null;
  const apply = () => {
    const near = outside(host);
    if (near) host.toggleAttribute("data-dark", isDark(choice(), near));
  };
  const changed = () => {
    apply();
    clearTimeout(timer);
    timer = setTimeout(apply, SETTLED);
  };
  const offs = watched(host, changed);
  apply();
  return {
    apply,
    stop() {
      clearTimeout(timer);
      for (const off of offs) off();
    },
  };
}

/** The element around the host, whose own colours are the player's. */
function outside(host) {
  return host.parentElement ?? host.getRootNode().host;
}

/** Tell `changed` of whatever may change the theme around `host`, in its page and in those around its frame. */
function watched(host, changed) {
  const offs = [];
  for (let element = outside(host); element; element = frameOf(element)) {
    const view = element.ownerDocument.defaultView;
    const media = view.matchMedia(PREFERRED);
    media.addEventListener("change", changed);
    const watcher = new view.MutationObserver(changed);
    const attributeFilter = [...Object.keys(MARKS), ...Object.keys(ROOT_MARKS), "style"];
    for (const one of around(element)) watcher.observe(one, { attributes: true, attributeFilter });
    const sheets = { childList: true, subtree: true, attributes: true, attributeFilter: ["disabled", "media", "href", "rel"] };
    if (element.ownerDocument.head) watcher.observe(element.ownerDocument.head, { ...sheets, characterData: true });
    offs.push(
      () => watcher.disconnect(),
      () => media.removeEventListener("change", changed),
    );
  }
  return offs;
}
