/** Where an arrow key leads from a box: along its edges, or to the boxes beside it. */

const TURNED = { ArrowUp: "ArrowLeft", ArrowLeft: "ArrowUp", ArrowDown: "ArrowRight", ArrowRight: "ArrowDown" };

/**
 * The place of the next box, or null. In a picture from left to right ← leads to the operands and → to the users; from
 * top to bottom those are ↑ and ↓.
 */
export function neighbour({ boxes, wires }, ins, outs, b, key, direction) {
  const move = direction === "TB" ? TURNED[key] : key;
  if (move === "ArrowLeft") return ins[b].length ? wires[ins[b][0]].from : null;
  if (move === "ArrowRight") return outs[b].length ? wires[outs[b][0]].to : null;
  return beside(boxes, b, move === "ArrowUp" ? -1 : 1, direction);
}

/** The nearest box on one side of b, first among those that stand in its row. */
function beside(boxes, b, side, direction) {
  const [along, across] = direction === "TB" ? ["y", "x"] : ["x", "y"];
  const [length, breadth] = direction === "TB" ? ["height", "width"] : ["width", "height"];
  const middle = (box) => box[across] + box[breadth] / 2;
  const own = boxes[b];
  let best = null;
  let least = Infinity;
  boxes.forEach((box, k) => {
    const far = side * (middle(box) - middle(own));
    if (k === b || far <= 0) return;
    const apart = Math.max(0, box[along] - own[along] - own[length], own[along] - box[along] - box[length]);
    const cost = far + 4 * apart;
    if (cost < least) {
      least = cost;
      best = k;
    }
  });
  return best;
}
