/** A line chart of a few hundred numbers, as an SVG of its own: gaps where a number is not finite. */

import { svg } from "../dom.js";
import { t } from "../messages.js";
import { num } from "./text.js";

export const WIDTH = 340;
export const HEIGHT = 110;
const LEFT = 56;
const EDGE = 10;

/** The smallest and the largest finite number, which always differ. */
export function extent(numbers) {
  let low = Infinity;
  let high = -Infinity;
  for (const x of numbers) {
    if (!Number.isFinite(x)) continue;
    low = Math.min(low, x);
    high = Math.max(high, x);
  }
  if (low > high) return { low: 0, high: 1 };
  if (low === high) {
    return { low: low - Math.max(1e-12, Math.abs(low) / 2), high: high + Math.max(1e-12, Math.abs(high) / 2) };
  }
  return { low, high };
}

/** Where number k of `count` lies, and a number between the ends of the axis. */
export function scales(numbers) {
  const { low, high } = extent(numbers);
  const last = Math.max(1, numbers.length - 1);
  return {
    low,
    high,
    x: (k) => LEFT + ((WIDTH - LEFT - EDGE) * k) / last,
    y: (value) => HEIGHT - EDGE - ((HEIGHT - 2 * EDGE) * (value - low)) / (high - low),
  };
}

/** The line through the finite numbers as an SVG path. */
export function linePath(numbers) {
  const { x, y } = scales(numbers);
  let pen = "M";
  let path = "";
  numbers.forEach((value, k) => {
    if (!Number.isFinite(value)) {
      pen = "M";
      return;
    }
    path += `${pen}${x(k).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = "L";
  });
  return path;
}

/** The chart. `mark` and `other` are the places to point at. */
export function chart(title, kind, numbers, mark, other = null) {
  const { low, high, x, y } = scales(numbers);
  const points =
    numbers.length <= 60 ? numbers.map((value, k) => ({ value, k })).filter((p) => Number.isFinite(p.value)) : [];
  const zero = low < 0 && high > 0 ? y(0) : null;
  const [first, last] = [numbers[0], numbers.at(-1)].map((x) => num(x));
  const spoken = t("chart.spoken", { title, first, last, low: num(low), high: num(high) });
  const dots = [mark, other].filter((k) => k !== null && Number.isFinite(numbers[k]));
  return svg(
    "svg",
    {
      class: `ui-chart ui-chart-${kind}`,
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      role: "img",
      "aria-label": spoken,
    },
    svg("path", { class: "ui-axis", d: `M${LEFT} ${EDGE / 2}V${HEIGHT - EDGE / 2}H${WIDTH - EDGE / 2}` }),
    zero === null ? null : svg("path", { class: "ui-zero", d: `M${LEFT} ${zero}H${WIDTH - EDGE}` }),
    mark === null ? null : svg("path", { class: "ui-mark", d: `M${x(mark)} ${EDGE / 2}V${HEIGHT - EDGE / 2}` }),
    other === null
      ? null
      : svg("path", { class: "ui-mark ui-other", d: `M${x(other)} ${EDGE / 2}V${HEIGHT - EDGE / 2}` }),
    svg("path", { class: "ui-line", d: linePath(numbers) }),
    points.map(({ value, k }) => svg("circle", { cx: x(k), cy: y(value), r: 1.6 })),
    dots.map((k) => svg("circle", { class: "ui-here", cx: x(k), cy: y(numbers[k]), r: 3.5 })),
    svg("text", { x: LEFT - 5, y: EDGE + 4, "text-anchor": "end" }, num(high, 3)),
    svg("text", { x: LEFT - 5, y: HEIGHT - EDGE + 3, "text-anchor": "end" }, num(low, 3)),
  );
}
