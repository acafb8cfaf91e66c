/**
 * The answers to an exercise: typed numbers, the line of text that a learner hands in, and the answers that the browser
 * keeps over a reload. `player/line.py` describes and reads the line.
 */

/** A typed number, which may have a real minus sign or a decimal comma, or be a fraction; otherwise nan. */
export function read(text) {
  const [above, below, ...rest] = plain(text)
    .split("/")
    .map((part) => (part === "" ? NaN : Number(part)));
  if (rest.length) return NaN;
  return below === undefined ? above : above / below;
}

function plain(text) {
  return text
    .replace(/\s+/g, "")
    .replace(/[‐‑‒–—−﹣－]/g, "-")
    .split("/")
    .map((part) => part.replace(",", "."))
    .join("/");
}

/**
 * The line of `pairs` `[name, typed]`. Anything but numbers is left out; `shown` means that the solution was opened.
 */
export function lineOf(seed, id, pairs) {
  const told = pairs
    .map(([name, typed]) => [name, typed === "shown" ? typed : answerText(typed)])
    .filter(([, text]) => text)
    .map(([name, text]) => `${encoded(name)}~${text}`);
  const body = `gg1:${seed === null || seed === undefined ? "" : encoded(String(seed))}:${id}:${told.join(";")}`;
  return `${body}:${crc32(body).toString(16).padStart(8, "0")}`;
}

function answerText(typed) {
  const x = read(typed);
  if (Number.isNaN(x)) return "";
  const text = plain(typed);
  return /^[-+.\de/]+$/i.test(text) ? text : String(x);
}

function encoded(text) {
  const percent = (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(text.toWellFormed?.() ?? text).replace(/[!'()*~]/g, percent);
}

/** The CRC-32 of ASCII text, as zlib has it. */
export function crc32(text) {
  let sum = -1;
  for (let i = 0; i < text.length; i++) {
    sum ^= text.charCodeAt(i);
    for (let k = 0; k < 8; k++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}

/**
 * A place in the browser's storage, `{get(), set(data)}`. If a page may not store anything (a sandboxed frame, a
 * setting of the browser, a full disk), it stays empty and does not throw.
 */
export function drawer(key) {
  return {
    get() {
      try {
        return JSON.parse(localStorage.getItem(key));
      } catch {
        return null;
      }
    },
    set(data) {
      try {
        if (data === null) localStorage.removeItem(key);
        else localStorage.setItem(key, JSON.stringify(data));
      } catch {
        // kept for as long as the page is open
      }
    },
  };
}
