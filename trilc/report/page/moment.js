// One moment of the text: what was read, what was said, and every bit of the state.
import { bitAt, change, data, length, said, surprise, tokens, units } from "./data.js";
import { count, h, replace } from "./dom.js";
import { bitName, glyph, phrase, spoken } from "./names.js";
import { ordered } from "./orders.js";
import { go, onView, view } from "./route.js";

const AROUND = 560;

export function startMoment(section) {
  const prose = h("div", { class: "prose" });
  const facts = h("div");
  const pane = h(
    "div", { class: "two moment" }, h("div", { class: "panel" }, prose), h("div", { class: "panel" }, facts),
  );
  section.append(pane);
  prose.classList.toggle("ids", !data.tokens);
  let from = -1;
  const show = () => {
    const at = view.at ?? 1;
    const begin = Math.max(0, Math.min(at - 1 - (AROUND >> 1), length - AROUND));
    if (from < 0 || at - 1 < from + 20 || at - 1 > from + AROUND - 20) {
      from = begin;
      replace(prose, h("h3", {}, heading(from)), letters(from));
    }
    for (const letter of prose.querySelectorAll("[aria-current]")) letter.removeAttribute("aria-current");
    prose.querySelector(`[data-at="${at}"]`)?.setAttribute("aria-current", "true");
    replace(facts, told(at));
  };
  onView((now, before) => {
    if (now.at !== before.at || now.bit !== before.bit || now.order !== before.order) show();
  });
  show();
}

function heading(from) {
  const shown = `tokens ${count(from + 1)} to ${count(Math.min(length, from + AROUND))}`;
  return surprise ? `${shown}, redder the more they surprise` : shown;
}

function letters(from) {
  const shown = [];
  for (let k = from; k < Math.min(length, from + AROUND); k++) {
    const heat = surprise && k ? Math.min(1, surprise[k] / 8) : 0;
    shown.push(h(
      "span", { "data-at": k + 1, vars: { "--heat": heat.toFixed(2) }, on: { click: () => go({ at: k + 1 }) } },
      phrase([tokens[k]]),
    ));
  }
  return shown;
}

function told(at) {
  const order = ordered(view.order);
  const turned = (way) => order.filter((bit) => change(at, bit) === way);
  const onNow = order.filter((bit) => bitAt(at, bit)).length;
  const foretold = said && at > 1 && data.outputs ? said[at - 2] : null;
  const cells = order.map((bit) => {
    const turn = change(at, bit);
    const kind = turn > 0 ? "rise" : turn < 0 ? "fall-cell" : bitAt(at, bit) ? "on" : "";
    return h("button", {
      type: "button", class: kind, title: bitName(bit), "aria-label": `${bitName(bit)} is ${bitAt(at, bit)}`, "data-bit": bit,
      "aria-pressed": bit === view.bit, on: { click: () => go({ bit }) },
    });
  });
  return [
    h("h3", {}, `token ${count(at)} of ${count(length)}`),
    h("p", { class: "numbers" },
      h("span", {}, "reads ", h("b", { class: "mono", id: "reads" }, glyph(tokens[at - 1]))),
      foretold != null && h("span", {}, "foretold as ", h("b", { class: "mono" }, spoken(foretold))),
      surprise && at > 1 && h("span", {}, h("b", {}, surprise[at - 1].toFixed(2)), " bits"),
      said && h("span", {}, "then says ", h("b", { class: "mono" }, spoken(said[at - 1]))),
      h("span", {}, h("b", {}, onNow), ` of ${count(units)} bits on`)),
    chips("switched on", turned(1), "yes"), chips("switched off", turned(-1), "not"),
    h("h3", {}, `the state, by ${view.order}`),
    h("div", { class: "cells" }, cells),
  ];
}

function chips(text, bits, kind) {
  const shown = bits.slice(0, 48);
  return [
    h("h3", {}, `${count(bits.length)} ${text}`),
    h("div", { class: "chips" },
      shown.map((bit) => h(
        "button", { type: "button", class: `chip ${kind}`, on: { click: () => go({ bit, section: "bits" }) } }, bit,
      )),
      bits.length > shown.length && h("span", { class: "chip plain" }, `+ ${bits.length - shown.length}`)),
  ];
}
