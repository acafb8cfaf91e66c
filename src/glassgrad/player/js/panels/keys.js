/** The keys of the player: what each does, for the dispatcher and for the help in one place. */

/** `keys` as `KeyboardEvent.key` has them, `shown` as people read them, and the action's name. */
export const KEYS = [
  { keys: ["ArrowRight", "n", "N"], shown: "→ or n", action: "next", text: "one step on" },
  { keys: ["ArrowLeft", "p", "P"], shown: "← or p", action: "back", text: "one step back" },
  { keys: [" "], shown: "Space", action: "toggle", text: "play, pause" },
  { keys: ["Home", "0"], shown: "Home or 0", action: "first", text: "to the start: nothing computed" },
  { keys: ["End", "e", "E"], shown: "End or e", action: "last", text: "to the end: all gradients known" },
  { keys: ["b", "B"], shown: "b", action: "break", text: "run to the next breakpoint" },
  { keys: ["j", "J"], shown: "j", action: "jump", text: "jump to the selected node's backward step" },
  { keys: ["/"], shown: "/", action: "find", text: "find a node by label, operation or source line" },
  { keys: ["t", "T"], shown: "t", action: "table", text: "the table view" },
  { keys: ["l", "L"], shown: "l", action: "leaves", text: "the leaves" },
  { keys: ["g", "G"], shown: "g", action: "fit", text: "the whole graph in view" },
  { keys: ["+", "="], shown: "+", action: "zoomIn", text: "zoom in" },
  { keys: ["-", "_"], shown: "−", action: "zoomOut", text: "zoom out" },
  { keys: ["1", "2", "3", "4", "5", "6", "7", "8"], shown: "1 … 8", action: "tab", text: "open a panel" },
  { keys: ["Escape"], shown: "Esc", action: "escape", text: "leave a field, close what is open, else select nothing" },
  { keys: ["?"], shown: "?", action: "help", text: "this list" },
];

const OWN = new Set(["INPUT", "SELECT", "TEXTAREA"]);
const CHOSEN = new Set(["range", "checkbox", "radio", "button"]); // fields that no letter goes into
const PRESSED = new Set(["BUTTON", "SUMMARY", "A"]);
const ARROWS = new Set(["ArrowLeft", "ArrowRight"]);
const MOVES = new Set([...ARROWS, "Home", "End"]);

/** Whether an element takes keys as text or choices. */
export function isField(element) {
  if (CHOSEN.has(element?.type)) return false;
  return OWN.has(element?.tagName?.toUpperCase?.()) || element?.isContentEditable === true;
}

/**
 * The action of a key that was pressed on `target`, or null: never inside a field, and not where the element itself
 * has a use for the key.
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
