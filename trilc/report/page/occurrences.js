// Where tokens and phrases are in the text.
import { data, length, tokens } from "./data.js";
import { view } from "./route.js";

/** The next moment, after the one that is looked at, at which a token is read; null where there is none. */
export function findToken(token) {
  const from = view.at ?? 0;
  for (let k = 0; k < length; k++) {
    const place = (from + k) % length;
    if (tokens[place] === token) return place + 1;
  }
  return null;
}

/** Moments after which a phrase has just been read, a few of them. */
export function findPhrase(phrase, most) {
  const found = [];
  if (!data.tokens || !phrase) return found;
  const { text, starts } = written();
  const wanted = text === text.toLowerCase() ? phrase.toLowerCase() : phrase;
  for (let at = text.indexOf(wanted); at >= 0 && found.length < most; at = text.indexOf(wanted, at + 1)) {
    found.push(momentOf(starts, at + wanted.length - 1));
  }
  return found;
}

let cache = null;

function written() {
  if (cache) return cache;
  const starts = new Uint32Array(length);
  const parts = [];
  let at = 0;
  for (let k = 0; k < length; k++) {
    starts[k] = at;
    parts.push(data.tokens[tokens[k]]);
    at += parts[k].length;
  }
  return (cache = { text: parts.join(""), starts });
}

/** The moment after the token that a character is part of. */
function momentOf(starts, character) {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= character) low = middle;
    else high = middle;
  }
  return low + 1;
}
