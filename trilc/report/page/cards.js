// A card for each bit: what it is, what was proved of it, and where the text switches it on.
import { data, falls, length, moduleOf, numbers, on, rises, tokens, units, wires } from "./data.js";
import { count, h, many, percent, replace } from "./dom.js";
import { bitName, glyph, phrase, spoken } from "./names.js";
import { isAlone, ordered } from "./orders.js";
import { go, onView, view } from "./route.js";
import { hue, onTheme } from "./theme.js";

const LISTED = 60;
const votes = data.bits.votes && numbers(data.bits.votes);
const never = numbers(data.bits.never_together);

export function startCards(section) {
  const tiles = h("div", { class: "panel tiles", role: "group", "aria-label": "All bits" });
  const card = h("article", { class: "panel card", id: "card", "aria-live": "polite" });
  replace(
    section,
    h("header", {}, h("h2", {}, "Bits"), h("p", {}, "Every bit of the state has a card. The tiles are filled as high as the bit is on; colours are modules.")),
    h("div", { class: "bits" }, tiles, card),
  );
  const list = () => replace(tiles, ordered("index").map(tile));
  const show = (scroll) => {
    const bit = chosen();
    for (const other of tiles.querySelectorAll('[aria-pressed="true"]')) other.setAttribute("aria-pressed", "false");
    const own = tiles.querySelector(`[data-bit="${bit}"]`);
    own?.setAttribute("aria-pressed", "true");
    if (own && scroll) tiles.scrollTop = own.offsetTop - tiles.offsetTop - tiles.clientHeight / 2;
    replace(card, drawn(bit));
    card.dataset.bit = bit;
  };
  onView((now, before) => {
    if (now.bit !== before.bit) show(true);
  });
  onTheme(() => {
    list();
    show(false);
  });
}

/** The bit that is looked at; before anybody chooses, the one that changes most. */
function chosen() {
  return view.bit != null && view.bit < units ? view.bit : ordered("activity")[0];
}

function tile(bit) {
  return h("button", {
    class: `tile${constantOf(bit) == null ? "" : " constant"}`, type: "button", "data-bit": bit, title: data.bits.names[bit],
    vars: { "--share": on[bit] / length, "--hue": hue(moduleOf[bit], isAlone(bit)) }, on: { click: () => go({ bit }) },
  }, bit);
}

function drawn(bit) {
  const facts = data.bits.cards[bit];
  const module = moduleOf[bit];
  const step = (by) => () => go({ bit: (bit + by + units) % units });
  const into = wires.to.reduce((sum, to) => sum + (to === bit), 0);
  const out = wires.from.reduce((sum, from) => sum + (from === bit), 0);
  return [
    h("header", {},
      h("h2", {}, bitName(bit)),
      h(
        "span", { class: "chip plain", vars: { "--hue": hue(module, isAlone(bit)) } }, h("span", { class: "dot" }),
        isAlone(bit) ? "alone" : `module ${module}`,
      ),
      h("span", { class: "push" },
        h("button", { type: "button", "aria-label": "The bit before", on: { click: step(-1) } }, "←"),
        h("button", { type: "button", "aria-label": "The next bit", on: { click: step(1) } }, "→"),
        h("button", { type: "button", on: { click: () => go({ bit, section: "modules" }) } }, "Map"),
        data.gates && h(
          "button",
          {
            type: "button",
            on: { click: () => go({ bit, node: numbers(data.bits.registers)[bit] >> 1, section: "gates" }) },
          },
          "Gates",
        ))),
    h("p", { class: "numbers" },
      h("span", {}, "on ", h("b", {}, percent(on[bit] / length, 1)), " of the text"),
      h("span", {}, "switches on ", h("b", {}, count(rises[bit])), " times, off ", h("b", {}, count(falls[bit]))),
      h("span", {}, "depends on ", h("b", { "data-into": into }, count(into)), " bits"),
      h("span", {}, "is read by ", h("b", { "data-out": out }, count(out))),
      h("span", {}, "starts as ", h("b", {}, data.bits.reset[bit]))),
    formula(bit, facts.formula), voting(bit), proved(bit), triggers(facts.triggers), contexts(bit, facts.contexts),
  ];
}

function formula(bit, row) {
  if (!row) return null;
  const strength = new Map();
  for (let k = 0; k < wires.to.length; k++) if (wires.to[k] === bit) strength.set(
    wires.from[k], wires.strength[k] / data.wiring.moments,
  );
  const chip = ([number, after, weight]) => {
    const much = after ? 0 : (strength.get(number) ?? 0);
    return { much, element: h("button", {
      type: "button", class: `chip ${weight > 0 ? "yes" : "not"}`, vars: { "--strength": Math.min(1, 2 * much).toFixed(2) },
      title: `${after ? "after" : "before"} the token; decides ${percent(much)} of the time`, on: { click: () => go({ bit: number }) },
    }, `${weight > 0 ? "" : "¬"}${Math.abs(weight) > 1 ? `${Math.abs(weight)}·` : ""}${after ? "h′" : ""}${number}`) };
  };
  const sorted = (list) => list.map(chip).sort((a, b) => b.much - a.much).map((found) => found.element);
  const least = Math.min(...row.needed);
  const most = Math.max(...row.needed);
  const needs = least === most ? `${most}` : `${Math.max(0, least)} to ${most}, by the token`;
  return [
    h("h3", {}, "Formula"),
    h("p", { class: "formula" }, `On after a token exactly when the literals that hold weigh at least ${needs}; all ${many(row.literals.length, "literal")} together weigh ${row.total}.`),
    h("div", { class: "chips" }, sorted(row.literals.filter((literal) => literal[2] > 0))),
    h("div", { class: "chips" }, sorted(row.literals.filter((literal) => literal[2] < 0))),
    row.boolean && h("pre", {}, row.boolean),
    least === most ? null : adds(row),
  ];
}

