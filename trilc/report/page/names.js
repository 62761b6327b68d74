// What tokens and bits are called, made visible.
import { data } from "./data.js";

const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Cs}]/gu;
const KNOWN = { "\n": "⏎", "\t": "⇥", "\r": "␍" };

/** A name without what would not be seen, or would change what is seen around it. */
export function visible(name) {
  return name.replace(HIDDEN, (c) => KNOWN[c] ?? `\\u{${c.codePointAt(0).toString(16)}}`);
}

/** A token for a table or a chart: a space is seen. */
export function glyph(token) {
  return data.tokens ? visible(data.tokens[token]).replace(/ /g, "␣") : String(token);
}

/** An output, likewise. */
export function spoken(output) {
  return data.outputs ? visible(data.outputs[output]).replace(/ /g, "␣") : String(output);
}

/** Tokens in a row, as text, or as numbers between spaces. */
export function phrase(tokens) {
  const list = Array.from(tokens);
  return data.tokens ? list.map((token) => visible(data.tokens[token])).join("") : list.join(" ");
}

/** The name of a state bit, as questions have it. */
export function bitName(bit) {
  return `h[${bit}]`;
}
