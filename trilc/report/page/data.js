// All that the page knows.

/** The data as they stand in the page: what is exported is this very text. */
export const source = document.getElementById("data").textContent;
export const data = JSON.parse(source);

const ARRAYS = {
  u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, i1: Int8Array, i2: Int16Array, i4: Int32Array, f4: Float32Array,
};

/** The numbers of a packed array, row by row. */
export function numbers(packed) {
  const text = atob(packed.base64);
  const bytes = new Uint8Array(text.length);
  for (let k = 0; k < text.length; k++) bytes[k] = text.charCodeAt(k);
  return new ARRAYS[packed.kind](bytes.buffer);
}

/** How many state bits there are, and how many tokens of text. */
export const units = data.bits.names.length;
export const length = data.text.length;

export const tokens = numbers(data.text.tokens);
export const said = data.text.said && numbers(data.text.said);
/** The code length of each token in bits, NaN for the first; null where nothing is known of it. */
export const surprise = data.text.nats && Float32Array.from([NaN, ...numbers(data.text.nats)], (nats) => nats / Math.LN2);

const states = numbers(data.text.states);
const stride = data.text.states.shape[1];

/** A bit of the state after so many tokens. */
export function bitAt(moment, bit) {
  return (states[moment * stride + (bit >> 3)] >> (bit & 7)) & 1;
}

/** 1 where a bit rises at a token (the first is 1), −1 where it falls, else 0. */
export function change(moment, bit) {
  return bitAt(moment, bit) - bitAt(moment - 1, bit);
}

/** How many bits change at each token; index 0 is unused. */
export const flipped = new Uint16Array(length + 1);
for (let t = 1; t <= length; t++) {
  let sum = 0;
  for (let k = 0; k < stride; k++) sum += ones(states[t * stride + k] ^ states[(t - 1) * stride + k]);
  flipped[t] = sum;
}

export const on = numbers(data.bits.on);
export const rises = numbers(data.bits.rises);
export const falls = numbers(data.bits.falls);

/** The module of each bit. */
export const moduleOf = new Int32Array(units);
data.wiring.modules.forEach((bits, k) => bits.forEach((bit) => (moduleOf[bit] = k)));

/** Wires between bits, those into each bit together and the strongest first. */
export const wires = {
  from: numbers(data.wiring.from), to: numbers(data.wiring.to), strength: numbers(data.wiring.strength),
  sign: numbers(data.wiring.sign),
};

function ones(byte) {
  let sum = 0;
  for (; byte; byte &= byte - 1) sum++;
  return sum;
}
