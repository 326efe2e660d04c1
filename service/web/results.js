// Everything that is shown of an answer, and what happens when a quote is pointed at.

import { articleText } from "./article.js";
import { detail } from "./detail.js";
import { element, section } from "./elements.js";
import { asCsv, asJson, copy } from "./export.js";
import { plane } from "./plane.js";
import { SCALES, paint } from "./scales.js";
import { quoteTable, sign, speakerTable } from "./tables.js";
import { timeline } from "./timeline.js";

const WIDE = matchMedia("(min-width: 60rem)"); // as in results.css: the panel stands beside the text
const SAMPLES = [
  ["none, slang", { hostility: { score: 0.05 }, formality: { score: 0.05, level: "slang" } }],
  ["critical, press", { hostility: { score: 0.45 }, formality: { score: 0.5, level: "press" } }],
  ["hostile, official", { hostility: { score: 0.75 }, formality: { score: 0.65, level: "official" } }],
  ["destructive, protocol", { hostility: { score: 0.95 }, formality: { score: 0.95, level: "protocol" } }],
];
let shownScale = SCALES[0];

/** Show an answer in a box, and return the heading, which is where a reader should begin. */
export function show(box, { text, as, answer, article }) {
  const alone = as === "quote";
  const { quotes } = article;
  const names = article.speakers.map((speaker) => speaker.name);
  const place = (quote) => {
    const at = quote.speaker ? names.indexOf(quote.speaker.resolved) : -1;
    return at < 0 ? null : at;
  };
  const heading = element("h2", { tabindex: -1 }, summary(article, alone));
  const panel = element("aside", { id: "detail", "aria-label": "The chosen quote" });
  const root = element("div", { "data-scale": shownScale });
  const map = mapped(article, place);
  const read = element("div", {}, articleText(text, quotes), alone ? map : null);
  const body = element(`section.reading${alone ? ".alone" : ""}`, { "aria-label": "The text" }, read, panel);
  const parts = [heading, tools(root, answer, article), warnings(quotes)];
  if (quotes.length) {
    parts.push(legend(), body);
    if (!alone) {
      parts.push(element("div.pictures", {}, map, timeline(article, place)));
      parts.push(speakerTable(article), quoteTable(article));
    }
  } else {
    parts.push(element("p", {}, "No quotation marks and no lines that begin with a speaker's name were found."));
  }
  parts.push(element("p.note", {}, `Scored by ${modelName(article.model)}.`));
  root.append(...parts.filter(Boolean));
  box.replaceChildren(root);
  followPointer(root, quotes, panel, alone);
  if (alone && !WIDE.matches) root.querySelector(".article").append(panel);
  return heading;
}

function summary({ quotes, speakers }, alone) {
  if (alone) return "One quote";
  const scored = quotes.filter((quote) => quote.hostility).length;
  const silent = quotes.length - scored;
  const count = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;
  const by = speakers.length ? ` by ${count(speakers.length, "speaker")}` : "";
  return `${count(scored, "quote")}${by}` + (silent ? `, ${silent} more not scored` : "");
}

const modelName = ({ name, version, sha256 }) => `${name} ${version} (${sha256.slice(0, 12)})`;

function mapped(article, place) {
  const made = plane(article.quotes, place);
  const key = article.speakers.map((speaker, index) => element("li", {}, sign(index), ` ${speaker.name}`));
  if (article.quotes.some((quote) => quote.hostility && place(quote) === null) && key.length) {
    key.push(element("li", {}, sign(null), " speaker not named"));
  }
  if (key.length) made.append(element("ul.speaker-key", { "aria-label": "Signs of the speakers" }, key));
  return made;
}

function tools(root, answer, article) {
  const said = element("span.note", { role: "status" });
  const copier = (label, write) => {
    const button = element("button", { type: "button" }, label);
    button.addEventListener("click", async () => {
      said.textContent = (await copy(write())) ? "Copied." : "The browser did not let us copy.";
    });
    return button;
  };
  const scales = SCALES.map((scale) => {
    const checked = scale === shownScale;
    const input = element("input", { type: "radio", name: "scale", value: scale, checked });
    input.addEventListener("change", () => (root.dataset.scale = shownScale = scale));
    return element("label", {}, input, ` ${scale}`);
  });
  return element(
    "div.tools",
    {},
    element("fieldset", {}, element("legend", {}, "Tint and words show"), scales),
    element("p.row", {}, copier("Copy JSON", () => asJson(answer)), copier("Copy CSV", () => asCsv(article)), said),
  );
}

function warnings(quotes) {
  const found = new Map();
  quotes.forEach((quote, index) =>
    quote.warnings.forEach(({ message }) => found.set(message, [...(found.get(message) ?? []), index + 1])),
  );
  if (!found.size) return null;
  const items = [...found].map(([message, at]) =>
    element("li", {}, quotes.length > 1 ? `${message} (${at.length > 1 ? "quotes" : "quote"} ${at.join(", ")})` : message),
  );
  return element("ul.warnings", { "aria-label": "Warnings" }, items);
}

function legend() {
  const samples = SAMPLES.map(([words, tone]) => {
    const sample = element("span.quoted", {}, words);
    paint(sample, tone);
    return [sample, " "];
  });
  const words = "The thicker the line, the more hostile; the more regular, the more formal " +
    "(wavy, dotted, dashed, solid, double). Point at a quote, or tab to its number, to see the words " +
    "that drive it: a bar above a word raises the score, a dotted one lowers it.";
  return element("p.legend.note", {}, samples, words);
}

/** Light a quote up everywhere when it is pointed at, focused or pressed, and show it in full. */
function followPointer(root, quotes, panel, alone) {
  let lit = null;
  const relight = () => {
    for (const part of root.querySelectorAll("[data-quote]")) {
      const own = Number(part.dataset.quote) === lit;
      part.classList.toggle("lit", own);
      if (part.hasAttribute("aria-pressed")) part.setAttribute("aria-pressed", String(own));
    }
  };
  const light = (index) => {
    if (index === null || index === lit) return;
    lit = index;
    relight();
    panel.replaceChildren(...detail(quotes[index], index, alone));
  };
  const found = (event) => {
    const part = event.target.closest?.("[data-quote]");
    return part ? Number(part.dataset.quote) : null;
  };
  root.addEventListener("pointerover", (event) => event.pointerType === "mouse" && light(found(event)));
  root.addEventListener("focusin", (event) => light(found(event)));
  root.addEventListener("click", (event) => {
    light(found(event));
    const paragraph = event.target.closest?.(".article > p");
    if (paragraph && found(event) !== null && !WIDE.matches) paragraph.after(panel);
  });
  root.addEventListener("drawn", relight); // a picture that is drawn anew knows of no light
  WIDE.onchange = () => WIDE.matches && root.querySelector(".reading")?.append(panel);
  const first = quotes.findIndex((quote) => quote.hostility);
  if (first >= 0) light(first);
}
