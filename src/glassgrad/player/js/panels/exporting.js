/** The menu "Export": the current view as SVG or PNG, the step's chain rule as LaTeX. */

import { button, download, h, setText } from "../dom.js";
import { png, svg } from "../export.js";
import { t } from "../messages.js";
import { stepLatex } from "./step.js";

/** A text as the first part of a file's name. */
export function stem(text) {
  return text
    .normalize("NFKD")
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 40);
}

/** A title as a file's name. */
export function fileName(title, step) {
  return t("export.file", { stem: stem(title) || t("export.graph"), step });
}

export function exportMenu(ui) {
  const { session } = ui;
  const said = h("span", { role: "status" });
  const file = () => fileName(session.whole.title ?? "", session.t);
  const item = (text, act) =>
    button(text, async () => {
      try {
        await act();
        setText(said, "");
        close();
      } catch (error) {
        setText(said, t("export.impossible", { error: error.message }));
      }
    });
  const element = h(
    "details",
    {
      class: "ui-menu",
      on: { focusout: (event) => event.relatedTarget && !element.contains(event.relatedTarget) && close() },
    },
    h("summary", {}, t("export.menu")),
    h(
      "div",
      { class: "ui-items" },
      item(t("export.svg"), () => download(`${file()}.svg`, svg(ui.graph), "image/svg+xml")),
      item(t("export.png"), async () => download(`${file()}.png`, await png(ui.graph), "image/png")),
      item(t("export.tex"), () => download(`${file()}.tex`, `${stepLatex(session)}\n`, "application/x-tex")),
      said,
    ),
  );

  /** Close the menu, and return whether it was open. */
  function close() {
    if (!element.open) return false;
    const inside = element.contains(ui.focused());
    element.open = false;
    if (inside) element.querySelector("summary").focus();
    return true;
  }

  return { element, close };
}
