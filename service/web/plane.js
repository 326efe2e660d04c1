// The map: hostility to the right, formality upwards, a point for each quote with its intervals.

import { speakerOf } from "./article.js";
import { drawn, element, fitted, section } from "./elements.js";
import { LEVELS, full, shape } from "./scales.js";

const MOST_WIDTH = 520; // pixels
const MARGIN = { left: 46, right: 14, top: 12, bottom: 50 };
const TICKS = [0, 0.25, 0.5, 0.75, 1];
const RADIUS = 5.5;
const TARGET = 12; // pixels around a point that answer to the pointer
const AROUND = [[10, -9], [10, 14], [-10, -9], [-10, 14], [0, -13], [0, 20], [15, 4], [-15, 4]];

/** Return the section of the map; `place` says where a speaker stands in the list, or null. */
export function plane(quotes, place) {
  const scored = quotes.map((quote, index) => ({ quote, index })).filter(({ quote }) => quote.hostility);
  const box = fitted(element("div.drawing"), (width) => draw(scored, place, Math.min(width, MOST_WIDTH)));
  const note = "Each point is a quote with its number; the bars are its intervals. " +
    "Where bars overlap, the quotes may not differ.";
  return section("plane", "Map of the tone", box, element("p.note", {}, note));
}

function draw(scored, place, size) {
  const side = size - MARGIN.left - MARGIN.right;
  const x = (score) => MARGIN.left + score * side;
  const y = (score) => MARGIN.top + (1 - score) * side;
  const height = MARGIN.top + side + MARGIN.bottom;
  const label = `Map of ${scored.length} quotes by hostility, to the right, and formality, upwards. ` +
    "The table of all quotes has the same numbers.";
  return drawn(
    "svg",
    { width: size, height, viewBox: `0 0 ${size} ${height}`, role: "img", "aria-label": label },
    ground(x, y, side),
    axis(x, y, side, size, height),
    scored.map(({ quote, index }) => intervals(quote, index, x, y)),
    points(scored, place, x, y),
  );
}

function ground(x, y, side) {
  const lines = LEVELS.hostility.slice(1).map(([, start]) =>
    drawn("line", { x1: x(start), x2: x(start), y1: y(0), y2: y(1) }),
  );
  const across = LEVELS.formality.slice(1).map(([, start]) =>
    drawn("line", { x1: x(0), x2: x(1), y1: y(start), y2: y(start) }),
  );
  const frame = drawn("rect.frame", { x: x(0), y: y(1), width: side, height: side });
  return drawn("g.grid", {}, frame, lines, across);
}

function axis(x, y, side, size, height) {
  const text = (attributes, words) => drawn("text", attributes, words);
  const made = TICKS.flatMap((tick) => [
    text({ x: x(tick), y: y(0) + 16, "text-anchor": "middle" }, String(tick)),
    text({ x: MARGIN.left - 7, y: y(tick) + 4, "text-anchor": "end" }, String(tick)),
  ]);
  const ends = (scale) => [LEVELS[scale][0][0], LEVELS[scale].at(-1)[0]];
  const [mild, wild] = ends("hostility");
  const [low, high] = ends("formality");
  const upright = `rotate(-90 12 ${y(0.5)})`;
  made.push(
    text({ x: x(0), y: height - 14 }, mild),
    text({ x: x(1), y: height - 14, "text-anchor": "end" }, wild),
    text({ x: x(0.5), y: height - 14, "text-anchor": "middle", class: "title" }, "hostility \u2192"),
    text({ x: 12 - side / 2, y: y(0.5), transform: upright }, low),
    text({ x: 12 + side / 2, y: y(0.5), transform: upright, "text-anchor": "end" }, high),
    text({ x: 12, y: y(0.5), transform: upright, "text-anchor": "middle", class: "title" }, "formality \u2192"),
  );
  return drawn("g.axis", {}, made);
}

function intervals({ hostility, formality }, index, x, y) {
  const across = { y1: y(formality.score), y2: y(formality.score) };
  const upwards = { x1: x(hostility.score), x2: x(hostility.score) };
  return drawn(
    "g.intervals",
    { "data-quote": index },
    drawn("line", { x1: x(hostility.low), x2: x(hostility.high), ...across }),
    drawn("line", { y1: y(formality.low), y2: y(formality.high), ...upwards }),
  );
}

function points(scored, place, x, y) {
  const taken = scored.map(({ quote }) => [x(quote.hostility.score), y(quote.formality.score)]);
  return scored.map(({ quote, index }, row) => {
    const [px, py] = taken[row];
    const who = place(quote);
    const label = free(px, py, taken, { x, y });
    taken.push(label);
    const title = `${index + 1}. ${speakerOf(quote)}: hostility ${full(quote.hostility.score)}, ` +
      `formality ${full(quote.formality.score)}`;
    return drawn(
      `g.mark.speaker-${who === null ? "none" : who % 7}`,
      { "data-quote": index },
      drawn("title", {}, title),
      drawn("circle.hit", { cx: px, cy: py, r: TARGET }),
      drawn("path", { d: shape(who, px, py, RADIUS) }),
      drawn("text", { x: label[0], y: label[1], "text-anchor": "middle" }, String(index + 1)),
    );
  });
}

/** Return the place around a point that is farthest from everything placed so far. */
function free(px, py, taken, { x, y }) {
  const room = ([lx, ly]) => {
    if (lx < x(0) + 8 || lx > x(1) - 6 || ly < y(1) + 12 || ly > y(0) - 3) return 0;
    return Math.min(...taken.map(([tx, ty]) => Math.hypot(lx - tx, ly - 4 - ty)));
  };
  const places = AROUND.map(([dx, dy]) => [px + dx, py + dy]);
  return places.reduce((best, next) => (room(next) > room(best) + 1.5 ? next : best));
}
