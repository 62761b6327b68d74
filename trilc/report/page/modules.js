// The map of bits: modules first, then the strongest wires, then whatever is asked for; never all at once.
import { data, moduleOf, numbers, on, length, units, wires } from "./data.js";
import { Camera } from "./camera.js";
import { fitted, soon, whenNear } from "./canvas.js";
import { segments, slider } from "./controls.js";
import { between, cone, force, into, neighbours, outOf } from "./dependence.js";
import { relax, spread } from "./forces.js";
import { count, h, many, percent, replace } from "./dom.js";
import { bitName } from "./names.js";
import { isAlone } from "./orders.js";
import { go, onView, view } from "./route.js";
import { hue, onTheme } from "./theme.js";
import { hideTip, showTip } from "./tip.js";
import { moduleTable } from "./worth.js";

const FORCED = 700;
const FLOWS = 30;
const MONO = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace";
const STEPS = [0, 1, 2, 3, 5, 8, 16, 1e9];

export function startModules(section) {
  const canvas = h("canvas", { tabindex: 0, role: "img", "aria-label": "Bits of the state and the wires between them" });
  const side = h("aside", { class: "panel side", "aria-live": "polite" });
  let shownWires = 1;
  let expanded = units <= FORCED ? "bits" : "modules";
  const how = segments([["modules", "modules"], ["bits", "bits"]], expanded, (key) => {
    expanded = key;
    how.choose(key);
    draw();
  });
  const button = (text, label, act) => h("button", { type: "button", "aria-label": label, on: { click: act } }, text);
  replace(
    section,
    h("header", {}, h("h2", {}, "Modules"), h("p", {}, told())),
    h("div", { class: "controls" },
      h("label", {}, "show", how.element),
      slider("wires into each bit", 0, STEPS.length - 1, 1, (k) => (STEPS[k] > 1e6 ? "all" : `${STEPS[k]}`), (k) => {
        shownWires = STEPS[k];
        draw();
      }),
      h(
        "span", { class: "legend push" },
        h("span", {}, h("i", { vars: { "--swatch": "var(--into)" } }), "what it depends on"),
        h("span", {}, h("i", { vars: { "--swatch": "var(--out)" } }), "what depends on it"),
      )),
    h("div", { class: "aside" },
      h("div", { class: "panel map" }, canvas, h("div", { class: "zoom" },
        button("+", "Nearer", () => camera.zoom(1.5)), button(
          "−", "Farther", () => camera.zoom(1 / 1.5),
        ), button("⤢", "All", () => camera.fit(box())))),
      side),
    h("div", { class: "panel under scroll" }, moduleTable()),
  );

  const { x, y, centres, radii } = placed();
  let colours = {};
  let hovered = null;
  let ready = false;
  const camera = new Camera(canvas, () => draw());
  const selected = () => (view.bit != null && view.bit < units ? view.bit : null);

  function box() {
    const found = [1e9, 1e9, -1e9, -1e9];
    centres.forEach((centre, k) => {
      found[0] = Math.min(found[0], centre.x - radii[k]);
      found[1] = Math.min(found[1], centre.y - radii[k]);
      found[2] = Math.max(found[2], centre.x + radii[k]);
      found[3] = Math.max(found[3], centre.y + radii[k]);
    });
    return found;
  }

  const draw = soon(() => {
    if (!ready) return;
    const [width, height] = [canvas.parentElement.clientWidth, mapHeight()];
    const g = fitted(canvas, width, height);
    g.fillStyle = colours.card;
    g.fillRect(0, 0, width, height);
    const { scale, left, top } = camera;
    const at = (bit) => [scale * x[bit] + left, scale * y[bit] + top];
    const chosen = selected();
    drawModules(g);
    if (expanded === "bits") {
      if (chosen == null) drawBackbone(g, at, 0.5);
      else {
        drawBackbone(g, at, 0.12);
        drawCone(g, at, chosen);
      }
      drawBits(g, at, chosen);
    } else {
      drawFlows(g);
      drawNames(g);
    }
  });

  function drawModules(g) {
    centres.forEach((centre, k) => {
      const bits = data.wiring.modules[k];
      if (bits.length === 1 && expanded === "bits") return;
      g.beginPath();
      g.arc(camera.scale * centre.x + camera.left, camera.scale * centre.y + camera.top, camera.scale * radii[k], 0, 7);
      g.fillStyle = hue(k, bits.length === 1);
      g.globalAlpha = expanded === "bits" ? 0.1 : 0.28;
      g.fill();
      g.globalAlpha = 1;
      if (expanded === "bits") name(g, k, `${k}`, -camera.scale * radii[k] - 9);
    });
  }

  function drawNames(g) {
    data.wiring.modules.forEach((bits, k) => bits.length > 1 && name(g, k, `${k} · ${bits.length} bits`, 0));
  }

  function name(g, module, text, down) {
    const [px, py] = [
      camera.scale * centres[module].x + camera.left, camera.scale * centres[module].y + camera.top + down,
    ];
    g.font = `600 12px ${MONO}`;
    g.textAlign = "center";
    g.textBaseline = "middle";
    g.lineWidth = 5;
    g.strokeStyle = colours.card;
    g.strokeText(text, px, py);
    g.fillStyle = hue(module);
    g.fillText(text, px, py);
  }

  function drawFlows(g) {
    const flows = between();
    const most = Math.max(1, ...flows.map((flow) => flow.sum));
    for (const { from, to, sum } of flows.slice(0, FLOWS)) {
      const [a, b] = [centres[from], centres[to]];
      curve(
        g, camera.scale * a.x + camera.left, camera.scale * a.y + camera.top, camera.scale * b.x + camera.left,
        camera.scale * b.y + camera.top, hue(from), 0.45, 0.5 + (5 * sum) / most,
      );
    }
  }

  function drawBackbone(g, at, alpha) {
    if (!shownWires) return;
    for (let bit = 0; bit < units; bit++) {
      const list = into[bit];
      for (let k = 0; k < Math.min(shownWires, list.length); k++) {
        const wire = list[k];
        const from = wires.from[wire];
        if (from === bit) continue;
        curve(
          g, ...at(from), ...at(bit), hue(moduleOf[from], isAlone(from)), alpha * (0.25 + 0.75 * force(wire)),
          0.6 + 1.6 * force(wire),
        );
      }
    }
  }

  function drawCone(g, at, bit) {
    const strong = (list) => list.filter((wire) => wires.from[wire] !== wires.to[wire]);
    for (const wire of strong(outOf[bit])) curve(
      g, ...at(bit), ...at(wires.to[wire]), colours.out, 0.3 + 0.6 * force(wire), 0.7 + 2.4 * force(wire),
    );
    for (const wire of strong(into[bit])) curve(
      g, ...at(wires.from[wire]), ...at(bit), colours.into, 0.3 + 0.6 * force(wire), 0.7 + 2.4 * force(wire),
    );
  }

  function drawBits(g, at, chosen) {
    const near = chosen == null ? null : neighbours(chosen);
    g.textAlign = "center";
    g.textBaseline = "middle";
    const size = Math.max(2.2, Math.min(16, camera.scale * 5));
    for (let bit = 0; bit < units; bit++) {
      const [px, py] = at(bit);
      const faded = near && bit !== chosen && !near.into.has(bit) && !near.out.has(bit);
      g.globalAlpha = faded ? 0.25 : 1;
      g.beginPath();
      g.arc(px, py, bit === chosen ? size + 3 : size * (0.72 + 0.5 * Math.sqrt(on[bit] / length)), 0, 7);
      g.fillStyle = hue(moduleOf[bit], isAlone(bit));
      g.fill();
      if (near && !faded && bit !== chosen) {
        g.lineWidth = 2;
        g.strokeStyle = near.into.has(bit) ? colours.into : colours.out;
        g.stroke();
      }
      if (bit === chosen || bit === hovered) {
        g.lineWidth = 2.5;
        g.strokeStyle = colours.ink;
        g.stroke();
      }
      if (size > 7.5) {
        g.fillStyle = colours.card;
        g.font = `600 ${Math.min(12, Math.max(10, size))}px ${MONO}`;
        if (bit !== chosen || size > 7.5) g.fillText(bit, px, py);
      }
    }
    g.globalAlpha = 1;
    if (chosen == null || size > 7.5) return;
    const [px, py] = at(chosen);
    g.font = `700 13px ${MONO}`;
    g.lineWidth = 4;
    g.strokeStyle = colours.card;
    g.strokeText(bitName(chosen), px, py - size - 13);
    g.fillStyle = colours.ink;
    g.fillText(bitName(chosen), px, py - size - 13);
  }

  function nearest(px, py) {
    const [wx, wy] = camera.point(px, py);
    let best = -1;
    let far = (Math.max(9, camera.scale * 6) / camera.scale) ** 2;
    for (let bit = 0; bit < units; bit++) {
      const square = (x[bit] - wx) ** 2 + (y[bit] - wy) ** 2;
      if (square < far) [best, far] = [bit, square];
    }
    return best;
  }

  camera.grab = (px, py) => {
    const bit = expanded === "bits" ? nearest(px, py) : -1;
    if (bit < 0) return null;
    const ends = strongest(2);
    return {
      move(wx, wy) {
        [x[bit], y[bit]] = [wx, wy];
        if (units <= FORCED) relax({ x, y, group: moduleOf, centres, ends, turns: 1, heat: 3, pinned: bit });
        draw();
      },
    };
  };
  camera.click = (px, py) => {
    const bit = nearest(px, py);
    if (expanded === "modules") {
      const [wx, wy] = camera.point(px, py);
      const module = centres.findIndex((centre, k) => Math.hypot(centre.x - wx, centre.y - wy) < radii[k]);
      if (module < 0) return;
      expanded = "bits";
      how.choose("bits");
      camera.centre(centres[module].x, centres[module].y, Math.min(6, 150 / radii[module]));
    } else go({ bit: bit < 0 ? null : bit });
  };
  camera.hover = (px, py, event) => {
    hovered = px == null || expanded !== "bits" ? null : nearest(px, py);
    if (hovered == null || hovered < 0) hideTip();
    else showTip(
      event.clientX, event.clientY,
      `${bitName(hovered)}: on ${percent(on[hovered] / length)} of the text, depends on ${into[hovered].length}, is read by ${outOf[hovered].length}`,
    );
    draw();
  };
  onView((now, before) => {
    if (now.bit !== before.bit) {
      replace(side, beside(selected()));
      draw();
    }
  });
  onTheme((colour) => {
    for (const name of ["card", "ink", "into", "out", "faint"]) colours[name] = colour(name);
    draw();
  });
  replace(side, beside(selected()));
  canvas.style.height = `${mapHeight()}px`;
  whenNear(canvas, () => {
    if (units <= FORCED) {
      relax({ x, y, group: moduleOf, centres, ends: strongest(2), turns: units > 300 ? 60 : 140, heat: 9 });
      gather({ x, y, centres, radii });
    }
    ready = true;
    fitted(canvas, canvas.parentElement.clientWidth, mapHeight());
    camera.fit(box());
    new ResizeObserver(() => {
      fitted(canvas, canvas.parentElement.clientWidth, mapHeight());
      draw();
    }).observe(canvas.parentElement);
  });
}

