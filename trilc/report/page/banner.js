// The beginning of the text as a picture: a column for each token, a row for each bit, those that do alike together.
import { bitAt, change, length, units } from "./data.js";
import { h } from "./dom.js";
import { ordered } from "./orders.js";
import { go } from "./route.js";
import { onTheme, rgb } from "./theme.js";

const COLUMNS = 390;
const KINDS = [["off", 0], ["on", 0.45], ["rise", 0.8], ["fall", 0.1]];

/** The picture; a click leads to the moment below the pointer. */
export function banner() {
  const columns = Math.min(COLUMNS, length);
  const canvas = h("canvas", {
    class: "banner", width: columns, height: units, title: `The first ${columns} tokens`, role: "img", on: {
      click: (event) => go({ at: 1 + Math.floor((event.offsetX / canvas.clientWidth) * columns), section: "text" }),
    },
  });
  onTheme((colour) => {
    const paper = rgb(colour("paper"));
    const shades = Uint32Array.from(KINDS, ([name, much]) => {
      const [r, g, b] = rgb(colour(name)).map((part, k) => Math.round(paper[k] + (part - paper[k]) * much));
      return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
    });
    const image = new ImageData(columns, units);
    const cells = new Uint32Array(image.data.buffer);
    ordered("likeness").forEach((bit, row) => {
      for (let t = 1; t <= columns; t++) {
        const turn = change(t, bit);
        cells[row * columns + t - 1] = shades[turn > 0 ? 2 : turn < 0 ? 3 : bitAt(t, bit)];
      }
    });
    canvas.getContext("2d").putImageData(image, 0, 0);
  });
  return canvas;
}
