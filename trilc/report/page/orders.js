// In which order bits are shown.
import { data, falls, length, moduleOf, on, rises, units } from "./data.js";

export const ORDERS = { index: "index", module: "module", activity: "activity", on: "time on" };

const KEYS = {
  index: () => 0,
  module: (bit) => moduleOf[bit],
  activity: (bit) => -(rises[bit] + falls[bit]),
  on: (bit) => -on[bit],
};

/** All bits in an order. */
export function ordered(order) {
  const key = KEYS[order] ?? KEYS.index;
  return Array.from({ length: units }, (_, bit) => bit).sort((a, b) => key(a) - key(b) || a - b);
}

/** How often a bit changes, as a share of the tokens. */
export function activity(bit) {
  return (rises[bit] + falls[bit]) / length;
}

/** Whether a bit stands alone in its module. */
export function isAlone(bit) {
  return data.wiring.modules[moduleOf[bit]].length === 1;
}
