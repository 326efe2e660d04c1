// Copies the scores: the service's answer as JSON, or a row for each quote as CSV.

const COLUMNS = [
  ["quote", (q, i) => i + 1],
  ["kind", (q) => q.kind],
  ["speaker", (q) => q.speaker?.resolved],
  ["speaker_as_named", (q) => q.speaker?.text],
  ["cue", (q) => q.cue],
  ["addressee", (q) => q.addressee && (q.addressee.resolved ?? q.addressee.text)],
  ["part_of", (q) => (q.part_of === null ? null : q.part_of + 1)],
  ["hostility", (q) => q.hostility?.score],
  ["hostility_low", (q) => q.hostility?.low],
  ["hostility_high", (q) => q.hostility?.high],
  ["hostility_level", (q) => q.hostility?.level],
  ["formality", (q) => q.formality?.score],
  ["formality_low", (q) => q.formality?.low],
  ["formality_high", (q) => q.formality?.high],
  ["formality_level", (q) => q.formality?.level],
  ["start", (q) => q.start],
  ["end", (q) => q.end],
  ["text", (q) => q.text],
  ["warnings", (q) => q.warnings.map((warning) => warning.code).join(" ")],
];

/** Return an answer as JSON, exactly as the service gave it. */
export function asJson(answer) {
  return `${JSON.stringify(answer, null, 2)}\n`;
}

/** Return the quotes as CSV (RFC 4180), a row each, with the model that scored them. */
export function asCsv({ quotes, model }) {
  const name = `${model.name} ${model.version} ${model.sha256.slice(0, 12)}`;
  const head = [...COLUMNS.map(([column]) => column), "model"];
  const rows = quotes.map((quote, index) => [...COLUMNS.map(([, value]) => value(quote, index)), name]);
  return [head, ...rows].map((row) => `${row.map(field).join(",")}\r\n`).join("");
}

function field(value) {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  // A spreadsheet would run a text that begins like a formula, and the text is a stranger's.
  const text = /^[=+\-@\t\r]/u.test(value) ? `'${value}` : value;
  return /[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Put text on the clipboard; tell whether that worked. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyOldWay(text); // a page that came over plain HTTP has no other
  }
}

function copyOldWay(text) {
  const box = document.createElement("textarea");
  const before = document.activeElement;
  box.value = text;
  box.className = "unseen";
  document.body.append(box);
  box.select();
  const done = document.execCommand("copy");
  box.remove();
  before?.focus();
  return done;
}
