/**
 * The elements of boxes, clusters and wires, and their texts. They are made once; `update` changes only what differs.
 */

import { setAttribute, setText, svg } from "./dom.js";
import { clip, count, counted, number, short, symbol } from "./format.js";
import { t } from "./messages.js";
import { PAD, ROW, SIZE, STACK } from "./picture.js";
import { verdictText } from "./panels/text.js";

const CONSTANT = 2;

/** The text about node i, as the player shows it now. */
export function nodeText(session, i) {
  const { engine } = session;
  const title = engine.title(i);
  const value = session.value(i);
  const grad = session.grad(i);
  const operation = engine.operation(i);
  const lines = [value === null ? t("box.not_computed", { node: title }) : `${title} = ${exact(value)}`];
  if (operation) {
    const operands = engine.operands(i).map((a) => clip(engine.title(a), 24));
    const more = t("share.rest", { n: operands.length - 5 });
    const shown = operands.length > 6 ? [...operands.slice(0, 5), more] : operands;
    lines.push(t("box.operation", { sign: symbol(operation.symbol || operation.name), operands: shown.join(", ") }));
  } else lines.push(engine.kind[i] === CONSTANT ? t("node.constant") : t("node.leaf"));
  if (session.note(i)) lines.push(session.note(i));
  if (session.hidden(i)) lines.push(t("box.to_be_found"));
  else if (grad !== null) lines.push(t("box.gradient", { gradient: exact(grad) }));
  else if (engine.kind[i] !== CONSTANT) lines.push(t("box.no_gradient"));
  const source = engine.source(i);
  if (source) lines.push(t("box.made_at", { source }));
  return lines;
}

function exact(x) {
  return Number.isFinite(x) ? String(x).replace("-", "−") : number(x);
}

export const AGREEMENT = { yes: "✓", no: "✗", unknown: "?" };
/** The element of a box, with its parts at hand. */
export function boxElement(session, box) {
  const group = svg("g", {
    class: "gg-box",
    role: "button",
    tabindex: -1,
    transform: `translate(${box.x} ${box.y})`,
    "data-key": box.key,
  });
  const title = svg("title", {});
  const drawn = svg("g", { "aria-hidden": "true" }); // the title has all of it in order, and names the element
  group.append(title, drawn);
  const part = (name, attributes, text) => {
    const made = text === undefined ? svg(name, attributes) : svg(name, attributes, text);
    drawn.append(made);
    return made;
  };
  const parts = { group, drawn, title };
  if (box.kind === "node") nodeParts(session, box, part, parts);
  else unitParts(box, part, parts);
  return parts;
}

function nodeParts(session, box, part, parts) {
  const { badge, body } = box;
  const constant = session.engine.kind[box.node] === CONSTANT;
  if (badge) {
    const across = badge.x < body.x;
    const from = across
      ? [badge.x + badge.width, badge.y + badge.height / 2]
      : [badge.x + badge.width / 2, badge.y + badge.height];
    const to = across ? [body.x, from[1]] : [from[0], body.y];
    part("path", { class: "gg-neck", d: `M${from}L${to}` });
    part("rect", { class: "gg-op", x: badge.x, y: badge.y, width: badge.width, height: badge.height, rx: 7 });
    part(
      "text",
      { class: "gg-text gg-middle", x: badge.x + badge.width / 2, y: badge.y + badge.height / 2 + SIZE * 0.36 },
      box.op,
    );
  }
  const base = body.y + 2 + ROW * 0.69;
  const right = body.x + body.width - PAD;
  parts.frame = part("rect", {
    class: "gg-frame",
    x: body.x,
    y: body.y,
    width: body.width,
    height: body.height,
    rx: 4,
  });
  if (!constant) {
    parts.shade = part("rect", {
      class: "gg-shade",
      x: body.x + 2,
      y: body.y + 2 + ROW,
      width: body.width - 4,
      height: ROW,
      rx: 2.5,
    });
    parts.word = part("text", { class: "gg-text gg-small", x: body.x + PAD, y: base + ROW }, t("box.grad"));
    parts.grad = part("text", { class: "gg-text gg-end", x: right, y: base + ROW }, "");
  }
  if (box.name) {
    part("text", { class: `gg-text ${box.faint ? "gg-faint" : "gg-bold"}`, x: body.x + PAD, y: base }, box.name);
  }
  parts.value = part("text", { class: "gg-text gg-end", x: right, y: base }, "");
  parts.corner = [body.x + body.width + 1, body.y - 4];
}

function unitParts(box, part, parts) {
  const { body, lines } = box;
  const width = body.width - 2 * STACK;
  const height = body.height - 2 * STACK;
  const sheets = box.kind === "repeat" ? [2, 1] : [1];
  for (const k of sheets) {
    part("rect", { class: "gg-sheet-behind", x: body.x + k * STACK, y: body.y + k * STACK, width, height, rx: 6 });
  }
  parts.frame = part("rect", { class: "gg-frame", x: body.x, y: body.y, width, height, rx: 6 });
  const middle = body.x + width / 2;
  const base = body.y + (height - ROW * (1 + lines.length)) / 2 + ROW * 0.72;
  part("text", { class: "gg-text gg-bold gg-middle", x: middle, y: base }, box.title);
  lines.forEach((line, k) => {
    part("text", { class: "gg-text gg-small gg-middle", x: middle, y: base + ROW * (k + 1) }, line);
  });
  parts.track = part("rect", {
    class: "gg-track",
    x: body.x + 4,
    y: body.y + height - 5,
    width: width - 8,
    height: 3,
    rx: 1.5,
  });
  parts.done = part("rect", { class: "gg-done", x: body.x + 4, y: body.y + height - 5, width: 0, height: 3, rx: 1.5 });
  parts.corner = [body.x + width + 1, body.y - 4];
  setAttribute(parts.group, "aria-expanded", "false");
}

