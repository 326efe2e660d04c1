// One quote in full: who says it, both scores with their intervals, the words that drive them.

import { kindOf, speakerOf } from "./article.js";
import { element } from "./elements.js";
import { SCALES, full, range, signed } from "./scales.js";

const MOST_WORDS = 4; // up and down each, for one scale
const LEAST_SHARE = 0.005; // below that a word does next to nothing

/** Return what is known about a quote, for the panel beside the text. */
export function detail(quote, index, alone) {
  const parts = [];
  if (!alone) parts.push(element("h3", {}, `${index + 1}. ${speakerOf(quote)}`), source(quote));
  parts.push(element("blockquote", {}, quote.text));
  if (quote.hostility) {
    parts.push(...SCALES.map((scale) => degree(scale, quote)));
  } else {
    const why = quote.kind === "mention" ? "the words are only mentioned" : "it has no words of its own";
    parts.push(element("p", {}, `Not scored: ${why}.`));
  }
  const warnings = quote.warnings.map((warning) => element("li", {}, warning.message));
  if (warnings.length) parts.push(element("ul.warnings", {}, warnings));
  return parts;
}

function source({ kind, speaker, cue, addressee }) {
  const parts = [kindOf({ kind })];
  if (speaker && speaker.resolved !== speaker.text) parts.push(`named here as \u201c${speaker.text}\u201d`);
  if (cue) parts.push(`introduced by \u201c${cue}\u201d`);
  if (addressee) parts.push(`to ${addressee.resolved ?? addressee.text}`);
  return element("p.note", {}, parts.join("; "));
}

function degree(scale, quote) {
  const tone = quote[scale];
  return element(
    `div.degree.${scale}`,
    {},
    element(
      "p",
      {},
      element("span.scale", {}, scale),
      " ",
      element("b", {}, full(tone.score)),
      ` ${tone.level} `,
      element("span.note", {}, `(${range(tone)})`),
    ),
    bar(tone),
    quote.highlights ? words(scale, quote) : null,
  );
}

/** Draw a score as a line on its interval; the numbers stand beside it in words. */
function bar({ score, low, high }) {
  const interval = element("span.interval");
  interval.style.insetInlineStart = `${low * 100}%`;
  interval.style.inlineSize = `${(high - low) * 100}%`;
  const point = element("span.point");
  point.style.insetInlineStart = `${score * 100}%`;
  return element("div.bar", { "aria-hidden": "true" }, interval, point);
}

function words(scale, quote) {
  const letters = Array.from(quote.text);
  const shares = quote.highlights
    .map((word) => ({
      share: word[scale],
      text: letters.slice(word.start - quote.start, word.end - quote.start).join("").trim(),
    }))
    .filter(({ share, text }) => text && Math.abs(share) >= LEAST_SHARE)
    .sort((a, b) => b.share - a.share);
  const raising = shares.filter(({ share }) => share > 0).slice(0, MOST_WORDS);
  const lowering = shares.filter(({ share }) => share < 0).reverse().slice(0, MOST_WORDS);
  if (!raising.length && !lowering.length) {
    return element("p.note", {}, "No single word drives it.");
  }
  return element("div.words", {}, listed("raised by", raising), listed("lowered by", lowering));
}

function listed(label, rows) {
  if (!rows.length) return null;
  const items = rows.map(({ share, text }) =>
    element("li", {}, `${text} `, element("span.share", {}, signed(share))),
  );
  return element("div", {}, element("span.note", {}, label), element("ul", { "aria-label": label }, items));
}
