/** The tie between the leaves here and a notebook's model, and with it Python. */

import { number } from "../engine.js";

const PATIENCE = 40; // ms: a slider's moves are sent to Python together

/** The pairs `[leaf, number]` of the trait that differ from the session's, but for those that are on their way out. */
export function arrivals(session, values, leaving) {
  const { engine } = session;
  return Object.entries(values ?? {})
    .map(([leaf, x]) => [Number(leaf), number(x)])
    .filter(([leaf, x]) => engine.kind[leaf] === 1 && !leaving.has(leaf) && !Object.is(engine.value[leaf], x));
}

/** Keep the trait `values` and the session's leaves the same, both ways; returns how to stop. */
export function tied(session, model) {
  const leaving = new Map();
  let timer = null;
  const ours = () => session.document === session.whole; // else ids are those of a recorded step's own graph
  const send = () => {
    timer = null;
    const values = { ...model.get("values") };
    for (const [leaf, x] of leaving) values[leaf] = x;
    leaving.clear();
    model.set("values", values);
    model.save_changes();
  };
  const moved = ({ leaves, quiet }) => {
    if (quiet || !ours()) return;
    for (const leaf of leaves) {
      if (Number.isFinite(session.engine.value[leaf])) leaving.set(leaf, session.engine.value[leaf]);
    }
    timer ??= setTimeout(send, PATIENCE);
  };
  const arrived = () => {
    if (ours()) session.setValues(arrivals(session, model.get("values"), leaving), true);
  };
  const off = session.on("values", moved);
  model.on("change:values", arrived);
  arrived();
  return () => {
    if (timer !== null) {
      clearTimeout(timer);
      send();
    }
    off();
    model.off("change:values", arrived);
  };
}
