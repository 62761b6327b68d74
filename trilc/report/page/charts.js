// Small charts, drawn as vectors.
import { h, s } from "./dom.js";

const WIDE = 400;
const HIGH = 120;

/** A chart with its heading and what it says. */
export function figure(title, told, chart) {
  return h("div", { class: "panel figure" }, h("h3", {}, title), h("p", {}, told), chart);
}

/** Bars, each told of where the pointer rests; `chosen` is called with the number of one that is clicked. */
export function bars(values, tell, ends, chosen = null) {
  const most = Math.max(1e-9, ...values);
  const wide = WIDE / values.length;
  const gap = wide > 4 ? 1 : 0;
  const drawn = values.map((value, k) => {
    const high = (HIGH * value) / most;
    const bar = s("rect", {
      class: "bar", x: k * wide, y: HIGH - high, width: Math.max(0.6, wide - gap), height: high,
      on: chosen ? { click: () => chosen(k) } : {},
    });
    bar.append(s("title", {}, tell(k)));
    return bar;
  });
  return drawing(ends, drawn);
}

/** A curve over equal steps; `low` and `high` are the ends of its axis. */
export function curve(values, low, high, ends) {
  const x = (k) => (WIDE * k) / Math.max(1, values.length - 1);
  const y = (value) => HIGH - (HIGH * (value - low)) / Math.max(1e-9, high - low);
  const line = values.map((value, k) => `${k ? "L" : "M"}${x(k).toFixed(1)} ${y(value).toFixed(1)}`).join("");
  return drawing(ends, [
    s("path", { class: "area", d: `${line}L${WIDE} ${HIGH}L0 ${HIGH}Z` }),
    s("path", { class: "curve", d: line }),
  ]);
}

function drawing([left, right, top], parts) {
  return s(
    "svg", { class: "spark", viewBox: `0 -14 ${WIDE} ${HIGH + 32}`, role: "img" },
    s("text", { x: 0, y: -4 }, top), ...parts, s("line", { class: "axis", x1: 0, x2: WIDE, y1: HIGH, y2: HIGH }),
    s("text", { x: 0, y: HIGH + 14 }, left), s("text", { x: WIDE, y: HIGH + 14, "text-anchor": "end" }, right),
  );
}
