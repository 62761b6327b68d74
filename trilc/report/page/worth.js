// Modules in figures: their wires, and what the model loses without each.
import { data, wires } from "./data.js";
import { count, h, percent } from "./dom.js";
import { hue } from "./theme.js";

/** A row for each module. */
export function moduleTable() {
  const { modules, worth } = data.wiring;
  const rows = modules.map((bits, k) => ({ bits, k })).filter(({ bits }) => bits.length > 1 || modules.length < 8);
  const hasBits = worth?.whole.bits != null;
  const hasAccuracy = worth?.whole.accuracy != null;
  const headings = [
    "module", "bits", "wires within", "wires in", "wires out", worth && "still says the same, frozen",
    hasAccuracy && "accuracy, frozen", hasBits && "bits per token, frozen",
  ];
  const cells = ({ bits, k }) => {
    const { within, into, out } = wiresOf(bits);
    const name = h("td", { vars: { "--hue": hue(k, bits.length === 1) } }, h("span", { class: "dot" }), k);
    return [
      name, ...[bits.length, within, into, out].map((number) => h("td", {}, count(number))),
      worth && h("td", {}, percent(worth.frozen[k].unchanged, 1)),
      hasAccuracy && h("td", {}, `${(100 * (worth.frozen[k].accuracy - worth.whole.accuracy)).toFixed(1)} %`),
      hasBits && h("td", {}, signed(worth.frozen[k].bits - worth.whole.bits)),
    ];
  };
  return h(
    "table", {}, h("thead", {}, h("tr", {}, headings.filter(Boolean).map((text) => h("th", {}, text)))),
    h("tbody", {}, rows.map((row) => h("tr", {}, cells(row)))),
  );
}

function wiresOf(bits) {
  const own = new Set(bits);
  const found = { within: 0, into: 0, out: 0 };
  for (let e = 0; e < wires.to.length; e++) {
    const [from, to] = [own.has(wires.from[e]), own.has(wires.to[e])];
    if (from && to) found.within++;
    else if (to) found.into++;
    else if (from) found.out++;
  }
  return found;
}

function signed(number) {
  return `${number >= 0 ? "+" : ""}${number.toFixed(3)}`;
}