function told() {
  const { modularity, shuffled, modules } = data.wiring;
  const larger = modules.filter((bits) => bits.length > 1).length;
  const mean = shuffled.modularity.reduce((a, b) => a + b, 0) / Math.max(1, shuffled.modularity.length);
  const means = shuffled.modularity.length ? ` (shuffled weights of the same density: ${mean.toFixed(3)})` : "";
  return `${many(larger, "module")} of bits that talk more among themselves than to others: modularity ${modularity.toFixed(3)}${means}. Every dependence is proved; a wire is as strong as it matters on the text. Click a bit for its cone of influence, drag it, click into the map and turn the wheel to zoom.`;
}

function beside(bit) {
  if (bit == null) {
    return [
      h("h2", {}, "No bit is chosen"),
      h(
        "p", {},
        `${count(units)} bits, ${count(wires.to.length)} dependences. Only the strongest wire into each bit is drawn: click a bit to see all of its own, or draw more with the slider.`,
      ),
      h("p", {}, "Search with ", h("kbd", {}, "/"), "."),
    ];
  }
  const [back, forth] = [cone(bit, true), cone(bit, false)];
  const rows = (counts, text) => counts.slice(0, 5).flatMap((number, k) => [
    h("dt", {}, `${text} ${many(k + 1, "token")}`), h("dd", {}, count(number)),
  ]);
  return [
    h("h2", { class: "mono" }, bitName(bit)),
    h("p", {}, "Bits that it depends on, as many tokens ago or fewer, and bits that depend on it so many tokens later:"),
    h("dl", { class: "into", "data-into": into[bit].length }, rows(back, "within")),
    h("dl", { class: "out", "data-out": outOf[bit].length }, rows(forth, "within")),
    h("p", {}, strongestText(bit)),
    h("div", { class: "actions" },
      h("button", { type: "button", on: { click: () => go({ bit, section: "bits" }) } }, "Card"),
      data.gates && h(
        "button",
        {
          type: "button",
          on: { click: () => go({ bit, node: numbers(data.bits.registers)[bit] >> 1, section: "gates" }) },
        },
        "Its gates",
      ),
      h("button", { type: "button", on: { click: () => go({ bit: null }) } }, "Clear")),
  ];
}

