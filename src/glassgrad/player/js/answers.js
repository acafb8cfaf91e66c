/**
 * The answers to an exercise: numbers as people type them, the line of text that is handed in, and what the browser
 * keeps over a reload. The line is described, and read, in ``player/line.py``.
 */

/** A number as people type it: with a real minus sign, a decimal comma, or as a fraction; nan for what is none. */
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

/** The line of `pairs`, `[name, typed]`; what is no number is left out, and `shown` stands for a solution looked at. */
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
 * A drawer of the browser's memory, `{get(), set(data)}`. Where a page may keep nothing (a sandboxed frame, a browser
 * that was told so, a full disk), it is empty, and nothing is thrown.
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
