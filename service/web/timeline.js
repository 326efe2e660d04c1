// The exchange in order: a lane for each speaker, two bars for each quote, arrows to who is answered.

import { drawn, element, fitted, section } from "./elements.js";
import { full, shape } from "./scales.js";

const STEP = { least: 40, most: 72 }; // pixels from quote to quote
const LANE = { name: 20, plot: 46, numbers: 18, gap: 8 };
const LANE_HEIGHT = LANE.name + LANE.plot + LANE.numbers + LANE.gap;
const BAR = 11;
const FILLS = { hostility: "var(--warm)", formality: "url(#hatch)" };
const UNKNOWN = "speaker not named";
const EVIDENCE = {
  reply: "a word of replying",
  addressee: "whom it addresses",
  transcript: "the next line of a transcript",
};

/** Return the section of the exchange; nothing where fewer than two quotes were scored. */
export function timeline({ quotes, speakers, exchange }, place) {
  const columns = quotes
    .map((quote, index) => ({ quote, index, who: place(quote) }))
    .filter(({ quote }) => quote.hostility);
  if (columns.length < 2) return null;
  const names = speakers.map((speaker) => speaker.name);
  const picture = fitted(element("div.drawing"), (width) => draw(columns, names, exchange, width));
  const legend = element(
    "p.note.key",
    {},
    element("span.swatch.hostility-bar", { "aria-hidden": "true" }),
    " hostility ",
    element("span.swatch.formality-bar", { "aria-hidden": "true" }),
    " formality, from 0 to 1, with intervals; an arrow leads to the one who answers. ",
  );
  return section("exchange", "The exchange", picture, legend, inWords(exchange));
}

function inWords(exchange) {
  if (!exchange.length) return null;
  const items = exchange.map((turn) => {
    const numbers = turn.quotes.map((index) => index + 1).join(", ");
    const noun = turn.quotes.length > 1 ? "quotes" : "quote";
    const said = `${turn.speaker}: ${noun} ${numbers}`;
    if (turn.answers === null) return element("li", {}, said);
    const why = EVIDENCE[turn.evidence] ?? "the article's words";
    return element("li", {}, `${said}, answers ${exchange[turn.answers].speaker} (by ${why})`);
  });
  return element("details", {}, element("summary", {}, "Who answers whom, in words"), element("ol", {}, items));
}

/** Draw the lanes; what is too long for one row goes on below, like a line of music. */
function draw(columns, names, exchange, width) {
  const most = Math.max(1, Math.floor(width / STEP.least));
  const rows = Math.ceil(columns.length / most);
  const each = Math.ceil(columns.length / rows);
  const step = Math.min(STEP.most, width / each);
  const marks = new Map();
  const parts = [];
  let top = 0;
  for (let row = 0; row < rows; row += 1) {
    const here = columns.slice(row * each, (row + 1) * each);
    const lanes = [...new Set(here.map(({ who }) => who))].sort((a, b) => (a ?? 1e9) - (b ?? 1e9));
    parts.push(...lanes.map((who, lane) => laneOf(who, names, top + lane * LANE_HEIGHT, width)));
    here.forEach((column, at) => {
      const base = top + lanes.indexOf(column.who) * LANE_HEIGHT + LANE.name + LANE.plot;
      const x = (at + 0.5) * step;
      marks.set(column.index, { x, base, row });
      parts.push(pair(column, x, base));
    });
    top += lanes.length * LANE_HEIGHT + 6;
  }
  const label = `Timeline of ${columns.length} quotes by ${names.length || 1} speakers. ` +
    "The list below it says who answers whom; the table of all quotes has the numbers.";
  const size = { width, height: top, viewBox: `0 0 ${width} ${top}` };
  return drawn("svg", { ...size, role: "img", "aria-label": label }, patterns(), parts, arrows(exchange, marks));
}

function patterns() {
  const stripe = drawn("path", { d: "M0 5L5 0M-1 1L1 -1M4 6L6 4", class: "stripe" });
  const hatch = drawn("pattern", { id: "hatch", width: 5, height: 5, patternUnits: "userSpaceOnUse" }, stripe);
  const head = drawn(
    "marker",
    { id: "head", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" },
    drawn("path", { d: "M0 0L8 4L0 8Z" }),
  );
  return drawn("defs", {}, hatch, head);
}

function laneOf(who, names, top, width) {
  const base = top + LANE.name + LANE.plot;
  const middle = base - LANE.plot / 2;
  return drawn(
    `g.lane.speaker-${who === null ? "none" : who % 7}`,
    {},
    drawn("path.shape", { d: shape(who, 7, top + 10, 5) }),
    drawn("text", { x: 18, y: top + 14 }, who === null ? UNKNOWN : names[who]),
    drawn("line.half", { x1: 0, x2: width, y1: middle, y2: middle }),
    drawn("line", { x1: 0, x2: width, y1: base, y2: base }),
  );
}

function pair({ quote, index }, x, base) {
  const { hostility, formality } = quote;
  const y = (score) => base - score * LANE.plot;
  const one = (scale, { score, low, high }, left) => [
    drawn(`rect.${scale}-bar`, { fill: FILLS[scale], x: left, y: y(score), width: BAR, height: Math.max(1, score * LANE.plot) }),
    drawn("line.whisker", { x1: left + BAR / 2, x2: left + BAR / 2, y1: y(low), y2: y(high) }),
  ];
  const title = `${index + 1}: hostility ${full(hostility.score)}, formality ${full(formality.score)}`;
  return drawn(
    "g.pair",
    { "data-quote": index },
    drawn("title", {}, title),
    drawn("rect.ground", { x: x - 17, y: base - LANE.plot - 1, width: 34, height: LANE.plot + LANE.numbers }),
    one("hostility", hostility, x - BAR - 1),
    one("formality", formality, x + 1),
    drawn("text", { x, y: base + 14, "text-anchor": "middle" }, String(index + 1)),
  );
}

/** Draw an arrow from the last quote of a turn to the first that answers it, within one row. */
function arrows(exchange, marks) {
  return exchange.map((turn) => {
    if (turn.answers === null) return null;
    const from = marks.get(exchange[turn.answers].quotes.at(-1));
    const to = marks.get(turn.quotes[0]);
    if (!from || !to || from.row !== to.row) return null;
    const [x1, y1] = [from.x + BAR + 5, from.base - LANE.plot / 2];
    const [x2, y2] = [to.x - BAR - 5, to.base - LANE.plot / 2];
    const bend = Math.max(14, (x2 - x1) / 2);
    return drawn("path.arrow", {
      d: `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`,
      "marker-end": "url(#head)",
    });
  });
}
