/** Where an arrow key leads from a box: along its edges, or to the boxes beside it. */

const TURNED = { ArrowUp: "ArrowLeft", ArrowLeft: "ArrowUp", ArrowDown: "ArrowRight", ArrowRight: "ArrowDown" };

/**
 * The place of the next box, or null. In a picture from left to right ← leads to the operands and → to the users; from
 * top to bottom those are ↑ and ↓. Where no box stands beside, the other two follow the edges as well.
 */
export function neighbour({ boxes, wires }, ins, outs, b, key, direction) {
  const move = direction === "TB" ? TURNED[key] : key;
  const operand = ins[b].length ? wires[ins[b][0]].from : null;
  const user = outs[b].length ? wires[outs[b][0]].to : null;
  if (move === "ArrowLeft") return operand;
  if (move === "ArrowRight") return user;
  return beside(boxes, b, move === "ArrowUp" ? -1 : 1, direction) ?? (move === "ArrowUp" ? operand : user);
}

/** The nearest box on one side of b of those that stand in its row; null for none. */
function beside(boxes, b, side, direction) {
  const [along, across] = direction === "TB" ? ["y", "x"] : ["x", "y"];
  const [length, breadth] = direction === "TB" ? ["height", "width"] : ["width", "height"];
  const middle = (box) => box[across] + box[breadth] / 2;
  const own = boxes[b];
  let best = null;
  let least = Infinity;
  boxes.forEach((box, k) => {
    const far = side * (middle(box) - middle(own));
    const apart = Math.max(box[along] - own[along] - own[length], own[along] - box[along] - box[length]);
    if (far <= 0 || far >= least || apart >= 0) return;
    least = far;
    best = k;
  });
  return best;
}
