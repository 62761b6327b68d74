// The gates, as flat arrays: cones and neighbours over them.
import { data, numbers } from "./data.js";
import { visible } from "./names.js";

/** The netlist, or null where it has no room in the page; arrays are made when they are asked for first. */
export const netlist = data.gates && made(data.gates);

function made(gates) {
  const fanins = numbers(gates.fanins);
  const next = numbers(gates.next_state);
  const outputs = numbers(gates.output_literals);
  const first = 1 + gates.inputs.length + gates.registers.length;
  const nodes = first + fanins.length / 2;
  const firstRegister = 1 + gates.inputs.length;
  let readers = null;

  /** Readers of each node: gates, then registers as ~k and outputs as ~(registers + k). */
  function fanouts() {
    if (readers) return readers;
    const begin = new Uint32Array(nodes + 1);
    const roots = [...next, ...outputs];
    for (const literal of fanins) begin[(literal >> 1) + 1]++;
    for (const literal of roots) begin[(literal >> 1) + 1]++;
    for (let n = 0; n < nodes; n++) begin[n + 1] += begin[n];
    const place = begin.slice();
    const list = new Int32Array(fanins.length + roots.length);
    for (let k = 0; k < fanins.length; k++) list[place[fanins[k] >> 1]++] = first + (k >> 1);
    roots.forEach((literal, k) => (list[place[literal >> 1]++] = ~k));
    return (readers = { begin, list });
  }

  return {
    nodes, first, firstRegister, fanins, next, outputs, levels: numbers(gates.levels), owner: numbers(gates.owner),
    places: numbers(gates.places), outputNames: gates.outputs.map(visible),

    /** What a node is called: an input, a register, or a gate by its number. */
    name(node) {
      if (node === 0) return "0";
      if (node < firstRegister) return visible(gates.inputs[node - 1]);
      if (node < first) return visible(gates.registers[node - firstRegister]);
      return `g${node}`;
    },

    /** input, register or gate. */
    kind(node) {
      return node < firstRegister ? "input" : node < first ? "register" : "gate";
    },

    /** The nodes that a gate or a register reads. */
    below(node) {
      if (node >= first) return [fanins[2 * (node - first)] >> 1, fanins[2 * (node - first) + 1] >> 1];
      const literal = node >= firstRegister ? next[node - firstRegister] : 0;
      return literal > 1 ? [literal >> 1] : [];
    },

    /** Nodes that a node depends on within one step: those of the cone of its next state, for a register. */
    fanInCone(node) {
      const marked = new Uint8Array(nodes);
      const stack = [];
      const enter = (literal) => {
        const below = literal >> 1;
        if (below && !marked[below]) {
          marked[below] = 1;
          if (below >= first) stack.push(below);
        }
      };
      if (node >= first) stack.push(node);
      else if (node >= firstRegister) enter(next[node - firstRegister]);
      while (stack.length) {
        const gate = stack.pop();
        enter(fanins[2 * (gate - first)]);
        enter(fanins[2 * (gate - first) + 1]);
      }
      return marked;
    },

    /** Nodes that see a node within one step, and how many next states and outputs do. */
    fanOutCone(node) {
      const { begin, list } = fanouts();
      const marked = new Uint8Array(nodes);
      const roots = new Set();
      const stack = [node];
      while (stack.length) {
        const gate = stack.pop();
        for (let k = begin[gate]; k < begin[gate + 1]; k++) {
          const reader = list[k];
          if (reader < 0) roots.add(~reader);
          else if (!marked[reader]) {
            marked[reader] = 1;
            stack.push(reader);
          }
        }
      }
      const registers = [...roots].filter((root) => root < next.length);
      return { marked, registers: registers.length, outputs: roots.size - registers.length };
    },
  };
}

/** How many inputs, registers and gates are marked. */
export function tally(marked) {
  const found = { input: 0, register: 0, gate: 0 };
  for (let node = 1; node < marked.length; node++) if (marked[node]) found[netlist.kind(node)]++;
  return found;
}
