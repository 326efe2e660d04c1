// The text itself, with its quotes lit up and their numbers beside them.

import { element, unseen } from "./elements.js";
import { SCALES, brief, full, paint } from "./scales.js";

const CLOSING = new Set(["\u201d", "\u2019", "\u00bb", '"', "'", "\u201c"]);
const STOPS = new Set([".", "!", "?", '"', "\u201d", "'", "\u2019"]);
const HEADLINE = 120; // characters; a first line that is shorter and ends like none is a headline
const KINDS = {
  statement: "quote",
  fragment: "quoted words",
  continuation: "quote, continued",
  nested: "quote within a quote",
  mention: "mention",
};

/** Return the name of a quote's kind. */
export const kindOf = (quote) => KINDS[quote.kind] ?? "quote";

/** Tell who said a quote, as far as the article tells. */
export function speakerOf(quote) {
  return quote.speaker ? (quote.speaker.resolved ?? quote.speaker.text) : "speaker not named";
}

/** Return the paragraphs of a text with its quotes marked; offsets count code points. */
export function articleText(text, quotes) {
  const letters = unwrapped(text);
  const { owner, words } = ranges(letters, quotes);
  const badges = badgePlaces(letters, quotes);
  const box = element("div.article");
  let paragraph = null;
  let from = 0;
  const close = (to) => {
    if (from < to) {
      paragraph ??= element("p");
      paragraph.append(run(letters.slice(from, to).join(""), quotes, owner[from], words[from]));
    }
    from = to;
  };
  for (let at = 0; at <= letters.length; at += 1) {
    const change = owner[at] !== owner[at - 1] || words[at] !== words[at - 1];
    if (badges.has(at) || change || letters[at] === "\n" || at === letters.length) close(at);
    for (const index of badges.get(at) ?? []) {
      paragraph ??= element("p");
      paragraph.append("\u2060", badge(quotes[index], index));
    }
    if (letters[at] === "\n" || at === letters.length) {
      if (paragraph?.textContent.trim()) box.append(paragraph);
      paragraph = null;
      from = at + 1;
    }
  }
  markHeadline(box);
  return box;
}

/** Return the letters of a text; where it was wrapped by hand, as the service sees it, joined lines. */
function unwrapped(text) {
  const lines = text.split("\n").map((line) => Array.from(line));
  const full = lines.map((line) => line.some((letter) => letter.trim()));
  const inner = lines.filter((_, index) => full[index] && full[index + 1]);
  const median = inner.map((line) => line.length).sort((a, b) => a - b)[Math.floor(inner.length / 2)];
  const stopped = inner.filter((line) => STOPS.has(line[line.length - 1])).length;
  const wrapped = inner.length >= 5 && median >= 50 && median <= 100 && stopped * 2 <= inner.length;
  const end = (index) => (wrapped && full[index] && full[index + 1] ? " " : "\n");
  return lines.flatMap((line, index) => (index + 1 < lines.length ? [...line, end(index)] : line));
}

/** Say for each letter which quote it is of, the innermost, and which of the quote's words. */
function ranges(letters, quotes) {
  const owner = new Array(letters.length).fill(-1);
  quotes.forEach((quote, index) => owner.fill(index, quote.start, quote.end));
  const words = new Array(letters.length).fill(null);
  quotes.forEach((quote, index) => {
    for (const word of quote.highlights ?? []) {
      for (let at = word.start; at < word.end; at += 1) if (owner[at] === index) words[at] = word;
    }
  });
  return { owner, words };
}

/** Say where each quote's number goes: after its closing mark. */
function badgePlaces(letters, quotes) {
  const places = new Map();
  quotes.forEach((quote, index) => {
    const at = CLOSING.has(letters[quote.end]) ? quote.end + 1 : quote.end;
    places.set(at, [...(places.get(at) ?? []), index]);
  });
  return places;
}

function run(text, quotes, index, word) {
  if (index === undefined || index < 0) return document.createTextNode(text);
  const quote = quotes[index];
  if (!quote.hostility) return element("span.mentioned", { "data-quote": index }, text);
  const made = element("span.quoted", { "data-quote": index }, text);
  paint(made, quote);
  if (word) emphasise(made, word, quote.highlights);
  return made;
}

/** Prepare a word to show, when its quote is lit, how much it drives each score. */
function emphasise(made, word, all) {
  for (const scale of SCALES) {
    const most = Math.max(0.02, ...all.map((other) => Math.abs(other[scale])));
    const share = Math.abs(word[scale]) / most;
    if (share < 0.1) continue;
    made.classList.add(`${scale}-${word[scale] < 0 ? "lower" : "raise"}`);
    made.style.setProperty(`--${scale}-share`, share.toFixed(2));
  }
}

function badge(quote, index) {
  const number = String(index + 1);
  if (!quote.hostility) {
    return element("span.badge.silent", { "data-quote": index }, number, unseen(":"), " not scored");
  }
  const { hostility, formality } = quote;
  const spoken =
    ` ${kindOf(quote)}, ${speakerOf(quote)}: hostility ${full(hostility.score)}, ${hostility.level}; ` +
    `formality ${full(formality.score)}, ${formality.level}. ${driving(quote)}`;
  const seen = [" H", element("b", {}, brief(hostility.score)), " F", element("b", {}, brief(formality.score))];
  return element(
    "button.badge",
    { type: "button", "data-quote": index, "aria-pressed": "false" },
    element("span.number", {}, number),
    element("span", { "aria-hidden": "true" }, seen),
    unseen(spoken),
  );
}

/** Name, for a listener, the words that raise each score most. */
function driving(quote) {
  const letters = Array.from(quote.text);
  const said = SCALES.map((scale) => {
    const top = [...(quote.highlights ?? [])].sort((a, b) => b[scale] - a[scale])[0];
    if (!top || top[scale] < 0.01) return "";
    const words = letters.slice(top.start - quote.start, top.end - quote.start).join("");
    return `${scale} raised most by: ${words}. `;
  });
  return said.join("");
}

function markHeadline(box) {
  const first = box.firstElementChild;
  const line = first?.textContent.trim() ?? "";
  if (box.children.length > 1 && line.length < HEADLINE && !/[.!?:"\u201d]$/u.test(line)) {
    if (!first.querySelector("[data-quote]")) first.classList.add("headline");
  }
}
