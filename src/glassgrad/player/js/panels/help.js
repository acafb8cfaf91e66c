/** The dialog with all keys. */

import { button, freshId, h } from "../dom.js";
import { KEYS } from "./keys.js";

export function helpDialog(more) {
  const id = freshId("help");
  const lists = [["Everywhere but in a field", KEYS], ...more].filter(([, keys]) => keys.length);
  const dialog = h(
    "dialog",
    { class: "ui-help", "aria-labelledby": id },
    h("h2", { id }, "Keys"),
    ...lists.flatMap(([title, keys]) => [
      h("h3", {}, title),
      h(
        "dl",
        { class: "ui-keys" },
        keys.flatMap(({ shown, text }) => [h("dt", {}, h("kbd", {}, shown)), h("dd", {}, text)]),
      ),
    ]),
    h(
      "p",
      {},
      "Every number is followed by the graph: leaves are moved in the panel Leaves, by slider, number, or nudge.",
    ),
    button("Close", () => dialog.close(), { class: "ui-primary" }),
  );
  return dialog;
}