function strongestText(bit) {
  const list = into[bit].slice(0, 3).map((wire) => `${bitName(wires.from[wire])} (${percent(force(wire))})`);
  return list.length ? `Decided most by ${list.join(", ")}: so often flipping that one flips it on this text.` : "It depends on no bit, only on the token.";
}

function placed() {
  const given = numbers(data.wiring.places);
  const [x, y] = [new Float64Array(units), new Float64Array(units)];
  let most = 1e-9;
  for (let k = 0; k < given.length; k++) most = Math.max(most, Math.abs(given[k]));
  const wide = 16 * Math.sqrt(units);
  for (let bit = 0; bit < units; bit++) {
    x[bit] = (given[2 * bit] / most) * wide;
    y[bit] = (given[2 * bit + 1] / most) * wide;
  }
  const { modules } = data.wiring;
  const radii = modules.map((bits) => 8 + 14 * Math.sqrt(bits.length));
  const centres = spread(modules.map((bits) => ({
    x: (0.7 * bits.reduce((sum, bit) => sum + x[bit], 0)) / bits.length, y: (0.7 * bits.reduce((sum, bit) => sum + y[bit], 0)) / bits.length,
  })), radii, 22);
  centres.forEach((centre, k) => (centre.radius = radii[k]));
  modules.forEach((bits, k) => {
    bits.forEach((bit, turn) => {
      const angle = turn * 2.39996;
      const far = (radii[k] - 5) * Math.sqrt((turn + 0.3) / bits.length) * 0.92;
      x[bit] = centres[k].x + far * Math.cos(angle);
      y[bit] = centres[k].y + far * Math.sin(angle);
    });
  });
  return { x, y, centres, radii };
}

