/** Orders of things that use one another, given as pairs (used, user) in one column; linear, and without recursion. */

/** The successors of each thing, as offsets and ends in two columns. */
function adjacency(items, pairs, from, to) {
  const start = new Int32Array(items + 1);
  for (let e = from; e < pairs.length; e += 2) start[pairs[e] + 1]++;
  for (let i = 0; i < items; i++) start[i + 1] += start[i];
  const next = start.slice();
  const ends = new Int32Array(pairs.length / 2);
  for (let e = 0; e < pairs.length; e += 2) ends[next[pairs[e + from]]++] = pairs[e + to];
  return { start, ends };
}

/** The things that are on cycles (Tarjan's strong components, with a stack of its own). */
export function cyclic(items, pairs) {
  const { start, ends } = adjacency(items, pairs, 0, 1);
  const index = new Int32Array(items);
  const low = new Int32Array(items);
  const held = new Uint8Array(items);
  const next = start.slice();
  const path = [];
  const component = [];
  const found = [];
  let time = 0;
  for (let root = 0; root < items; root++) {
    if (index[root]) continue;
    path.push(root);
    while (path.length) {
      const v = path.at(-1);
      if (!index[v]) {
        index[v] = low[v] = ++time;
        held[v] = 1;
        component.push(v);
      }
      if (next[v] < start[v + 1]) {
        const w = ends[next[v]++];
        if (!index[w]) path.push(w);
        else if (held[w]) low[v] = Math.min(low[v], index[w]);
        continue;
      }
      path.pop();
      if (path.length) low[path.at(-1)] = Math.min(low[path.at(-1)], low[v]);
      if (low[v] !== index[v]) continue;
      const single = component.at(-1) === v;
      for (let w = -1; w !== v; ) {
        w = component.pop();
        held[w] = 0;
        if (!single) found.push(w);
      }
    }
  }
  return found;
}

/** The rank of each thing of an acyclic graph: by its longest way to a sink, so that it stands before its first use. */
export function ranks(items, pairs) {
  const { start, ends } = adjacency(items, pairs, 1, 0);
  const waiting = new Int32Array(items);
  for (let e = 0; e < pairs.length; e += 2) waiting[pairs[e]]++;
  const height = new Int32Array(items);
  const ready = new Int32Array(items);
  let filled = 0;
  for (let i = 0; i < items; i++) if (!waiting[i]) ready[filled++] = i;
  let top = 0;
  for (let k = 0; k < filled; k++) {
    const v = ready[k];
    for (let e = start[v]; e < start[v + 1]; e++) {
      const w = ends[e];
      if (height[w] <= height[v]) height[w] = height[v] + 1;
      if (!--waiting[w]) {
        ready[filled++] = w;
        top = Math.max(top, height[w]);
      }
    }
  }
  return height.map((h) => top - h);
}
