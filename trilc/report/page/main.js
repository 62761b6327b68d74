// The page begins here.
import { startAutomaton } from "./automaton.js";
import { startCards } from "./cards.js";
import { data, source } from "./data.js";
import { h, replace } from "./dom.js";
import { startFigures } from "./figures.js";
import { startGates } from "./gates.js";
import { startModules } from "./modules.js";
import { startMoment } from "./moment.js";
import { startOverview } from "./overview.js";
import { startQuestions } from "./questions.js";
import { noteSection, view } from "./route.js";
import { startSearch } from "./search.js";
import { startTheme } from "./theme.js";
import { startWaterfall } from "./waterfall.js";

const SECTIONS = [
  ["overview", "Overview"], ["text", "Waterfall"], ["bits", "Bits"], ["modules", "Modules"], ["gates", "Gates"],
  ["automaton", "Automaton"], ["questions", "Questions"], ["figures", "Figures"],
];
const element = (id) => document.getElementById(id);

startTheme(element("theme"));
startNavigation();
startOverview(element("overview"));
startWaterfall(element("text"));
startMoment(element("text"));
startCards(element("bits"));
startModules(element("modules"));
startGates(element("gates"));
startAutomaton(element("automaton"));
startQuestions(element("questions"));
startFigures(element("figures"));
startSearch(element("palette"), element("find"), SECTIONS);
startExport(element("export"));
replace(
  element("foot"),
  h("p", {}, `Made by trilc ${data.trilc}. This page holds all that it shows and asks nobody for anything.`),
);
if (view.section !== "overview") element(view.section).scrollIntoView();
requestAnimationFrame(() => setTimeout(() => {
  document.documentElement.dataset.ready = performance.now().toFixed(0);
}));

function startNavigation() {
  const links = SECTIONS.map(([id, name]) => h("a", { href: `#${id}` }, name));
  replace(element("sections"), links);
  const mark = (id) => links.forEach((link) => {
    if (link.hash !== `#${id}`) return link.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    const bar = link.parentElement;
    bar.scrollLeft = link.offsetLeft - bar.offsetLeft - bar.clientWidth / 2 + link.offsetWidth / 2;
  });
  const look = () => {
    const line = innerHeight * 0.3;
    const [id] = SECTIONS.findLast(([name]) => element(name).getBoundingClientRect().top <= line) ?? SECTIONS[0];
    mark(id);
    noteSection(id);
  };
  let waiting = 0;
  addEventListener("scroll", () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, 120);
  }, { passive: true });
  mark(view.section);
}

function startExport(button) {
  button.addEventListener("click", () => {
    const address = URL.createObjectURL(new Blob([source], { type: "application/json" }));
    const name = `${data.title.replace(/[^\w.-]+/g, "-").replace(/^-+|-+$/g, "") || "report"}.json`;
    h("a", { href: address, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  });
}
