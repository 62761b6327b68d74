// One line beside the pointer.
import { h } from "./dom.js";

const tip = h("div", { class: "tip", "aria-hidden": "true" });
document.body.append(tip);

/** Say something at a place of the window. */
export function showTip(x, y, text) {
  tip.textContent = text;
  tip.classList.add("shown");
  const { width, height } = tip.getBoundingClientRect();
  const left = Math.min(x + 14, innerWidth - width - 8);
  const top = y + height + 26 > innerHeight ? y - height - 12 : y + 16;
  tip.style.transform = `translate(${Math.max(8, left)}px, ${top}px)`;
}

/** Say nothing. */
export function hideTip() {
  tip.classList.remove("shown");
}
