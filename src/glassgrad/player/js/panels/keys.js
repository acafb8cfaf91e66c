/** The keys of the player and their actions, in one place for the dispatcher and for the help. */

import { t } from "../messages.js";

/** `keys` are values of `KeyboardEvent.key`, `shown` is their text, `action` a name, and `text` a line for the help. */
export const KEYS = [
  { keys: ["ArrowRight", "n", "N"], shown: () => t("shown.next"), action: "next", text: () => t("keys.next") },
  { keys: ["ArrowLeft", "p", "P"], shown: () => t("shown.back"), action: "back", text: () => t("keys.back") },
  { keys: [" "], shown: () => t("shown.toggle"), action: "toggle", text: () => t("keys.toggle") },
  { keys: ["Home", "0"], shown: () => t("shown.first"), action: "first", text: () => t("keys.first") },
  { keys: ["End", "e", "E"], shown: () => t("shown.last"), action: "last", text: () => t("keys.last") },
  { keys: ["b", "B"], shown: () => "b", action: "break", text: () => t("keys.break") },
  { keys: ["j", "J"], shown: () => "j", action: "jump", text: () => t("keys.jump") },
  { keys: ["/"], shown: () => "/", action: "find", text: () => t("keys.find") },
  { keys: ["t", "T"], shown: () => "t", action: "table", text: () => t("keys.table") },
  { keys: ["l", "L"], shown: () => "l", action: "leaves", text: () => t("keys.leaves") },
  { keys: ["g", "G"], shown: () => "g", action: "fit", text: () => t("keys.fit") },
  { keys: ["+", "="], shown: () => "+", action: "zoomIn", text: () => t("keys.zoomIn") },
  { keys: ["-", "_"], shown: () => "−", action: "zoomOut", text: () => t("keys.zoomOut") },
  { keys: ["1", "2", "3", "4", "5", "6", "7", "8"], shown: () => "1 … 8", action: "tab", text: () => t("keys.tab") },
  { keys: ["Escape"], shown: () => t("shown.escape"), action: "escape", text: () => t("keys.escape") },
  { keys: ["?"], shown: () => "?", action: "help", text: () => t("keys.help") },
];

const OWN = new Set(["INPUT", "SELECT", "TEXTAREA"]);
const CHOSEN = new Set(["range", "checkbox", "radio", "button"]); // These fields take no letters.
const PRESSED = new Set(["BUTTON", "SUMMARY", "A"]);
const ARROWS = new Set(["ArrowLeft", "ArrowRight"]);
const MOVES = new Set([...ARROWS, "Home", "End"]);

/** Whether an element uses keys itself, as text or to choose. */
export function isField(element) {
  if (CHOSEN.has(element?.type)) return false;
  return OWN.has(element?.tagName?.toUpperCase?.()) || element?.isContentEditable === true;
}

/**
 * The action of a key that was pressed on `target`. It is null inside a field, and if the element itself uses the key.
 *
 * @param {Partial<KeyboardEvent>} event
 * @param {*} target
 */
export function actionOf({ key, ctrlKey, metaKey, altKey, defaultPrevented }, target) {
  if (ctrlKey || metaKey || altKey || defaultPrevented) return null;
  if (isField(target)) return null;
  const name = target?.tagName?.toUpperCase?.() ?? "";
  if ((PRESSED.has(name) || target?.type === "checkbox") && (key === " " || key === "Enter")) return null;
  if (target?.type === "range" && MOVES.has(key)) return null;
  if (target?.getAttribute?.("role") === "tab" && ARROWS.has(key)) return null;
  return KEYS.find(({ keys }) => keys.includes(key))?.action ?? null;
}
