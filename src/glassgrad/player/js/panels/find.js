/** Finding nodes by label, operation or source line. */

import { fill, freshId, h, setAttribute } from "../dom.js";
import { t } from "../messages.js";
import { groupPath, sign } from "./text.js";

const MOST = 60;

/**
 * The nodes that fit `text`, best first: `{found: [{id, why}], more}`. Labels come before operations, operations before
 * source lines, and whole words before parts of words.
 */
export function search(engine, text, most = MOST) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return { found: [], more: 0 };
  const ranks = [[], [], [], [], []];
  for (let id = 0; id < engine.n; id++) {
    const rank = ranked(engine, id, wanted);
    if (rank !== null) ranks[rank[0]].push({ id, why: rank[1] });
  }
  const all = ranks.flat();
  return { found: all.slice(0, most), more: Math.max(0, all.length - most) };
}

function ranked(engine, id, wanted) {
  const title = engine.title(id).toLowerCase();
  if (title === wanted) return [0, sign(engine, id)];
  if (title.startsWith(wanted)) return [1, sign(engine, id)];
  const operation = engine.operation(id);
  if (
    operation &&
    (operation.name === wanted || operation.symbol.toLowerCase() === wanted || sign(engine, id) === wanted)
  ) {
    return [2, sign(engine, id)];
  }
  if (title.includes(wanted)) return [3, sign(engine, id)];
  const source = engine.source(id);
  const line = engine.document.lines?.[source] ?? "";
  if (source && (source.toLowerCase().includes(wanted) || line.toLowerCase().includes(wanted))) {
    return [4, line ? `${source.split(/[\\/]/).at(-1)}  ${line}` : source];
  }
  if (operation?.name.includes(wanted)) return [4, operation.name];
  return null;
}

export function findBox(ui) {
  const { session } = ui;
  const listId = freshId("results");
  let found = [];
  let more = 0;
  let at = -1;

  const input = h("input", {
    type: "search",
    role: "combobox",
    "aria-label": t("find.label"),
    "aria-expanded": "false",
    "aria-controls": listId,
    "aria-autocomplete": "list",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: t("find.placeholder"),
    on: { input: () => look(), keydown: (event) => key(event), focus: () => found.length && open(true) },
  });
  const list = h("ul", { id: listId, role: "listbox", "aria-label": t("find.found"), hidden: true });
  const count = h("span", { class: "ui-hidden", role: "status" });
  const element = h(
    "div",
    { class: "ui-find", role: "search", on: { focusout: (event) => leave(event) } },
    input,
    list,
    count,
  );

  function look() {
    ({ found, more } = search(session.engine, input.value));
    at = -1;
    const items = found.map(({ id, why }, k) =>
      h(
        "li",
        {
          id: `${listId}-${k}`,
          role: "option",
          "aria-selected": "false",
          on: { pointerdown: (event) => event.preventDefault(), click: () => go(k) },
        },
        h("span", { class: "ui-name" }, session.engine.title(id)),
        h("span", { class: "ui-why" }, [groupPath(session.engine, id), why].filter(Boolean).join(" · ")),
      ),
    );
    const wanted = input.value.trim();
    const n = found.length;
    const text = more ? t("find.more", { shown: n, more }) : t("count.node", { n, count: n });
    if (wanted) {
      items.push(
        h(
          "li",
          { role: "option", "aria-disabled": "true", "aria-selected": "false", class: "ui-count" },
          n ? text : t("find.nothing"),
        ),
      );
    }
    fill(list, items);
    count.textContent = wanted ? text : "";
    open(wanted !== "");
  }

  function open(on) {
    list.hidden = !on;
    setAttribute(input, "aria-expanded", String(on));
    if (!on) setAttribute(input, "aria-activedescendant", null);
  }

  function mark(k) {
    if (at >= 0) setAttribute(list.children[at], "aria-selected", "false");
    at = k;
    const item = list.children[k];
    setAttribute(item, "aria-selected", "true");
    setAttribute(input, "aria-activedescendant", item.id);
    if (item.offsetTop < list.scrollTop) list.scrollTop = item.offsetTop;
    const low = item.offsetTop + item.offsetHeight - list.clientHeight;
    if (low > list.scrollTop) list.scrollTop = low;
  }

  function go(k) {
    open(true);
    mark(k);
    ui.show(found[k].id);
  }

  function key(event) {
    const count = found.length;
    if (event.key === "Escape") {
      open(false);
      ui.leave();
    } else if (!count) return;
    else if (event.key === "Enter") {
      go((at + (event.shiftKey ? count - 1 : 1) + (event.shiftKey && at < 0 ? 1 : 0)) % count);
    } else if (event.key === "ArrowDown") mark((at + 1) % count);
    else if (event.key === "ArrowUp") mark((at + count - 1 + (at < 0 ? 1 : 0)) % count);
    else return;
    if (list.hidden && event.key !== "Escape") open(true);
    event.preventDefault();
    event.stopPropagation();
  }

  function leave(event) {
    if (!element.contains(event.relatedTarget)) open(false);
  }

  return {
    element,
    focus() {
      input.focus();
      input.select();
    },
    rebuild() {
      found = [];
      fill(list);
      open(false);
    },
  };
}
