/** The connection between the leaves here and the model of a notebook, and so with Python. */

import { number } from "../engine.js";

const PATIENCE = 40; // The moves of a slider in so many milliseconds are sent to Python together.

/** The pairs `[leaf, number]` of the trait that differ from the session, without those that are still being sent. */
export function arrivals(session, values, leaving) {
  const { engine } = session;
  return Object.entries(values ?? {})
    .map(([leaf, x]) => [Number(leaf), number(x)])
    .filter(([leaf, x]) => engine.kind[leaf] === 1 && !leaving.has(leaf) && !Object.is(engine.value[leaf], x));
}

/** Keep the trait `values` and the leaves of the session equal. Returns a function that stops it. */
export function tied(session, model) {
  const leaving = new Map();
  let timer = null;
  const ours = () => session.document === session.whole; // otherwise ids belong to the graph of a recorded step
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
