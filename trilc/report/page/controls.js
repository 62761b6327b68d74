// Things to choose with.
import { h } from "./dom.js";

/** A row of choices, [key, text], of which one is pressed. */
export function segments(choices, chosen, choose) {
  const buttons = choices.map(([key, text]) =>
    h("button", { type: "button", "data-key": key, on: { click: () => choose(key) } }, text));
  const press = (key) => buttons.forEach((button) => button.setAttribute("aria-pressed", button.dataset.key === key));
  press(chosen);
  return { element: h("span", { class: "segments", role: "group" }, buttons), choose: press };
}

/** A slider with what it says. */
export function slider(text, low, high, value, told, change) {
  const out = h("output", {}, told(value));
  const input = h("input", {
    type: "range", min: low, max: high, value, on: {
      input: () => {
        out.textContent = told(Number(input.value));
        change(Number(input.value));
      },
    },
  });
  return h("label", {}, text, input, out);
}