/** Put every module into the middle of its disc, and make the disc as large as it needs. */
function gather({ x, y, centres, radii }) {
  data.wiring.modules.forEach((bits, k) => {
    const mean = (values) => bits.reduce((sum, bit) => sum + values[bit], 0) / bits.length;
    const [dx, dy] = [centres[k].x - mean(x), centres[k].y - mean(y)];
    let far = 0;
    for (const bit of bits) {
      x[bit] += dx;
      y[bit] += dy;
      far = Math.max(far, Math.hypot(x[bit] - centres[k].x, y[bit] - centres[k].y));
    }
    centres[k].radius = radii[k] = far + 14;
  });
}

function strongest(most) {
  const ends = [];
  for (let bit = 0; bit < units; bit++) for (const wire of into[bit].slice(0, most)) if (wires.from[wire] !== bit) ends.push(wires.from[wire], bit);
  return Int32Array.from(ends);
}

function curve(g, x0, y0, x1, y1, colour, alpha, wide) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  g.globalAlpha = alpha;
  g.strokeStyle = colour;
  g.lineWidth = wide;
  g.beginPath();
  g.moveTo(x0, y0);
  g.quadraticCurveTo((x0 + x1) / 2 - dy * 0.12, (y0 + y1) / 2 + dx * 0.12, x1, y1);
  g.stroke();
  g.globalAlpha = 1;
}

function mapHeight() {
  return Math.round(Math.min(640, Math.max(380, innerWidth * 0.55)));
}
