// What the machine is.
import { data, length, tokens, units } from "./data.js";
import { banner } from "./banner.js";
import { count, h, many, percent, replace } from "./dom.js";
import { glyph } from "./names.js";
import { go } from "./route.js";
import { findToken } from "./occurrences.js";

export function startOverview(section) {
  const { about, size, proof } = data.overview;
  const score = data.text.score;
  const wired = data.wiring.from.shape[0];
  replace(
    section,
    h("h1", {}, data.title),
    h("p", { class: "lead" }, lead(about, size, proof)),
    h("p", { class: "source" }, origin(about)),
    banner(),
    h(
      "div", { class: "figures" },
      figure(units, "state bits"), figure(data.vocabulary, "tokens read"), figure(size.ands, "AND gates"),
      figure(size.levels, "levels"), figure(wired, "dependences"),
      score && figureText(
        percent(score.accuracy, 1), data.text.own ? "of its own text foretold" : "of the text foretold",
      ),
      score?.bits_per_character != null && figureText(score.bits_per_character.toFixed(3), "bits per character"),
      score && score.bits_per_character == null && score.bits_per_token != null
        && figureText(score.bits_per_token.toFixed(3), "bits per token"),
    ),
    h("div", { class: "facts" }, shape(about), proved(proof), h("div", {}, text(), alphabet())),
  );
}

function lead(about, size, proof) {
  const kind = data.layers.length > 1 ? `${data.layers.length} layers, ${count(units)} neurons` : many(units, "neuron");
  const begin = about.kind === "checkpoint"
    ? `${kind} whose weights are −1, 0 and +1 and whose state is bits: a finite state machine of `
    : "A netlist that came from a net of ternary weights: a finite state machine of ";
  const gates = `${many(size.ands, "AND gate")} and ${many(size.registers, "register")}, ${many(size.levels, "level")} deep`;
  const shown = proof?.answer === "equal" ? ", proved equal to the net at every step from any state." : ".";
  return `${begin}${gates}${shown} It reads one of ${count(data.vocabulary)} tokens at a time${
    data.num_outputs ? ` and says one of ${count(data.num_outputs)}` : ""
  }.`;
}

function origin(about) {
  const digest = about.sha256 ? ` · SHA-256 ${about.sha256.slice(0, 16)}…` : "";
  return `${about.kind}${digest} · made by trilc ${data.trilc}`;
}

function figure(number, told) {
  return figureText(count(number), told);
}

function figureText(number, told) {
  return h("div", {}, h("b", {}, number), h("span", {}, told));
}

function matrix(name, facts) {
  if (!facts) return [];
  return [h("dt", {}, name), h("dd", {}, `${facts.shape.join(" × ")}, ${percent(facts.density, 1)} not 0`)];
}

function shape(about) {
  const rows = [h("dt", {}, "source"), h("dd", {}, about.kind)];
  if (about.kind === "checkpoint") {
    rows.push(h("dt", {}, "cell"), h("dd", {}, `${about.cell}, state ${about.state === "pm1" ? "±1" : "0/1"}`));
    rows.push(...matrix("embedding", about.embedding));
    about.layers.forEach((layer, k) => {
      const name = about.layers.length > 1 ? ` ${k}` : "";
      rows.push(...matrix(`input${name}`, layer.input), ...matrix(`recurrent${name}`, layer.recurrent));
      rows.push(h("dt", {}, `sums${name}`), h("dd", {}, `${layer.sums[0]} to ${layer.sums[1]}`));
    });
    rows.push(...matrix("head", about.head));
  } else {
    rows.push(h("dt", {}, "inputs"), h("dd", {}, count(about.inputs)));
    rows.push(h("dt", {}, "outputs"), h("dd", {}, count(about.outputs)));
    rows.push(h("dt", {}, "registers"), h("dd", {}, count(about.registers)));
  }
  return h("div", {}, h("h3", {}, "Shape"), h("dl", {}, ...rows));
}

function proved(proof) {
  const constants = new Set([...data.bits.constants, ...data.bits.settled].map(([bit]) => bit)).size;
  const rows = [];
  if (proof) {
    const shown = proof.answer === "equal";
    rows.push(
      h("dt", {}, "netlist = net"),
      h("dd", {}, badge(shown ? "yes" : "unknown", shown ? "proved" : "not proved"), ` ${proof.how}`),
    );
  }
  const { decided, parts, components, largest_component: largest } = data.wiring;
  const pairs = Object.values(decided).reduce((sum, part) => sum + part, 0);
  rows.push(
    h("dt", {}, "dependences"), h(
      "dd", {}, `${count(pairs - data.wiring.unknown)} of ${count(pairs)} pairs of bits decided`,
    ),
    h("dt", {}, "parts"), h(
      "dd", {}, parts === 1 ? "one: no part stands alone" : `${count(parts)} that never talk to each other`,
    ),
    h("dt", {}, "cycles"), h(
      "dd", {}, `${many(components, "strongly connected component")}, the largest of ${many(largest, "bit")}`,
    ),
    h("dt", {}, "constants"), h(
      "dd", {},
      constants ? `${many(constants, "bit")} ${constants === 1 ? "is" : "are"} the same after every token` : "none found",
    ),
    h("dt", {}, "implications"), h(
      "dd", {}, `${count(data.bits.implications)} between two bits that change, by induction from reset`,
    ),
  );
  return h("div", {}, h("h3", {}, "Proved"), h("dl", {}, ...rows));
}

function text() {
  const { score } = data.text;
  const rows = [h("dt", {}, "read"), h("dd", {}, data.text.origin)];
  rows.push(
    h("dt", {}, "length"), h("dd", {}, `${many(length, "token")}${data.text.cut ? ", the rest was left out" : ""}`),
  );
  if (score) rows.push(
    h("dt", {}, "foretold"), h("dd", {}, `${count(score.correct)} of ${count(score.foretold)} tokens`),
  );
  return [h("h3", {}, data.text.own ? "Text, of its own" : "Text"), h("dl", {}, ...rows)];
}

function alphabet() {
  const often = new Uint32Array(data.vocabulary);
  for (const token of tokens) often[token]++;
  const most = Math.max(1, ...often);
  const shown = Math.min(256, data.vocabulary);
  const keys = Array.from({ length: shown }, (_, token) => h("button", {
    class: "key", type: "button", title: `token ${token}, ${count(often[token])} times in the text`,
    vars: { "--share": often[token] / most }, on: { click: () => often[token] && go({
      section: "text", at: findToken(token),
    }) },
  }, glyph(token)));
  const rest = data.vocabulary > shown ? h("p", { class: "source" }, `and ${count(data.vocabulary - shown)} more`) : null;
  return [h("h3", {}, "Alphabet, as often as it is read"), h("div", { class: "keys" }, keys), rest];
}

export function badge(answer, told = answer) {
  return h("span", { class: `verdict ${answer}` }, told);
}
