// The state while the text is read: a column for each token, a row for each bit. Only what is on the screen is drawn.
import { bitAt, change, flipped, length, moduleOf, said, surprise, tokens, units } from "./data.js";
import { fitted, soon } from "./canvas.js";
import { h, replace } from "./dom.js";
import { bitName, glyph, spoken } from "./names.js";
import { isAlone, ORDERS, ordered } from "./orders.js";
import { go, onView, view } from "./route.js";
import { hue, onTheme } from "./theme.js";
import { hideTip, showTip } from "./tip.js";
import { segments } from "./controls.js";

const GUTTER = 44;
const WIDTHS = [2, 4, 7, 10, 14, 20, 28];
const BARS = surprise ? 26 : 0;
const LETTERS = 18;
const HEAD = BARS + (said ? 2 : 1) * LETTERS + 4;

export function startWaterfall(section) {
  const high = Math.max(3, Math.min(18, Math.floor(600 / units)));
  let wide = WIDTHS[3 + Math.min(3, longest())];
  let rows = ordered(view.order);
  let colours = {};
  let pointed = null;
  const canvas = h("canvas", { tabindex: 0, role: "img", "aria-label": "Bits of the state by token; arrow keys move, Enter opens the bit" });
  const room = h("div");
  const fall = h("div", { class: "fall" }, canvas, room);
  const mini = h("canvas", { class: "mini", "aria-label": "The whole text" });
  const order = segments(Object.entries(ORDERS), view.order, (chosen) => go({ order: chosen }));
  const zoom = (step) => () => {
    const at = view.at ?? Math.round((fall.scrollLeft + (fall.clientWidth - GUTTER) / 2) / wide);
    wide = WIDTHS[Math.max(0, Math.min(WIDTHS.length - 1, WIDTHS.indexOf(wide) + step))];
    measure();
    centre(at);
  };
  replace(
    section,
    h("header", {}, h("h2", {}, "Waterfall"), h("p", {}, "Time runs to the right, every row is a bit of the state. Click a bit to open its card and a moment to see the state; arrow keys move.")),
    h(
      "div", { class: "controls" },
      h("label", {}, "order by", order.element),
      h("span", { class: "segments" },
        h("button", { type: "button", "aria-label": "Narrower columns", on: { click: zoom(-1) } }, "−"),
        h("button", { type: "button", "aria-label": "Wider columns", on: { click: zoom(1) } }, "+")),
      h("span", { class: "legend push" },
        swatch("--on", "on"), swatch("--rise", "switches on"), swatch("--fall", "switches off"), surprise && swatch("--accent", "bits of surprise")),
    ),
    h("div", { class: "panel" }, fall, mini),
  );

  const total = () => HEAD + rows.length * high + 2;
  function measure() {
    fall.style.height = `${Math.min(900, total())}px`;
    room.style.width = `${GUTTER + length * wide}px`;
    room.style.height = `${total()}px`;
    room.style.marginTop = `-${Math.min(900, total())}px`;
    draw();
  }
  function centre(at) {
    const middle = GUTTER + (at - 0.5) * wide - fall.clientWidth / 2;
    fall.scrollLeft = Math.max(0, middle);
    draw();
  }
  function seen(at) {
    const x = (at - 1) * wide - fall.scrollLeft;
    return x >= 0 && x + wide <= fall.clientWidth - GUTTER;
  }

  const draw = soon(() => {
    const [width, height] = [fall.clientWidth, fall.clientHeight];
    if (!width) return;
    const g = fitted(canvas, width, height);
    const first = Math.max(1, Math.floor(fall.scrollLeft / wide) + 1);
    const last = Math.min(length, Math.ceil((fall.scrollLeft + width - GUTTER) / wide) + 1);
    const top = Math.max(0, Math.floor(fall.scrollTop / high));
    const end = Math.min(rows.length, Math.ceil((fall.scrollTop + height - HEAD) / high));
    const x = (t) => GUTTER + (t - 1) * wide - fall.scrollLeft;
    const y = (row) => HEAD + row * high - fall.scrollTop;
    g.fillStyle = colours.card;
    g.fillRect(0, 0, width, height);
    const gapX = wide >= 7 ? 1 : 0;
    const gapY = high >= 5 ? 1 : 0;
    const groups = { on: [], rise: [], fall: [] };
    for (let row = top; row < end; row++) {
      const bit = rows[row];
      for (let t = first; t <= last; t++) {
        const turn = change(t, bit);
        if (turn > 0) groups.rise.push(t, row);
        else if (turn < 0) groups.fall.push(t, row);
        else if (bitAt(t, bit)) groups.on.push(t, row);
      }
    }
    for (const [kind, cells] of Object.entries(groups)) {
      g.fillStyle = colours[kind];
      g.globalAlpha = { on: 0.5, rise: 0.92, fall: 0.6 }[kind];
      const part = kind === "fall" ? 0.34 : 1;
      for (let k = 0; k < cells.length; k += 2) {
        const tall = (high - gapY) * part;
        g.fillRect(x(cells[k]), y(cells[k + 1]) + (high - gapY - tall) / 2, wide - gapX, tall);
      }
      g.globalAlpha = 1;
    }
    drawCross(g, x, y, width, height, wide);
    g.fillStyle = colours.card;
    g.fillRect(0, 0, width, HEAD - 1);
    drawHead(g, x, first, last);
    drawGutter(g, y, top, end, height);
    drawMini();
  });

  function drawCross(g, x, y, width, height) {
    const row = view.bit == null ? -1 : rows.indexOf(view.bit);
    g.strokeStyle = colours.accent;
    g.lineWidth = 1.5;
    if (view.at != null) g.strokeRect(x(view.at) - 0.5, 1, wide, height - 2);
    if (row >= 0) g.strokeRect(0.75, y(row) - 1, width - 1.5, high + 1);
    if (pointed) {
      g.globalAlpha = 0.5;
      g.strokeRect(x(pointed.at) - 0.5, y(pointed.row) - 0.5, wide, high);
      g.globalAlpha = 1;
    }
  }

  function drawHead(g, x, first, last) {
    g.textAlign = "center";
    g.textBaseline = "middle";
    const size = wide >= 14 ? 12.5 : 10.5;
    for (let t = first; t <= last; t++) {
      const at = x(t);
      if (surprise && t > 1) {
        const tall = Math.min(BARS - 4, surprise[t - 1] * 3);
        g.fillStyle = colours.accent;
        g.globalAlpha = 0.55;
        g.fillRect(at + wide * 0.15, BARS - tall, Math.max(1, wide * 0.7), tall);
        g.globalAlpha = 1;
      }
      if (wide < 7) continue;
      if (view.at === t) {
        g.fillStyle = colours["accent-soft"];
        g.fillRect(at, BARS + 1, wide, HEAD - BARS - 3);
      }
      g.font = `600 ${size}px ${MONO}`;
      g.fillStyle = colours.ink;
      g.fillText(short(glyph(tokens[t - 1])), at + wide / 2, BARS + LETTERS / 2 + 2, wide - 1);
      if (!said) continue;
      g.font = `${size}px ${MONO}`;
      g.fillStyle = t < length && said[t - 1] === tokens[t] ? colours.rise : colours.faint;
      g.fillText(short(spoken(said[t - 1])), at + wide / 2, BARS + LETTERS * 1.5 + 2, wide - 1);
    }
    g.fillStyle = colours.card;
    g.fillRect(0, 0, GUTTER, HEAD - 1);
    g.font = `10.5px ${SANS}`;
    g.textAlign = "left";
    g.fillStyle = colours.faint;
    if (surprise) g.fillText("bits", 6, BARS / 2 + 3);
    g.fillText("reads", 6, BARS + LETTERS / 2 + 2);
    if (said) g.fillText("says", 6, BARS + LETTERS * 1.5 + 2);
    g.fillStyle = colours.line;
    g.fillRect(0, HEAD - 2, 1e5, 1);
  }

  function drawGutter(g, y, top, end, height) {
    g.fillStyle = colours.card;
    g.fillRect(0, HEAD - 1, GUTTER - 1, height);
    g.font = `10px ${MONO}`;
    g.textAlign = "right";
    const step = high >= 10 ? 1 : Math.ceil(12 / high / 4) * 4;
    for (let row = top; row < end; row++) {
      const bit = rows[row];
      g.fillStyle = hue(moduleOf[bit], isAlone(bit));
      g.fillRect(GUTTER - 6, y(row), 4, high - (high > 4 ? 1 : 0));
      const marked = bit === view.bit;
      if (!marked && row % step) continue;
      g.fillStyle = marked ? colours.accent : colours.faint;
      if (marked) g.font = `700 11px ${MONO}`;
      g.fillText(bit, GUTTER - 9, y(row) + high / 2);
      if (marked) g.font = `10px ${MONO}`;
    }
  }

  function drawMini() {
    const [width, height] = [mini.clientWidth, 46];
    const g = fitted(mini, width, height);
    g.fillStyle = colours.sunk;
    g.fillRect(0, 0, width, height);
    const most = peak(width);
    for (let px = 0; px < width; px++) {
      const [sum, from, to] = part(px, width);
      g.fillStyle = colours.on;
      g.globalAlpha = 0.5;
      const tall = (height - 6) * (sum / Math.max(1, to - from) / most);
      g.fillRect(px, height - tall, 1, tall);
    }
    g.globalAlpha = 1;
    const left = (fall.scrollLeft / wide / length) * width;
    const shown = Math.max(4, ((fall.clientWidth - GUTTER) / wide / length) * width);
    g.strokeStyle = colours.accent;
    g.lineWidth = 1.5;
    g.fillStyle = colours.accent;
    g.globalAlpha = 0.12;
    g.fillRect(left, 0, shown, height);
    g.globalAlpha = 1;
    g.strokeRect(left + 0.75, 0.75, Math.min(shown, width - left) - 1.5, height - 1.5);
    if (view.at != null) g.fillRect(((view.at - 0.5) / length) * width - 0.75, 0, 1.5, height);
  }

  const peaks = new Map();
  function peak(width) {
    if (!peaks.has(width)) {
      let most = 1e-9;
      for (let px = 0; px < width; px++) {
        const [sum, from, to] = part(px, width);
        most = Math.max(most, sum / Math.max(1, to - from));
      }
      peaks.set(width, most);
    }
    return peaks.get(width);
  }

  function place(event) {
    const box = canvas.getBoundingClientRect();
    const t = Math.floor((event.clientX - box.left - GUTTER + fall.scrollLeft) / wide) + 1;
    const row = Math.floor((event.clientY - box.top - HEAD + fall.scrollTop) / high);
    const inGutter = event.clientX - box.left < GUTTER;
    const inHead = event.clientY - box.top < HEAD;
    return {
      at: inGutter || t < 1 || t > length ? null : t, row: inHead || row < 0 || row >= rows.length ? null : row,
    };
  }
  canvas.addEventListener("pointermove", (event) => {
    const { at, row } = place(event);
    pointed = at != null && row != null ? { at, row } : null;
    if (pointed) showTip(event.clientX, event.clientY, told(at, rows[row]));
    else if (row != null) showTip(event.clientX, event.clientY, bitName(rows[row]));
    else hideTip();
    draw();
  });
  canvas.addEventListener("pointerleave", () => {
    pointed = null;
    hideTip();
    draw();
  });
  canvas.addEventListener("click", (event) => {
    const { at, row } = place(event);
    const changes = {};
    if (at != null) changes.at = at;
    if (row != null) changes.bit = rows[row];
    if (at == null && row != null) changes.section = "bits";
    go(changes);
  });
  canvas.addEventListener("keydown", (event) => {
    const row = view.bit == null ? 0 : rows.indexOf(view.bit);
    const at = view.at ?? 1;
    const page = Math.floor((fall.clientWidth - GUTTER) / wide);
    const steps = {
      ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1], PageDown: [page, 0], PageUp: [-page, 0],
      Home: [-length, 0], End: [length, 0],
    };
    if (event.key === "Enter" && view.bit != null) go({ section: "bits" });
    if (!steps[event.key]) return;
    event.preventDefault();
    const [right, down] = steps[event.key];
    go({
      at: Math.max(1, Math.min(length, at + right)), bit: rows[Math.max(0, Math.min(rows.length - 1, row + down))],
    });
  });
  fall.addEventListener("scroll", draw, { passive: true });
  const drag = (event) => {
    if (event.type === "pointerdown") mini.setPointerCapture(event.pointerId);
    else if (!mini.hasPointerCapture(event.pointerId)) return;
    const box = mini.getBoundingClientRect();
    centre(Math.max(1, ((event.clientX - box.left) / box.width) * length));
  };
  mini.addEventListener("pointerdown", drag);
  mini.addEventListener("pointermove", drag);
  new ResizeObserver(draw).observe(fall);

  onView((now, before) => {
    if (now.order !== before.order) {
      rows = ordered(now.order);
      order.choose(now.order);
    }
    if (now.at !== before.at && now.at != null && !seen(now.at)) centre(now.at);
    draw();
  });
  onTheme((colour) => {
    for (const name of [
      "card", "sunk", "ink", "soft", "faint", "line", "accent", "accent-soft", "on", "rise", "fall",
    ]) colours[name] = colour(name);
    draw();
  });
  measure();
  if (view.at != null) centre(view.at);
}

const MONO = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace";
const SANS = "system-ui, sans-serif";

/** The sum of flips under a pixel of the whole text, and which tokens these are. */
function part(px, width) {
  const from = Math.floor((px / width) * length);
  const to = Math.max(from + 1, Math.floor(((px + 1) / width) * length));
  let sum = 0;
  for (let t = from + 1; t <= Math.min(to, length); t++) sum += flipped[t];
  return [sum, from, to];
}

/** Signs of the longest name above a column. */
function longest() {
  let most = 1;
  for (let k = 0; k < Math.min(length, 2000); k++) most = Math.max(most, short(glyph(tokens[k])).length);
  return most;
}

function short(name) {
  return name.length > 3 ? `${name.slice(0, 2)}…` : name;
}

function told(at, bit) {
  const turn = change(at, bit);
  const does = turn > 0 ? "switches on" : turn < 0 ? "switches off" : bitAt(at, bit) ? "stays on" : "stays off";
  const says = said ? `, says ${spoken(said[at - 1])}` : "";
  return `${bitName(bit)} ${does} at token ${at}: reads ${glyph(tokens[at - 1])}${says}`;
}

function swatch(name, text) {
  return h("span", {}, h("i", { vars: { "--swatch": `var(${name})` } }), text);
}
