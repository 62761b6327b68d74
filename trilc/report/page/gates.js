// Every gate and wire of the netlist. From afar it is density, near by gates have names; a click shows a cone.
import { data, numbers, units } from "./data.js";
import { Camera } from "./camera.js";
import { soon, whenNear } from "./canvas.js";
import { segments } from "./controls.js";
import { count, h, many, replace } from "./dom.js";
import { Ink } from "./ink.js";
import { netlist, tally } from "./netlist.js";
import { go, onView, view } from "./route.js";
import { hue, onTheme, rgb } from "./theme.js";
import { hideTip, showTip } from "./tip.js";

const NEAR = 1400;
const CELLS = 256;
const MONO = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace";

export function startGates(section) {
  if (!netlist) {
    return replace(
      section,
      h(
        "header", {}, h("h2", {}, "Gates"),
        h("p", {}, `The netlist has ${count(data.overview.size.ands)} gates, more than there is room for in a page.`),
      ),
    );
  }
  const canvas = h(
    "canvas", { tabindex: 0, role: "img", "aria-label": "Gates of the netlist and the wires between them" },
  );
  const side = h("aside", { class: "panel side", "aria-live": "polite" });
  let by = "module";
  const how = segments([["module", "module"], ["level", "level"]], by, (key) => {
    by = key;
    how.choose(key);
    paint();
  });
  const button = (text, label, act) => h("button", { type: "button", "aria-label": label, on: { click: act } }, text);
  const all = () => camera.fit([0, 0, 65535, 65535], 8);
  replace(
    section,
    h(
      "header", {}, h("h2", {}, "Gates"),
      h(
        "p", {},
        `All ${many(data.overview.size.ands, "AND gate")} and the wires between them, placed by forces. Click one for its cone: what it depends on, and what depends on it, within one token. Drag to move, click into the map and turn the wheel to zoom, search by name.`,
      ),
    ),
    h("div", { class: "controls" }, h("label", {}, "colours show", how.element),
      h(
        "span", { class: "legend push" },
        h("span", {}, h("i", { vars: { "--swatch": "var(--into)" } }), "what it depends on"),
        h("span", {}, h("i", { vars: { "--swatch": "var(--out)" } }), "what depends on it"),
      )),
    h("div", { class: "aside" },
      h("div", { class: "panel map" }, canvas, h("div", { class: "zoom" },
        button("+", "Nearer", () => camera.zoom(1.6)), button(
          "−", "Farther", () => camera.zoom(1 / 1.6),
        ), button("⤢", "All", all))),
      side),
  );

  const { nodes, first, firstRegister, places } = netlist;
  const ends = wired();
  const grid = gridded();
  const [px, py] = [new Float32Array(nodes), new Float32Array(nodes)];
  const [red, green, blue] = [new Float32Array(nodes), new Float32Array(nodes), new Float32Array(nodes)];
  const flat = {};
  const ink = new Ink();
  let colours = {};
  let ready = false;
  let selection = null;
  let hovered = -1;
  const camera = new Camera(canvas, () => draw());

  function paint() {
    const [plain, into, out] = ["faint", "into", "out"].map((name) => rgb(colours[name]));
    const cache = new Map();
    const of = (css) => {
      if (!cache.has(css)) cache.set(css, rgb(css));
      return cache.get(css);
    };
    let deepest = 1;
    for (const level of netlist.levels) deepest = Math.max(deepest, level);
    for (let node = 0; node < nodes; node++) {
      const own = netlist.owner[node];
      let shade = plain;
      if (selection) shade = selection.into[node] ? into : selection.out[node] ? out : plain;
      else if (by === "level") shade = of(`oklch(0.65 0.14 ${Math.round(265 - (230 * netlist.levels[node]) / deepest)})`);
      else if (own >= 0) shade = of(own < data.wiring.modules.length ? hue(
        own, data.wiring.modules[own].length === 1,
      ) : hue(own + 3));
      [red[node], green[node], blue[node]] = shade;
    }
    draw();
  }

  const draw = soon(() => {
    if (!ready) return;
    const began = performance.now();
    const [width, height] = [canvas.parentElement.clientWidth, mapHeight()];
    const ratio = Math.min(2, devicePixelRatio || 1);
    const coarse = camera.moving ? 0.7 : ratio;
    const [w, h_] = [Math.round(width * coarse), Math.round(height * coarse)];
    if (canvas.width !== w || canvas.height !== h_) {
      [canvas.width, canvas.height] = [w, h_];
      [canvas.style.width, canvas.style.height] = [`${width}px`, `${height}px`];
    }
    const g = canvas.getContext("2d");
    const { scale, left, top } = camera;
    for (let n = 0; n < nodes; n++) {
      px[n] = (scale * places[2 * n] + left) * coarse;
      py[n] = (scale * places[2 * n + 1] + top) * coarse;
    }
    ink.clear(w, h_);
    if (selection) {
      ink.wires(ends, px, py, flat.plain, 0.03, true);
      ink.wires(selection.outWires, px, py, flat.out, 1, camera.moving);
      ink.wires(selection.inWires, px, py, flat.into, 3, camera.moving);
    } else ink.wires(ends, px, py, [red, green, blue], 1, camera.moving);
    g.putImageData(ink.shown(flat.paper), 0, 0);
    const close = visible(width, height);
    if (close) drawNear(g, close, coarse);
    drawMarks(g, coarse, width, height);
    canvas.dataset.milliseconds = (performance.now() - began).toFixed(1);
  });

  /** Nodes on the screen, where they are few. */
  function visible(width, height) {
    const [x0, y0] = camera.point(0, 0);
    const [x1, y1] = camera.point(width, height);
    const found = [];
    const cell = (value) => Math.max(0, Math.min(CELLS - 1, Math.floor((value / 65536) * CELLS)));
    for (let row = cell(y0); row <= cell(y1); row++) {
      const [from, to] = [grid.begin[row * CELLS + cell(x0)], grid.begin[row * CELLS + cell(x1) + 1]];
      if (found.length + to - from > 4 * NEAR) return null;
      for (let k = from; k < to; k++) {
        const node = grid.list[k];
        if (places[2 * node] >= x0 && places[2 * node] <= x1 && places[2 * node + 1] >= y0 && places[2 * node + 1] <= y1) found.push(node);
      }
      if (found.length > NEAR) return null;
    }
    return found;
  }

  function drawNear(g, list, coarse) {
    const size = (list.length < 250 ? 4.5 : 2.6) * coarse;
    g.lineWidth = 0.8 * coarse;
    for (const node of list) {
      g.strokeStyle = `rgb(${red[node] | 0} ${green[node] | 0} ${blue[node] | 0})`;
      g.globalAlpha = 0.45;
      g.beginPath();
      for (const below of netlist.below(node)) {
        g.moveTo(px[below], py[below]);
        g.lineTo(px[node], py[node]);
      }
      g.stroke();
      g.globalAlpha = 1;
    }
    for (const node of list) {
      g.fillStyle = `rgb(${red[node] | 0} ${green[node] | 0} ${blue[node] | 0})`;
      g.beginPath();
      if (node < first) g.rect(px[node] - size, py[node] - size, 2 * size, 2 * size);
      else g.arc(px[node], py[node], size, 0, 7);
      g.fill();
    }
    if (list.length > 220) return;
    g.font = `${10.5 * coarse}px ${MONO}`;
    g.fillStyle = colours.ink;
    g.textAlign = "left";
    g.textBaseline = "middle";
    for (const node of list) g.fillText(netlist.name(node), px[node] + size + 3 * coarse, py[node]);
  }

  function drawMarks(g, coarse) {
    g.textAlign = "center";
    g.textBaseline = "middle";
    for (const node of new Set([view.node, hovered])) {
      if (node == null || node < 1 || node >= nodes) continue;
      g.beginPath();
      g.arc(px[node], py[node], 7 * coarse, 0, 7);
      g.strokeStyle = colours.ink;
      g.lineWidth = 2 * coarse;
      g.stroke();
      g.font = `600 ${12 * coarse}px ${MONO}`;
      g.lineWidth = 4 * coarse;
      g.strokeStyle = colours.card;
      g.strokeText(netlist.name(node), px[node], py[node] - 16 * coarse);
      g.fillStyle = colours.ink;
      g.fillText(netlist.name(node), px[node], py[node] - 16 * coarse);
    }
  }

  function nearest(x, y) {
    const [wx, wy] = camera.point(x, y);
    const radius = 12 / camera.scale;
    const cell = (value) => Math.max(0, Math.min(CELLS - 1, Math.floor((value / 65536) * CELLS)));
    let [best, far] = [-1, radius * radius];
    for (let row = cell(wy - radius); row <= cell(wy + radius); row++) {
      for (let k = grid.begin[row * CELLS + cell(wx - radius)]; k < grid.begin[row * CELLS + cell(wx + radius) + 1]; k++) {
        const node = grid.list[k];
        const square = (places[2 * node] - wx) ** 2 + (places[2 * node + 1] - wy) ** 2;
        if (square < far) [best, far] = [node, square];
      }
    }
    return best;
  }

  function select() {
    const node = view.node != null && view.node > 0 && view.node < nodes ? view.node : null;
    selection = null;
    if (node != null) {
      const below = netlist.fanInCone(node);
      const above = netlist.fanOutCone(node);
      const wiresOf = (test) => {
        const list = [];
        for (let k = 0; k < ends.length; k += 2) if (test(ends[k], ends[k + 1])) list.push(ends[k], ends[k + 1]);
        return Uint32Array.from(list);
      };
      const isState = node >= firstRegister && node < first;
      selection = {
        into: below, out: above.marked,
        inWires: wiresOf((a, b) => below[a] && (b === node ? !isState || a === netlist.next[node - firstRegister] >> 1 : below[b] && b >= first)),
        outWires: wiresOf((a, b) => (a === node || above.marked[a]) && b >= first && above.marked[b]),
      };
      replace(side, beside(node, below, above));
    } else replace(side, idle());
    paint();
  }

  camera.click = (x, y) => {
    const node = nearest(x, y);
    go({ node: node < 0 ? null : node });
  };
  camera.hover = (x, y, event) => {
    const node = x == null ? -1 : nearest(x, y);
    if (node === hovered) return;
    hovered = node;
    if (node < 0) hideTip();
    else showTip(
      event.clientX, event.clientY, `${netlist.name(node)}, ${netlist.kind(node)}, level ${netlist.levels[node]}`,
    );
    draw();
  };
  onView((now, before) => {
    if (now.node === before.node) return;
    select();
    if (ready && now.node != null && now.node < nodes && now.section === "gates") bring(now.node);
  });
  function bring(node) {
    const [x, y] = [camera.scale * places[2 * node] + camera.left, camera.scale * places[2 * node + 1] + camera.top];
    if (x < 20 || y < 20 || x > canvas.clientWidth - 20 || y > canvas.clientHeight - 20) camera.centre(places[2 * node], places[2 * node + 1]);
  }
  onTheme((colour) => {
    for (const name of ["card", "ink", "faint", "into", "out"]) colours[name] = colour(name);
    flat.paper = rgb(colours.card);
    for (const [key, name] of [
      ["plain", "faint"], ["into", "into"], ["out", "out"],
    ]) flat[key] = rgb(colours[name]).map((part) => new Float32Array(nodes).fill(part));
    if (ready) paint();
  });
  replace(side, idle());
  canvas.style.height = `${mapHeight()}px`;
  whenNear(canvas, () => {
    ready = true;
    canvas.style.width = `${canvas.parentElement.clientWidth}px`;
    all();
    select();
    new ResizeObserver(() => draw()).observe(canvas.parentElement);
  });

  function gridded() {
    const begin = new Uint32Array(CELLS * CELLS + 1);
    const cellOf = new Uint32Array(nodes);
    for (let n = 1; n < nodes; n++) {
      cellOf[n] = ((places[2 * n + 1] * CELLS) >> 16) * CELLS + ((places[2 * n] * CELLS) >> 16);
      begin[cellOf[n] + 1]++;
    }
    for (let c = 0; c < CELLS * CELLS; c++) begin[c + 1] += begin[c];
    const place = begin.slice();
    const list = new Uint32Array(nodes - 1);
    for (let n = 1; n < nodes; n++) list[place[cellOf[n]]++] = n;
    return { begin, list };
  }
}