/**
 * Bring a box up to date. `state`: classes, and for a node value, grad, shade and agreement ("yes", "no", "unknown" or
 * null), for a closed group its share done (null where everything is) and whether something in it is not finite.
 */
export function update(parts, session, box, state) {
  const { classes, value, grad, hidden, shade, agreement, done, bad } = state;
  const key = [classes, value, grad, hidden, shade, agreement, done, bad].join("|");
  if (parts.key === key) return;
  parts.key = key;
  setAttribute(parts.group, "class", `gg-box gg-${box.kind} ${state.classes}`);
  setAttribute(parts.group, "aria-pressed", box.kind === "node" ? String(state.classes.includes("gg-selected")) : null);
  let told;
  if (box.kind === "node") {
    setText(parts.value, state.value === null ? "" : short(state.value));
    if (parts.grad) {
      setText(parts.grad, state.hidden ? "?" : state.grad === null ? "" : short(state.grad));
      setAttribute(parts.shade, "class", `gg-shade gg-${state.shade ?? "none"}`);
    }
    told = nodeText(session, box.node);
    if (state.agreement) told.push(verdictText(session, box.node) ?? t(`box.agrees.${state.agreement}`));
  } else {
    const share = state.done ?? 0;
    setAttribute(parts.track, "visibility", state.done === null ? "hidden" : null);
    setAttribute(parts.done, "visibility", state.done === null ? "hidden" : null);
    setAttribute(parts.done, "width", Math.round(share * Number(parts.track.getAttribute("width"))));
    told = [box.title, ...box.lines];
    if (state.bad) told.push(t("box.not_finite"));
  }
  mark(parts, "alert", state.bad ? "⚠" : null, "gg-alert", -16);
  mark(parts, "check", state.agreement ? AGREEMENT[state.agreement] : null, `gg-check gg-check-${state.agreement}`, 0);
  if (box.kind !== "node") told.push(t("box.open"));
  setText(parts.title, told.join("\n"));
}

/** A small round sign at the corner of a box. */
function mark(parts, name, text, classes, shift) {
  if (text === null) {
    parts[name]?.remove();
    parts[name] = null;
    return;
  }
  if (!parts[name]) {
    const [x, y] = parts.corner;
    parts[name] = svg(
      "g",
      {},
      svg("circle", { cx: x + shift, cy: y, r: 6.5 }),
      svg("text", { class: "gg-sign gg-middle", x: x + shift, y: y + 3.4 }, ""),
    );
    parts.drawn.append(parts[name]);
  }
  setAttribute(parts[name], "class", classes);
  setText(parts[name].lastChild, text);
}

/** The element of a wire: its line, and the local derivative or the number of edges on it. */
export function wireElement(wire, d) {
  const [x, y] = wire.tip;
  const label = wire.across
    ? svg("text", { class: "gg-slope gg-end", x: x - 9, y: y - 3 }, "")
    : svg("text", { class: "gg-slope", x: x + 4, y: y - 8 }, "");
  const title = svg("title", {}, "");
  const line = svg("path", { class: "gg-line", d });
  const group = svg("g", { class: "gg-wire" }, title, line, label);
  return { group, line, label, title };
}

export function updateWire(parts, session, wire, classes) {
  const { engine } = session;
  const single = wire.edge >= 0;
  const slope = single ? session.slope(wire.edge) : null;
  const ready = single && session.value(engine.owner[wire.edge]) !== null;
  const constant = single && engine.kind[engine.args[wire.edge]] === CONSTANT;
  const concealed = single && slope === null;
  const key = `${classes}|${slope}|${ready}`;
  if (parts.key === key) return;
  parts.key = key;
  setAttribute(parts.group, "class", `gg-wire ${classes}`);
  setText(
    parts.label,
    single ? (ready && !constant ? (concealed ? "?" : number(slope, 3)) : "") : `×${count(wire.count)}`,
  );
  if (!single) setText(parts.title, counted(wire.count, "edge"));
  else {
    const derivative = `∂${engine.title(engine.owner[wire.edge])}/∂${engine.title(engine.args[wire.edge])}`;
    setText(parts.title, ready ? `${derivative} = ${concealed ? "?" : exact(slope)}` : derivative);
  }
}

/** The frame of an open cluster, and its name, which closes it. */
export function clusterElements(cluster) {
  const frame = svg("rect", {
    class: `gg-cluster gg-cluster${cluster.shade}`,
    x: cluster.x,
    y: cluster.y,
    width: cluster.width,
    height: cluster.height,
    rx: 8,
  });
  const name = svg(
    "g",
    {
      class: "gg-cluster-name",
      role: "button",
      tabindex: -1,
      "aria-expanded": "true",
      "data-key": cluster.key,
      transform: `translate(${cluster.x} ${cluster.y})`,
    },
    svg("title", {}, `${cluster.title}\n${t("box.close")}`),
    svg(
      "g",
      { "aria-hidden": "true" },
      svg("rect", {
        class: `gg-plate gg-cluster${cluster.shade}`,
        x: 6,
        y: 4,
        width: nameWidth(cluster),
        height: 18,
        rx: 4,
      }),
      svg("text", { class: "gg-text gg-bold gg-faint", x: 12, y: 17 }, `▾ ${cluster.title}`),
    ),
  );
  return { frame, name };
}

/** The width of a cluster's name, wide enough to click on. */
export function nameWidth(cluster) {
  return Math.min(cluster.width - 12, cluster.title.length * SIZE * 0.78 + 32);
}
