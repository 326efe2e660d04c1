// The two scales: how numbers are written, and how a tone looks in colour and without.

export const SCALES = ["hostility", "formality"];

/** Where each level begins; the service's own table, which a test compares. */
export const LEVELS = {
  hostility: [
    ["none", 0], ["reserved", 0.075], ["concerned", 0.225], ["critical", 0.375],
    ["accusing", 0.525], ["hostile", 0.675], ["vilifying", 0.825], ["destructive", 0.925],
  ],
  formality: [
    ["slang", 0], ["casual", 0.125], ["conversational", 0.275], ["press", 0.425],
    ["official", 0.575], ["diplomatic", 0.725], ["protocol", 0.875],
  ],
};

/** The line under a quote: the more formal the words, the more regular the line. */
const LINES = {
  slang: "wavy", casual: "wavy", conversational: "dotted", press: "dashed",
  official: "solid", diplomatic: "solid", protocol: "double",
};

/** Shapes of speakers in the pictures, by their place in the list; the last is for nobody known. */
const SHAPES = ["circle", "square", "triangle", "diamond", "cross", "pentagon", "drop"];

/** Write a score as .82, which is short enough to stand beside each quote. */
export const brief = (score) => (score >= 0.995 ? "1.0" : score.toFixed(2).slice(1));

/** Write a score as 0.82. */
export const full = (score) => score.toFixed(2);

/** Write an interval. */
export const range = ({ low, high }) => `${full(low)} to ${full(high)}`;

/** Write a signed contribution. */
export const signed = (share) => (share < 0 ? "\u2212" : "+") + Math.abs(share).toFixed(2);

/** Give an element the looks of a tone: tint and thickness by hostility, line by formality. */
export function paint(target, { hostility, formality }) {
  target.style.setProperty("--hostility", hostility.score.toFixed(3));
  target.style.setProperty("--formality", formality.score.toFixed(3));
  target.style.setProperty("--line", LINES[formality.level] ?? "solid");
}

/** Return the outline of a speaker's shape around a point, as the data of an SVG path. */
export function shape(index, x, y, r) {
  const name = index === null ? "ring" : SHAPES[index % SHAPES.length];
  const at = (...points) =>
    `M${points.map(([dx, dy]) => `${(x + dx * r).toFixed(1)} ${(y + dy * r).toFixed(1)}`).join("L")}Z`;
  switch (name) {
    case "square":
      return at([-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]);
    case "triangle":
      return at([0, -1.15], [1.1, 0.85], [-1.1, 0.85]);
    case "diamond":
      return at([0, -1.3], [1.15, 0], [0, 1.3], [-1.15, 0]);
    case "cross":
      return at(
        [-0.4, -1.15], [0.4, -1.15], [0.4, -0.4], [1.15, -0.4], [1.15, 0.4], [0.4, 0.4],
        [0.4, 1.15], [-0.4, 1.15], [-0.4, 0.4], [-1.15, 0.4], [-1.15, -0.4], [-0.4, -0.4],
      );
    case "pentagon":
      return at([0, -1.15], [1.1, -0.35], [0.68, 0.95], [-0.68, 0.95], [-1.1, -0.35]);
    case "drop":
      return at([-1.1, -0.85], [1.1, -0.85], [0, 1.15]);
    default:
      return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;
  }
}