/** The wires, from node to node: fan-ins of gates, and next states of registers. */
function wired() {
  const { fanins, next, first, firstRegister } = netlist;
  const ends = new Uint32Array(2 * (fanins.length + next.length));
  let at = 0;
  const add = (literal, node) => {
    if (literal < 2) return;
    ends[at++] = literal >> 1;
    ends[at++] = node;
  };
  for (let k = 0; k < fanins.length; k++) add(fanins[k], first + (k >> 1));
  for (let k = 0; k < next.length; k++) add(next[k], firstRegister + k);
  return ends.subarray(0, at);
}

function idle() {
  const { size, outputs, inputs } = data.overview;
  return [
    h("h2", {}, "No gate is chosen"),
    h(
      "dl", {},
      [
        ["inputs", inputs], ["registers", size.registers], ["AND gates", size.ands], ["levels", size.levels],
        ["outputs", outputs],
      ].flatMap(([text, number]) => [h("dt", {}, text), h("dd", {}, count(number))]),
    ),
    h(
      "p", {}, "Grey gates work for several modules. Search a gate as g", h("i", {}, "number"),
      ", a register or an input by its name.",
    ),
  ];
}

function beside(node, below, above) {
  const [down, up] = [tally(below), tally(above.marked)];
  const pairs = (rows) => rows.flatMap(([text, number]) => [h("dt", {}, text), h("dd", {}, count(number))]);
  const { firstRegister, first } = netlist;
  const bit = node >= firstRegister && node < first ? stateBit(node) : null;
  return [
    h("h2", { class: "mono" }, netlist.name(node)),
    h(
      "p", {},
      `${netlist.kind(node)}${node >= first ? `, level ${netlist.levels[node]}` : ""}${node >= firstRegister && node < first ? ": its next state" : ""}`,
    ),
    h("h3", {}, "Depends on"),
    h(
      "dl", { class: "into", "data-gates": down.gate, "data-registers": down.register, "data-inputs": down.input },
      pairs([["gates", down.gate], ["registers", down.register], ["inputs", down.input]]),
    ),
    h("h3", {}, "Is seen by"),
    h(
      "dl", { class: "out", "data-gates": up.gate, "data-registers": above.registers, "data-outputs": above.outputs },
      pairs([["gates", up.gate], ["next states", above.registers], ["outputs", above.outputs]]),
    ),
    node >= first && h(
      "p", {}, "= ", fanin(netlist.fanins[2 * (node - first)]), " ∧ ", fanin(netlist.fanins[2 * (node - first) + 1]),
    ),
    h("div", { class: "actions" },
      bit != null && bit >= 0 && h(
        "button", { type: "button", on: { click: () => go({ bit, section: "bits" }) } }, "Card",
      ),
      h("button", { type: "button", on: { click: () => go({ node: null }) } }, "Clear")),
  ];
}

function fanin(literal) {
  return h(
    "button", { class: "chip plain", type: "button", on: { click: () => go({ node: literal >> 1 }) } },
    `${literal & 1 ? "¬" : ""}${netlist.name(literal >> 1)}`,
  );
}

function stateBit(node) {
  for (let bit = 0; bit < units; bit++) if (registers[bit] >> 1 === node) return bit;
  return -1;
}

const registers = numbers(data.bits.registers);
function mapHeight() {
  return Math.round(Math.min(680, Math.max(380, innerWidth * 0.6)));
}
