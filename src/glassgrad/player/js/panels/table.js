/** The panel "Table": the graph as a table, for readers who cannot see the picture, or want to sort the nodes. */

import { button, fill, h, setAttribute, setText } from "../dom.js";
import { t } from "../messages.js";
import { MOST, nodeButton, placed } from "./parts.js";
import { gradText, groupPath, num, sign } from "./text.js";

const COLUMNS = ["order", "operation", null, "value", "grad", null]; // The sorting key of each column.

/**
 * The ids in the order of a column: "order" (operands before results), "operation", "value" or "grad". Unknown numbers
 * come last in both directions.
 */
export function sorted(session, key, descending) {
  const { engine } = session;
  const ids = Array.from({ length: engine.n }, (_, i) => i);
  const way = descending ? -1 : 1;
  if (key === "order") return descending ? ids.reverse() : ids;
  if (key === "operation") {
    const signs = ids.map((i) => sign(engine, i));
    return ids.sort((a, b) => way * signs[a].localeCompare(signs[b]) || a - b);
  }
  const numbers = ids.map((i) => session[key](i) ?? NaN);
  const known = (x) => !Number.isNaN(x);
  return ids.sort(
    (a, b) =>
      Number(known(numbers[b])) - Number(known(numbers[a])) ||
      (known(numbers[a]) ? way * (numbers[a] - numbers[b]) : 0) ||
      a - b,
  );
}

/** The local derivatives of node i with respect to its operands, if its value is known. */
export function slopesText(session, i) {
  const { engine } = session;
  if (session.value(i) === null) return "–";
  const slopeText = (edge) => (session.conceals(edge) ? "?" : num(engine.slope[edge]));
  const texts = engine
    .operands(i)
    .slice(0, 8)
    .map((id, place) => (engine.kind[id] === 2 ? "–" : slopeText(engine.start[i] + place)));
  return texts.join(", ") + (engine.operands(i).length > 8 ? ", …" : "");
}

export function tablePanel(ui) {
  const { session } = ui;
  let key = "order";
  let descending = false;
  let page = 0;
  let rows = new Map();
  let ids = [];
  let last = null;

  const caption = h("caption");
  const titles = ["node", "operation", "operands", "value", "gradient", "locals"].map((term) => t(`term.${term}`));
  const heads = COLUMNS.map((column, k) =>
    h("th", { scope: "col" }, column ? button(titles[k], () => sort(column), { class: "ui-sort" }) : titles[k]),
  );
  const body = h("tbody");
  const scroller = h(
    "div",
    { class: "ui-scroll", role: "region", tabindex: 0, "aria-label": t("table.label") },
    h("table", { class: "ui-table" }, caption, h("thead", {}, h("tr", {}, heads)), body),
  );
  const place = h("span", { role: "status" });
  const earlier = button(t("table.earlier"), () => turn(page - 1));
  const later = button(t("table.later"), () => turn(page + 1));
  const pager = h("div", { class: "ui-row" }, earlier, place, later);
  const element = h("div", { class: "ui-fill" }, pager, scroller);

  function sort(column) {
    descending = key === column ? !descending : column === "grad" || column === "value";
    key = column;
    page = 0;
    build();
  }

  function turn(to) {
    page = to;
    show();
  }

  function build() {
    ids = sorted(session, key, descending);
    heads.forEach((head, k) => {
      const column = COLUMNS[k];
      setAttribute(head, "aria-sort", column === key ? (descending ? "descending" : "ascending") : null);
    });
    show();
  }

  function show() {
    const pages = Math.max(1, Math.ceil(ids.length / MOST));
    page = Math.max(0, Math.min(page, pages - 1));
    const from = page * MOST;
    const here = ids.slice(from, from + MOST);
    rows = new Map(here.map((i) => [i, row(i)]));
    fill(
      body,
      [...rows.values()].map((one) => one.element),
    );
    pager.hidden = pages === 1;
    earlier.disabled = page === 0;
    later.disabled = page === pages - 1;
    setText(place, t("table.rows", { from: from + 1, to: from + here.length, all: ids.length }));
    last = null;
    write();
  }

  function row(i) {
    const { engine } = session;
    const operands = engine.operands(i);
    const names = operands.slice(0, 8).flatMap((id, k) => [k ? ", " : "", nodeButton(ui, id)]);
    if (operands.length > 8) names.push(", ", t("table.in_all", { n: operands.length }));
    const [value, grad, slopes] = ["ui-number", "ui-number", null].map((kind) => h("td", { class: kind }));
    const line = h(
      "tr",
      {},
      h("th", { scope: "row" }, nodeButton(ui, i), placed(groupPath(engine, i))),
      h("td", {}, sign(engine, i)),
      h("td", {}, names),
      value,
      grad,
      slopes,
    );
    return { element: line, value, grad, slopes };
  }

  function write() {
    const { engine, total } = session;
    setText(caption, t("table.caption", { n: engine.n, t: session.t, total }));
    for (const [i, cells] of rows) {
      setText(cells.value, num(session.value(i), 6));
      setText(cells.grad, gradText(session, i) === "?" ? "?" : num(session.grad(i), 6));
      setText(cells.slopes, slopesText(session, i));
      setAttribute(cells.element, "data-selected", session.selected === i);
      setAttribute(cells.element, "aria-current", session.shown.last?.node === i ? "step" : null);
    }
  }

  function update(kinds) {
    const moved = kinds.has("values") || kinds.has("bug") || kinds.has("frame") || kinds.has("quiz");
    if ((key === "value" || key === "grad") && (moved || kinds.has("step"))) build();
    else write();
    const node = kinds.has("select") ? session.selected : session.shown.last?.node;
    if (node !== null && node !== undefined && node !== last && (kinds.has("step") || kinds.has("select"))) {
      follow(node);
    }
  }

  /** Bring the row of node i into view by scrolling only the table. */
  function follow(i) {
    if (!rows.has(i)) turn(Math.floor(ids.indexOf(i) / MOST));
    const box = rows.get(i).element.getBoundingClientRect();
    const frame = scroller.getBoundingClientRect();
    const head = heads[0].offsetHeight;
    if (box.top < frame.top + head) scroller.scrollTop += box.top - frame.top - head;
    else if (box.bottom > frame.bottom) scroller.scrollTop += box.bottom - frame.bottom;
    last = i;
  }

  function rebuild() {
    page = 0;
    build();
  }

  return { name: "table", title: t("panel.table"), element, update, rebuild };
}
