/** The dialog with all keys. */

import { button, freshId, h } from "../dom.js";
import { t } from "../messages.js";
import { KEYS } from "./keys.js";

export function helpDialog(more) {
  const id = freshId("help");
  const lists = [[t("help.everywhere"), KEYS], ...more].filter(([, keys]) => keys.length);
  const dialog = h(
    "dialog",
    { class: "ui-help", "aria-labelledby": id },
    h("h2", { id }, t("help.title")),
    ...lists.flatMap(([title, keys]) => [
      h("h3", {}, title),
      h(
        "dl",
        { class: "ui-keys" },
        keys.flatMap(({ shown, text }) => [h("dt", {}, h("kbd", {}, shown())), h("dd", {}, text())]),
      ),
    ]),
    h("p", {}, t("help.leaves")),
    button(t("help.close"), () => dialog.close(), { class: "ui-primary" }),
  );
  return dialog;
}
