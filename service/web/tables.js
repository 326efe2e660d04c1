// The numbers in tables: by speaker, and quote by quote.

import { kindOf, speakerOf } from "./article.js";
import { drawn, element, section } from "./elements.js";
import { full, range, shape } from "./scales.js";

const SHORT = 90; // characters of a quote in the table

/** Return the section with a row for each speaker; nothing where none is known. */
export function speakerTable({ speakers }) {
  if (!speakers.length) return null;
  const rows = speakers.map((speaker, index) =>
    element(
      "tr",
      {},
      element("th", { scope: "row" }, sign(index), ` ${speaker.name}`),
      element("td.count", {}, String(speaker.count)),
      mean(speaker.hostility, speaker.most_hostile, speaker.count),
      mean(speaker.formality, speaker.most_formal, speaker.count),
    ),
  );
  const columns = ["speaker", "quotes", "hostility, mean", "formality, mean"];
  return section("speakers", "By speaker", table("Each speaker's quotes and their mean scores", columns, rows));
}

function mean(tone, most, count) {
  if (!tone) return element("td", {}, "not scored");
  const best = count > 1 && most !== null ? element("span.note", {}, `highest: ${most + 1}`) : null;
  const degree = { ...tone, score: tone.mean };
  return element("td", {}, cell(degree), best);
}

/** Return the section with a row for each quote, which says all that the pictures show. */
export function quoteTable({ quotes }) {
  const rows = quotes.map((quote, index) => {
    const scores = quote.hostility
      ? [element("td", {}, cell(quote.hostility)), element("td", {}, cell(quote.formality))]
      : [element("td", { colspan: 2 }, "not scored")];
    return element(
      "tr",
      { "data-quote": index },
      element("th.count", { scope: "row" }, String(index + 1)),
      element("td", {}, element("b", {}, speakerOf(quote)), ` (${kindOf(quote)}) `, short(quote.text)),
      scores,
    );
  });
  const columns = ["no.", "quote", "hostility", "formality"];
  const made = table("All quotes in order", columns, rows);
  const folded = element("details", {}, element("summary", {}, `All ${quotes.length} quotes in a table`), made);
  return section("quotes", "Quote by quote", folded);
}

function cell(tone) {
  return [
    element("span.score", {}, full(tone.score)),
    " ",
    element("span.level", {}, tone.level),
    " ",
    element("span.note", {}, range(tone)),
  ];
}

function table(caption, columns, rows) {
  const heads = columns.map((name) => element("th", { scope: "col" }, name));
  return element(
    "table",
    {},
    element("caption.unseen", {}, caption),
    element("thead", {}, element("tr", {}, heads)),
    element("tbody", {}, rows),
  );
}

/** Draw a speaker's sign, as in the pictures. */
export function sign(index) {
  const path = drawn("path", { d: shape(index, 8, 8, 5.5) });
  const size = { width: 16, height: 16, viewBox: "0 0 16 16", "aria-hidden": "true" };
  return drawn(`svg.sign.speaker-${index === null ? "none" : index % 7}`, size, path);
}

function short(text) {
  const letters = Array.from(text.replace(/\s+/gu, " "));
  return letters.length > SHORT ? `${letters.slice(0, SHORT - 1).join("")}\u2026` : letters.join("");
}