function adds(row) {
  const list = row.needed.map((needed, token) => ({
    token, needed, adds: row.base - needed,
  })).sort((a, b) => b.adds - a.adds || a.token - b.token);
  const shown = list.length > LISTED ? [...list.slice(0, LISTED / 2), ...list.slice(-LISTED / 2)] : list;
  const [low, high] = [list.at(-1).adds, list[0].adds];
  return [
    h("h3", {}, list.length > LISTED ? "What tokens add (the first and the last)" : "What tokens add"),
    h("div", { class: "adds" }, shown.map(({ token, needed, adds: more }) => {
      const forced = needed <= 0 ? "always on" : needed > row.total ? "never on" : `needs ${needed} of ${row.total}`;
      return h("div", { title: `${glyph(token)} adds ${more}: ${forced}` },
        h(
          "i",
          { vars: { "--up": (more - low) / Math.max(1, high - low), "--hue": `var(--${more >= 0 ? "into" : "out"})` } },
        ),
        glyph(token).slice(0, 3), h("small", {}, more > 0 ? `+${more}` : more));
    })),
  ];
}

function voting(bit) {
  if (!votes) return null;
  const group = (sign) => Array.from(
    { length: data.num_outputs }, (_, o) => o,
  ).filter((o) => Math.sign(votes[o * units + bit]) === sign);
  const chips = (list, kind) => list.slice(0, LISTED).map((o) => h(
    "span", { class: `chip ${kind}`, vars: { "--strength": 0.35 } }, spoken(o),
  ));
  const [pro, contra] = [group(1), group(-1)];
  if (!pro.length && !contra.length) return [h("h3", {}, "Votes"), h("p", {}, "For nothing: no score reads it.")];
  return [
    h("h3", {}, "Votes: on for the first, against the second"),
    h("div", { class: "chips" }, chips(pro, "yes")), h("div", { class: "chips" }, chips(contra, "not")),
  ];
}

const constants = new Map(data.bits.constants);
const settled = new Map(data.bits.settled);

function constantOf(bit) {
  return constants.get(bit) ?? settled.get(bit) ?? null;
}

/** What follows from a literal (2·bit + complement): of a pair that is never true together, the other's complement. */
function follows(literal) {
  const found = [];
  for (let k = 0; k < never.length; k += 2) {
    if (constantOf(never[k] >> 1) != null || constantOf(never[k + 1] >> 1) != null) continue;
    if (never[k] === literal) found.push(never[k + 1] ^ 1);
    else if (never[k + 1] === literal) found.push(never[k] ^ 1);
  }
  return found;
}

function proved(bit) {
  const value = constantOf(bit);
  if (value != null) {
    const why = constants.has(bit) ? ", in every state that is reached from reset, by induction." : ` after every token: ${value ? "what it needs is always there" : "it needs more than there is"}, whatever the other bits.`;
    return [h("h3", {}, "Proved"), h("p", {}, h("b", {}, `Constant: always ${value}`), why)];
  }
  const [whenOn, whenOff] = [follows(2 * bit), follows(2 * bit + 1)];
  const off = new Set(whenOff);
  const equal = whenOn.filter((literal) => off.has(literal ^ 1));
  const same = new Set(equal.map((literal) => literal >> 1));
  const rows = [];
  if (equal.length) rows.push(row("always equal to", equal));
  const only = (list) => list.filter((literal) => !same.has(literal >> 1));
  if (only(whenOn).length) rows.push(row("on implies", only(whenOn)));
  if (only(whenOff).length) rows.push(row("off implies", only(whenOff)));
  if (!rows.length) return [h("h3", {}, "Proved"), h("p", {}, "Not constant by induction; no other bit follows from it, nor it from another.")];
  return [h("h3", {}, "Proved, from reset on"), rows];
}

function row(text, literals) {
  return h("div", { class: "chips" }, h("span", {}, text), literals.slice(0, LISTED).map((literal) =>
    h(
      "button",
      { type: "button", class: `chip ${literal & 1 ? "not" : "yes"}`, on: { click: () => go({ bit: literal >> 1 }) } },
      `${literal & 1 ? "¬" : ""}${literal >> 1}`,
    )),
    literals.length > LISTED && h("span", { class: "chip plain" }, `+ ${literals.length - LISTED}`));
}

function triggers(list) {
  if (!list.length) return [h("h3", {}, "Switched on by"), h("p", {}, "Nothing in this text.")];
  return [
    h("h3", {}, "Switched on by"),
    h("div", { class: "chips" }, list.map(([token, times, all]) =>
      h(
        "span",
        {
          class: "chip yes", vars: { "--strength": (times / all).toFixed(2) },
          title: `${times} of ${all} times that it is read`,
        },
        `${glyph(token)} ${percent(times / all)}`,
      ))),
  ];
}

function contexts(bit, moments) {
  if (!moments.length) return null;
  return [
    h("h3", {}, `Contexts: ${moments.length} of ${count(rises[bit])} places where it switches on`),
    h("ul", { class: "lines" }, moments.map((at) => h("li", {}, h("button", {
      type: "button", "data-at": at, on: { click: () => go({ at, bit, section: "text" }) },
    },
      h("span", { class: "where" }, count(at)),
      h("span", { class: "before" }, h("bdi", {}, phrase(tokens.slice(Math.max(0, at - 34), at - 1)))),
      h("span", { class: "here" }, glyph(tokens[at - 1])),
      h("span", { class: "after" }, phrase(tokens.slice(at, at + 22))))))),
  ];
}
