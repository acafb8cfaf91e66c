/** The panel "Paths": each path from the selected node to the root, its product of local derivatives, and the sum. */

import { fill, h } from "../dom.js";
import { count } from "../format.js";
import { t } from "../messages.js";
import { heading, maths, nodeButton, onlySteps, paragraph } from "./parts.js";
import { factor, name, num, partial } from "./text.js";

const LONG = 14; // The middle of a path with more nodes is left out.
const SUMMANDS = 12;

/** An integer in readable form, even one with thousands of digits. */
export function counted(number) {
  const digits = number.toString();
  if (digits.length <= 15) return count(number);
  return t("paths.about", { mantissa: `${digits[0]}.${digits.slice(1, 3)}`, exponent: digits.length - 1 });
}

/** A list without its middle if it is long. The entry null stands for the middle. */
export function shortened(list, most = LONG) {
  if (list.length <= most) return list;
  const half = Math.floor(most / 2);
  return [...list.slice(0, half), null, ...list.slice(list.length - half)];
}

/**
 * The text `−3 · 1 · 1 · 0.5 = −1.5`, with the edges in order from the node to the root.
 *
 * @param {(edge: number) => boolean} concealed
 */
export function productText(engine, { edges, product }, concealed = () => false) {
  const factors = shortened(edges).map((edge, k) => {
    if (edge === null) return "…";
    if (concealed(edge)) return "?";
    return k ? factor(engine.slope[edge]) : num(engine.slope[edge]);
  });
  if (factors.length === 1) return num(product);
  return `${factors.join(" · ")} = ${num(product)}`;
}

/** `∂o/∂x = 2 + (−3) = −1`. */
export function pathSum(engine, i, { paths, sum }) {
  const products = paths.slice(0, SUMMANDS).map(({ product }, k) => (k ? factor(product) : num(product)));
  if (paths.length > SUMMANDS) products.push("…");
  const left = partial(engine, i);
  return products.length > 1 ? `${left} = ${products.join(" + ")} = ${num(sum)}` : `${left} = ${num(sum)}`;
}

export function pathsPanel(ui) {
  const { session } = ui;
  const element = h("div");

  function update(kinds) {
    const { engine, selected: i } = session;
    if (onlySteps(kinds)) return; // paths do not depend on the step
    if (i === null) {
      fill(element, paragraph(t("paths.click")));
      return;
    }
    const title = heading(t("paths.title", { from: name(engine, i), to: name(engine, engine.root) }));
    if (engine.kind[i] === 2) {
      fill(element, title, paragraph(t("paths.constant")));
      return;
    }
    if (session.hidden(i)) {
      fill(element, title, paragraph(t("paths.exercise")));
      return;
    }
    const found = engine.paths(i);
    if (found.paths === null) {
      fill(
        element,
        title,
        paragraph(t("paths.counted", { count: counted(found.count) })),
        maths(`${partial(engine, i)} = ${num(found.sum)}`, "ui-main"),
      );
      return;
    }
    if (!found.paths.length) {
      fill(element, title, paragraph(t("paths.none")));
      return;
    }
    fill(
      element,
      title,
      paragraph(t("paths.each", { n: Number(found.count), count: counted(found.count) })),
      maths(pathSum(engine, i, found), "ui-main"),
      h(
        "ol",
        { class: "ui-paths" },
        found.paths.map((path) => item(path)),
      ),
    );
  }

  function item(path) {
    const nodes = shortened(path.nodes).flatMap((id, k) => [
      k ? " → " : "",
      id === null ? t("paths.more", { n: path.nodes.length - LONG }) : nodeButton(ui, id),
    ]);
    return h(
      "li",
      {},
      h("span", {}, nodes),
      maths(productText(session.engine, path, (edge) => session.conceals(edge))),
    );
  }

  return { name: "paths", title: t("panel.paths"), element, update };
}
