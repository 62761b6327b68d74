// In which order bits are shown.
import { bitAt, data, falls, length, moduleOf, on, rises, units } from "./data.js";

export const ORDERS = { likeness: "likeness", module: "module", activity: "activity", on: "time on", index: "index" };

const KEYS = {
  index: () => 0,
  module: (bit) => moduleOf[bit],
  activity: (bit) => -(rises[bit] + falls[bit]),
  on: (bit) => -on[bit],
  likeness: (bit) => angles()[bit],
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

const SAMPLE = 256;
const ROUNDS = 12;
let angle = null;

/** Where each bit stands on a circle, so that those that do alike are near: by its two main components on the text. */
function angles() {
  if (angle) return angle;
  const moments = Array.from(
    { length: Math.min(SAMPLE, length) }, (_, k) => 1 + Math.floor((k * length) / Math.min(SAMPLE, length)),
  );
  const rows = Array.from({ length: units }, (_, bit) => {
    const row = Float64Array.from(moments, (at) => bitAt(at, bit));
    const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
    return row.map((value) => value - mean);
  });
  const first = component(rows, null);
  const second = component(rows, first);
  const moves = (bit) => rises[bit] + falls[bit] > 0;
  return (angle = rows.map((row, bit) => (moves(bit) ? Math.atan2(dot(row, second), dot(row, first)) : 4)));
}

/** The moments' weights along which bits differ most, by power iteration; another than `taken`. */
function component(rows, taken) {
  let vector = Float64Array.from(rows[0], (_, k) => Math.sin(1.7 * k + (taken ? 2 : 1)));
  for (let round = 0; round < ROUNDS; round++) {
    const next = new Float64Array(vector.length);
    for (const row of rows) {
      const along = dot(row, vector);
      for (let k = 0; k < row.length; k++) next[k] += along * row[k];
    }
    if (taken) {
      const along = dot(next, taken);
      for (let k = 0; k < next.length; k++) next[k] -= along * taken[k];
    }
    const long = Math.sqrt(dot(next, next)) || 1;
    vector = next.map((value) => value / long);
  }
  return vector;
}

function dot(a, b) {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}
