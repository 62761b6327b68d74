// Questions with their verdicts.
import { data } from "./data.js";
import { count, h, many, replace } from "./dom.js";
import { phrase } from "./names.js";
import { badge } from "./overview.js";

const CONSTANTS = 40;

export function startQuestions(section) {
  const budget = data.seconds == null ? "as long as it took" : `${count(data.seconds)} s for the proof and all questions, so what is unknown here may be known on a faster machine`;
  const none = "No question was asked: with a budget of 0 seconds the report is the same every time.";
  replace(
    section,
    h("header", {}, h("h2", {}, "Questions"), h("p", {}, data.questions.length
      ? `What it can ever do, or never: yes or no with a stream that shows it, replayed on the reference, or with a proof. Budget: ${budget}.` : none)),
    h("div", { class: "asked" }, data.questions.map(asked)),
    h(
      "p", { class: "source" }, "Ask more: ", h("code", {}, "trilc ask MODEL \"never out='b' after tok='a'\""),
      ", or ", h("code", {}, "trilc report MODEL --ask QUESTION"), ".",
    ),
  );
}

function asked(found, number) {
  return h("article", { class: "panel question", id: `question-${number}` },
    h("code", {}, found.question), badge(found.answer),
    h("p", {}, found.how),
    found.given && stream("of", found.given),
    found.witness && [stream("reads", found.witness.tokens), found.witness.said && stream("says", found.witness.said)],
    found.against && [
      h("p", {}, "against"), stream("reads", found.against.tokens, found.witness.tokens),
      found.against.said && stream("says", found.against.said, found.witness.said),
    ],
    found.flipped.length > 0 && h(
      "p", {},
      `with ${found.flipped.map(([place, bit]) => `h[${bit}] after ${many(place, "token")}`).join(", ")} flipped`,
    ),
    constants(found.constant));
}

/** Tokens in a row; those that differ from another row's are marked. */
function stream(label, tokens, other = tokens) {
  const shown = tokens.map((token, k) => {
    const text = data.tokens ? phrase([token]) : `${token} `;
    return token === other[k] ? text : h("mark", {}, text);
  });
  return h("div", { class: "stream" }, h("span", {}, label.padEnd(6)), data.tokens && "“", shown, data.tokens && "”");
}

function constants(found) {
  const list = Object.entries(found ?? {});
  if (!list.length) return null;
  const rest = list.length > CONSTANTS ? ` and ${list.length - CONSTANTS} more` : "";
  return h("p", { class: "mono" }, list.slice(0, CONSTANTS).map(([bit, value]) => `${bit}=${value}`).join(" ") + rest);
}
