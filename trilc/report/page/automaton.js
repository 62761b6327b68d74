// The minimal automaton, where it is small enough to be drawn.
import { data, numbers } from "./data.js";
import { count, h, many, replace, s } from "./dom.js";
import { glyph, visible } from "./names.js";

const LABELLED = 24;
const TABLE = 40;

export function startAutomaton(section) {
  const found = data.automaton;
  replace(section, h("header", {}, h("h2", {}, "Automaton"), h("p", {}, told(found))));
  if (!found?.machine) return;
  section.append(h("div", { class: "panel map" }, drawing(found.machine)));
  if (found.machine.delta.length <= TABLE && data.vocabulary <= TABLE) {
    section.append(h("div", { class: "panel under scroll" }, table(found.machine)));
  }
}

function told(found) {
  if (!found) return "Automata are made of checkpoints; this is a netlist.";
  if (!found.complete) {
    return `More than ${count(found.reached - 1)} states are reached, all of those that ${many(found.depth, "token")} lead to among them: too many to draw. trilc fsm looks further, and at quotients by chosen outputs.`;
  }
  const states = `The net reaches ${many(found.reached, "state")}; the minimal Mealy machine has ${count(found.minimal)}`;
  return found.machine ? `${states}. Arrows bear what is read, then what is said.` : `${states}, too many to draw; trilc fsm writes it.`;
}

function said(machine, output) {
  return machine.symbols ? visible(machine.symbols[output]).replace(/ /g, "␣") : String(output);
}

function drawing(machine) {
  const given = numbers(machine.places);
  const states = machine.delta.length;
  const radius = states > 40 ? 12 : 20;
  const wide = Math.max(260, 120 * Math.sqrt(states));
  let most = 1e-9;
  for (const value of given) most = Math.max(most, Math.abs(value));
  const at = Array.from(
    { length: states },
    (_, k) => states === 1 ? [0, 0] : [(given[2 * k] / most) * wide, (given[2 * k + 1] / most) * wide * 0.62],
  );
  for (let turn = 0; turn < 60; turn++) apart(at, 4.2 * radius);
  const arrows = new Map();
  machine.delta.forEach((row, from) => row.forEach((to, token) => {
    const key = `${from} ${to}`;
    if (!arrows.has(key)) arrows.set(key, { from, to, labels: [] });
    arrows.get(key).labels.push(`${glyph(token)}/${said(machine, machine.output[from][token])}`);
  }));
  const parts = [...arrows.values()].map((arrow) => drawnArrow(arrow, at, radius, states <= LABELLED));
  const nodes = at.map(([x, y], k) => s(
    "g", {}, s("circle", { class: `state${k === machine.start ? " start" : ""}`, cx: x, cy: y, r: radius }),
    s("text", { x, y }, k),
  ));
  const [xs, ys] = [at.map((place) => place[0]), at.map((place) => place[1])];
  const room = 3.6 * radius;
  const box = [
    Math.min(...xs) - room, Math.min(...ys) - room, Math.max(...xs) - Math.min(...xs) + 2 * room,
    Math.max(...ys) - Math.min(...ys) + 2 * room,
  ];
  const marker = s(
    "marker",
    { id: "tip", viewBox: "0 0 10 10", refX: 9, refY: 5, markerWidth: 8, markerHeight: 8, orient: "auto-start-reverse" },
    s("path", { d: "M0 0L10 5L0 10Z" }),
  );
  return s(
    "svg",
    {
      class: "graph", height: Math.min(620, 200 + 60 * states),
      viewBox: box.map((value) => value.toFixed(1)).join(" "), role: "img",
    },
    s("defs", {}, marker), parts, nodes,
  );
}

function drawnArrow({ from, to, labels }, at, radius, labelled) {
  const [[x0, y0], [x1, y1]] = [at[from], at[to]];
  const text = labels.length > 4 ? `${labels.slice(0, 3).join(" ")} … (${labels.length})` : labels.join(" ");
  if (from === to) {
    const d = `M${x0 - radius * 0.6} ${y0 - radius * 0.8}C${x0 - 2.2 * radius} ${y0 - 3 * radius} ${x0 + 2.2 * radius} ${y0 - 3 * radius} ${x0 + radius * 0.6} ${y0 - radius * 0.8}`;
    return s(
      "g", {}, s("path", { class: "arrow", d, "marker-end": "url(#tip)" }, s("title", {}, labels.join(" "))),
      labelled && s("text", { class: "label", x: x0, y: y0 - 2.75 * radius }, text),
    );
  }
  const [dx, dy] = [x1 - x0, y1 - y0];
  const far = Math.hypot(dx, dy);
  const [ux, uy] = [dx / far, dy / far];
  const [mx, my] = [(x0 + x1) / 2 - dy * 0.18, (y0 + y1) / 2 + dx * 0.18];
  const begin = toward(x0, y0, mx, my, radius);
  const end = toward(x1, y1, mx, my, radius + 1);
  return s("g", {},
    s(
      "path", { class: "arrow", d: `M${begin}Q${mx} ${my} ${end}`, "marker-end": "url(#tip)" },
      s("title", {}, labels.join(" ")),
    ),
    labelled && s("text", { class: "label", x: (x0 + x1) / 2 - dy * 0.12, y: (y0 + y1) / 2 + dx * 0.12 }, text));
}

function toward(x, y, tx, ty, far) {
  const length = Math.hypot(tx - x, ty - y) || 1;
  return `${(x + ((tx - x) * far) / length).toFixed(1)} ${(y + ((ty - y) * far) / length).toFixed(1)}`;
}

function apart(at, least) {
  for (let a = 0; a < at.length; a++) {
    for (let b = a + 1; b < at.length; b++) {
      const [dx, dy] = [at[b][0] - at[a][0] || 0.1, at[b][1] - at[a][1] || 0.1];
      const far = Math.hypot(dx, dy);
      if (far >= least) continue;
      const push = (least - far) / far / 2;
      at[a][0] -= dx * push;
      at[a][1] -= dy * push;
      at[b][0] += dx * push;
      at[b][1] += dy * push;
    }
  }
}

function table(machine) {
  return h("table", {},
    h(
      "thead", {},
      h(
        "tr", {}, h("th", {}, "state"),
        Array.from({ length: data.vocabulary }, (_, token) => h("th", { class: "mono" }, glyph(token))),
      ),
    ),
    h("tbody", {}, machine.delta.map((row, state) => h("tr", {}, h(
      "td", {}, state, state === machine.start ? " (start)" : "",
    ),
      row.map((to, token) => h("td", { class: "mono" }, `${said(machine, machine.output[state][token])} → ${to}`))))));
}
