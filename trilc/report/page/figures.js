// Small charts.
import { bars, curve, figure } from "./charts.js";
import { data, flipped, length, numbers, on, said, surprise, tokens, units, wires } from "./data.js";
import { count, h, percent, replace } from "./dom.js";
import { bitName, glyph } from "./names.js";
import { activity, ordered } from "./orders.js";
import { go } from "./route.js";

const POINTS = 160;

export function startFigures(section) {
  const busiest = ordered("activity");
  const longest = ordered("on");
  const byLevel = Array.from(numbers(data.overview.gates_by_level)).slice(1);
  const reads = Array.from({ length: units }, () => 0);
  for (const to of wires.to) reads[to]++;
  const most = Math.max(...reads, 1);
  const spread = Array.from({ length: most + 1 }, (_, k) => reads.filter((n) => n === k).length);
  replace(
    section,
    h("header", {}, h("h2", {}, "Figures")),
    h("div", { class: "grid" },
      surprise && score(),
      figure(
        "Flips by token",
        `On average ${(sum(flipped) / length).toFixed(1)} of ${count(units)} bits change at a token.`,
        over(flipped.subarray(1), "flips"),
      ),
      figure("Activity by bit", "How often each bit changes, the busiest first. Click for its card.",
        bars(
          busiest.map(activity),
          (k) => `${bitName(busiest[k])}: changes at ${percent(activity(busiest[k]), 1)} of the tokens`,
          ["busiest", "calmest", percent(activity(busiest[0]))], (k) => go({ bit: busiest[k], section: "bits" }),
        )),
      figure("Time on by bit", "How much of the text each bit is on.",
        bars(
          longest.map((bit) => on[bit] / length),
          (k) => `${bitName(longest[k])}: on ${percent(on[longest[k]] / length, 1)}`,
          ["longest", "shortest", percent(on[longest[0]] / length)], (k) => go({ bit: longest[k], section: "bits" }),
        )),
      byLevel.length > 0 && figure("Gates by level", "From the inputs and registers, which are level 0, to the last.",
        bars(
          byLevel, (k) => `level ${k + 1}: ${count(byLevel[k])} gates`,
          ["level 1", `level ${byLevel.length}`, count(Math.max(...byLevel))],
        )),
      figure("Dependences by bit", "How many bits depend on so many others, directly.",
        bars(spread, (k) => `${count(spread[k])} bits depend on ${k}`, ["none", `${most}`, count(Math.max(...spread))])),
      data.text.score && said && right()),
  );
}

function score() {
  const mean = sum(surprise.subarray(1)) / Math.max(1, length - 1);
  return figure(
    "Surprise along the text", `${mean.toFixed(3)} bits for a token on average: the fewer, the better it foretells.`,
    over(surprise.subarray(1), "bits"),
  );
}

/** A curve of means over stretches of the text. */
function over(values, unit) {
  const points = Math.min(POINTS, values.length);
  const means = Array.from({ length: points }, (_, k) => {
    const part = values.subarray(
      Math.floor((k * values.length) / points), Math.max(1, Math.floor(((k + 1) * values.length) / points)),
    );
    return sum(part) / Math.max(1, part.length);
  });
  const high = Math.max(...means, 1e-9);
  return curve(means, 0, high, ["token 1", `token ${count(length)}`, `${high.toFixed(1)} ${unit}`]);
}

function right() {
  const [hits, all] = [new Float64Array(data.vocabulary), new Float64Array(data.vocabulary)];
  for (let k = 1; k < length; k++) {
    all[tokens[k]]++;
    if (said[k - 1] === tokens[k]) hits[tokens[k]]++;
  }
  const order = Array.from(all.keys()).filter((token) => all[token]).sort((a, b) => hits[b] / all[b] - hits[a] / all[a] || a - b).slice(0, 60);
  const share = (token) => hits[token] / all[token];
  if (!order.length) return null;
  return figure("Foretold by token", `Which tokens are foretold, from ${glyph(order[0])} (${percent(share(order[0]))}) to ${glyph(order.at(-1))} (${percent(share(order.at(-1)))}).`,
    bars(
      order.map(share), (k) => `${glyph(order[k])}: ${count(hits[order[k]])} of ${count(all[order[k]])}`,
      [glyph(order[0]), glyph(order.at(-1)), "100 %"].map((text, k) => (k === 2 ? percent(share(order[0])) : text)),
    ));
}

function sum(values) {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
