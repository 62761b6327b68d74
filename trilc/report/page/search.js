// Search by name: sections, bits, tokens, phrases of the text, gates, questions.
import { data, moduleOf, units } from "./data.js";
import { count, h, replace } from "./dom.js";
import { bitName, glyph, phrase } from "./names.js";
import { netlist } from "./netlist.js";
import { findPhrase, findToken } from "./occurrences.js";
import { go } from "./route.js";
import { tokens } from "./data.js";

const MOST = 40;

export function startSearch(dialog, button, sections) {
  const list = h("ul", { role: "listbox" });
  const input = h(
    "input",
    {
      type: "text", placeholder: "A bit, a token, a phrase of the text, a gate, a question …", "aria-label": "Search",
      autocomplete: "off", spellcheck: "false",
    },
  );
  replace(dialog, input, list);
  let found = [];
  let chosen = 0;
  const show = () => {
    found = entries(input.value, sections);
    chosen = 0;
    mark();
  };
  const mark = () => {
    replace(
      list,
      found.map((entry, k) => h(
        "li", { role: "option", "aria-selected": k === chosen, on: { click: () => take(k) } }, h("b", {}, entry.name),
        h("span", {}, entry.kind),
      )),
    );
    list.children[chosen]?.scrollIntoView({ block: "nearest" });
  };
  const take = (k) => {
    dialog.close();
    found[k]?.act();
  };
  const open = () => {
    input.value = "";
    show();
    dialog.showModal();
    input.focus();
  };
  input.addEventListener("input", show);
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      chosen = Math.max(0, Math.min(found.length - 1, chosen + step));
      mark();
    } else if (event.key === "Enter") {
      event.preventDefault();
      take(chosen);
    }
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  button.addEventListener("click", open);
  addEventListener("keydown", (event) => {
    const typing = event.target.matches?.("input, textarea, select");
    const asked = (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) || (event.key === "k" && (event.ctrlKey || event.metaKey));
    if (!asked || dialog.open) return;
    event.preventDefault();
    open();
  });
}

function entries(typed, sections) {
  const asked = typed.trim().toLowerCase();
  const found = [];
  const add = (name, kind, act) => found.length < MOST && found.push({ name, kind, act });
  if (!asked) {
    for (const [id, name] of sections) add(name, "section", () => go({ section: id }));
    return found;
  }
  const number = asked.match(/^(?:h\[?|bit ?)?(\d{1,6})\]?$/);
  if (number && Number(number[1]) < units) addBit(add, Number(number[1]));
  data.bits.names.forEach((name, bit) => {
    if (name.toLowerCase() === asked && !(number && Number(number[1]) === bit)) addBit(add, bit);
  });
  addTokens(add, typed.trim() || " ");
  for (const [id, name] of sections) if (name.toLowerCase().includes(asked)) add(
    name, "section", () => go({ section: id }),
  );
  addNodes(add, asked);
  if (typed.length > 1) {
    for (const at of findPhrase(typed, 8)) {
      add(
        phrase(tokens.slice(Math.max(0, at - 26), at + 12)), `text, token ${count(at)}`,
        () => go({ at, section: "text" }),
      );
    }
  }
  data.questions.forEach((question, k) => {
    if (question.question.toLowerCase().includes(asked)) add(question.question, `question: ${question.answer}`, () => {
      go({ section: "questions" });
      document.getElementById(`question-${k}`).scrollIntoView({ block: "center" });
    });
  });
  data.bits.names.forEach((name, bit) => {
    if (name.toLowerCase() !== asked && (name.toLowerCase().includes(asked) || bitName(bit).startsWith(asked)) && !(number && Number(number[1]) === bit)) addBit(add, bit);
  });
  return found;
}

function addBit(add, bit) {
  add(bitName(bit), `bit of module ${moduleOf[bit]}`, () => go({ bit, section: "bits" }));
}

function addTokens(add, typed) {
  const named = (token) => (data.tokens ? data.tokens[token] : String(token));
  for (let token = 0, left = 6; token < data.vocabulary && left; token++) {
    const name = named(token);
    if (name !== typed && glyph(token) !== typed && !(typed.length > 1 && name.toLowerCase().includes(typed.toLowerCase()))) continue;
    left--;
    add(glyph(token), `token ${token}`, () => {
      const at = findToken(token);
      go({ section: "text", ...(at ? { at } : {}) });
    });
  }
}

function addNodes(add, asked) {
  if (!netlist) return;
  const gate = asked.match(/^(?:g|gate |node )(\d{1,9})$/);
  const show = (node) => add(
    netlist.name(node), `${netlist.kind(node)}, level ${netlist.levels[node]}`, () => go({ node, section: "gates" }),
  );
  if (gate && Number(gate[1]) > 0 && Number(gate[1]) < netlist.nodes) show(Number(gate[1]));
  for (let node = 1, left = 8; node < netlist.first && left; node++) {
    if (!netlist.name(node).toLowerCase().includes(asked)) continue;
    left--;
    show(node);
  }
  netlist.outputNames.forEach((name, k) => {
    if (name.toLowerCase().includes(asked)) add(
      name, "output", () => go({ node: netlist.outputs[k] >> 1, section: "gates" }),
    );
  });
}
