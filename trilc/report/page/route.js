// What is looked at, in the address, so that a link brings it back.

const START = { section: "overview", bit: null, at: null, node: null, order: "likeness" };
const NUMBERS = new Set(["bit", "at", "node"]);
const listeners = [];

export const view = { ...START, ...read() };

/** Look at something else; `section` is scrolled to where it is given. */
export function go(changes) {
  const before = { ...view };
  Object.assign(view, changes);
  write();
  for (const listener of listeners) listener(view, before);
  if (changes.section) document.getElementById(changes.section).scrollIntoView();
}

/** Be told of every change, with what was before. */
export function onView(listener) {
  listeners.push(listener);
}

/** Note which section is on the screen, without a word to anybody. */
export function noteSection(section) {
  if (section === view.section) return;
  view.section = section;
  write();
}

addEventListener("hashchange", () => {
  const now = { ...START, ...read() };
  if (Object.keys(START).some((key) => now[key] !== view[key])) go(now);
});

function read() {
  const [section, rest = ""] = location.hash.slice(1).split("?");
  const found = document.getElementById(section) ? { section } : {};
  for (const [key, value] of new URLSearchParams(rest)) {
    if (!(key in START) || key === "section") continue;
    if (!NUMBERS.has(key)) found[key] = value;
    else if (/^\d{1,9}$/.test(value)) found[key] = Number(value);
  }
  return found;
}

function write() {
  const rest = new URLSearchParams();
  for (const key of Object.keys(START)) {
    if (key !== "section" && view[key] !== START[key]) rest.set(key, view[key]);
  }
  const query = rest.size ? `?${rest}` : "";
  history.replaceState(null, "", `#${view.section}${query}`);
}
