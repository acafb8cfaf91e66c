/** The panels behind tabs, after the ARIA pattern: there is one tab stop, and arrow keys move. */

import { freshId, h, setAttribute } from "../dom.js";
import { t } from "../messages.js";

/** The tab that an arrow key leads to from tab `at` of `count`, or null for other keys. */
export function moved(key, at, count) {
  if (key === "ArrowRight") return (at + 1) % count;
  if (key === "ArrowLeft") return (at + count - 1) % count;
  return null; // Home and End go to the first and last step of the player
}

/**
 * Scroll the `list` to its `tab`, and nothing else: scrollIntoView() moves the page, too, and the page around a frame.
 */
function reveal(tab, list) {
  const [inner, outer] = [tab, list].map((element) => element.getBoundingClientRect());
  list.scrollLeft += Math.min(0, inner.left - outer.left) + Math.max(0, inner.right - outer.right);
}

export function tabs(panels, opened) {
  let current = null;
  const parts = panels.map((panel, k) => {
    const id = freshId(panel.name);
    const tab = h(
      "button",
      {
        type: "button",
        role: "tab",
        id: `${id}-tab`,
        "aria-controls": id,
        title: `${panel.title} (${k + 1})`,
        on: { click: () => open(panel.name) },
      },
      panel.title,
    );
    const body = h(
      "div",
      {
        role: "tabpanel",
        id,
        "aria-labelledby": `${id}-tab`,
        tabindex: 0,
        class: `ui-panel ui-panel-${panel.name}`,
        hidden: true,
      },
      panel.element,
    );
    return { panel, tab, body };
  });
  const list = h(
    "div",
    { role: "tablist", "aria-label": t("app.panels"), class: "ui-tabs", on: { keydown: (event) => key(event) } },
    parts.map(({ tab }) => tab),
  );
  const id = freshId("panels");
  const heading = h("h2", { class: "ui-hidden", id }, t("app.panels"));
  const element = h(
    "section",
    { class: "ui-side", "aria-labelledby": id },
    heading,
    list,
    parts.map(({ body }) => body),
  );

  /** Open a panel, and move the focus to its `tab` or to the `body`, where arrow keys step. */
  function open(name, focus = null) {
    for (const { panel, tab, body } of parts) {
      const on = panel.name === name;
      setAttribute(tab, "aria-selected", String(on));
      setAttribute(tab, "tabindex", on ? 0 : -1);
      body.hidden = !on;
      if (on && focus) (focus === "tab" ? tab : body).focus({ preventScroll: focus === "tab" });
      if (on) current = panel;
      if (on) reveal(tab, list);
    }
    opened(current);
  }

  function key(event) {
    const at = parts.findIndex(({ panel }) => panel === current);
    const to = event.ctrlKey || event.metaKey || event.altKey ? null : moved(event.key, at, parts.length);
    if (to === null) return;
    event.preventDefault();
    open(parts[to].panel.name, "tab");
  }

  return {
    element,
    open,
    get current() {
      return current;
    },
  };
}
