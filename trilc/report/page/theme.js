// Light and dark: as the system has it, until somebody chooses.

const system = matchMedia("(prefers-color-scheme: dark)");
const listeners = [];
const NAMES = [
  "card", "sunk", "ink", "soft", "faint", "line", "accent", "accent-soft", "paper", "on", "off", "rise", "fall", "into", "out",
];
const palette = {};
let chosen = null;

/** Call now, and whenever the colours change, with a function from a variable's name to its colour. */
export function onTheme(listener) {
  listeners.push(listener);
  listener(colour);
}

/** A colour of the present theme. */
function colour(name) {
  return palette[name];
}

/** The colour of a module; those of one bit alone share a grey. */
export function hue(module, alone = false) {
  const light = isDark() ? 0.72 : 0.58;
  return alone ? `oklch(${light} 0.01 260)` : `oklch(${light} 0.13 ${(25 + module * 137.508) % 360})`;
}

/** Whether it is dark now. */
function isDark() {
  return document.documentElement.dataset.theme === "dark";
}

/** Begin, with a button that turns from one to the other. */
export function startTheme(button) {
  const apply = () => {
    document.documentElement.dataset.theme = chosen ?? (system.matches ? "dark" : "light");
    const style = getComputedStyle(document.documentElement);
    for (const name of NAMES) palette[name] = style.getPropertyValue(`--${name}`).trim();
    for (const listener of listeners) listener(colour);
  };
  system.addEventListener("change", apply);
  button.addEventListener("click", () => {
    chosen = isDark() ? "light" : "dark";
    apply();
  });
  apply();
}

const swab = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

/** Any colour of CSS as [red, green, blue]. */
export function rgb(css) {
  swab.fillStyle = css;
  swab.fillRect(0, 0, 1, 1);
  return Array.from(swab.getImageData(0, 0, 1, 1).data.subarray(0, 3));
}
