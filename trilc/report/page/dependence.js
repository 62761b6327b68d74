// Which bits depend on which: the wires of each bit, cones, and what flows between modules.
import { data, moduleOf, units, wires } from "./data.js";

/** Wires by the bit that they go into, and by the bit that they come from: numbers of wires, the strongest first. */
export const into = grouped(wires.to);
export const outOf = grouped(wires.from);

/** Bits that a bit depends on, and that depend on it, in one step. */
export function neighbours(bit) {
  return {
    into: new Set(into[bit].map((wire) => wires.from[wire])), out: new Set(outOf[bit].map((wire) => wires.to[wire])),
  };
}

/** How many bits a bit depends on (or that depend on it) in 1, 2, … steps, until no more come. */
export function cone(bit, backwards) {
  const reached = new Set();
  const counts = [];
  let edge = [bit];
  while (edge.length) {
    const next = [];
    for (const one of edge) {
      for (const wire of (backwards ? into : outOf)[one]) {
        const other = (backwards ? wires.from : wires.to)[wire];
        if (reached.has(other)) continue;
        reached.add(other);
        next.push(other);
      }
    }
    if (next.length) counts.push(reached.size);
    edge = next;
  }
  return counts;
}

/** What flows between modules, the strongest first: sums of how often wires matter. */
export function between() {
  const sums = new Map();
  for (let e = 0; e < wires.to.length; e++) {
    const [from, to] = [moduleOf[wires.from[e]], moduleOf[wires.to[e]]];
    if (from === to) continue;
    const key = from * 65536 + to;
    sums.set(key, (sums.get(key) ?? 0) + wires.strength[e] / data.wiring.moments);
  }
  return [...sums].map(([key, sum]) => ({
    from: Math.floor(key / 65536), to: key % 65536, sum,
  })).sort((a, b) => b.sum - a.sum);
}

/** How strong a wire is drawn, 0 to 1. */
export function force(wire) {
  return Math.min(1, wires.strength[wire] / data.wiring.moments / 0.5);
}

function grouped(ends) {
  const lists = Array.from({ length: units }, () => []);
  for (let k = 0; k < ends.length; k++) lists[ends[k]].push(k);
  for (const list of lists) list.sort((a, b) => wires.strength[b] - wires.strength[a] || a - b);
  return lists;
}
