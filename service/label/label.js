// The page on which a rater rates one quote after another. Nothing moves on before it was saved.

const RATER = "diplotone-rater";
const byId = (id) => document.getElementById(id);
const scales = new Map(); // by name: its elements, its levels, and whether the rater has set it
let current = null; // the quote being rated
let rater = "";
let busy = false;
let facing = null; // the scale whose slider had the focus last

const start = await ask("start");
if (start) open(start);

function open({ codebook, rater: named }) {
  for (const [name, levels] of Object.entries(codebook.levels)) addScale(name, levels);
  byId("traps").append(...codebook.traps.map((text) => element("li", text)));
  byId("who").addEventListener("submit", (event) => {
    event.preventDefault();
    enter(byId("rater").value.trim());
  });
  byId("rating").addEventListener("submit", (event) => {
    event.preventDefault();
    save();
  });
  byId("skip").addEventListener("click", skip);
  byId("undo").addEventListener("click", undo);
  byId("other").addEventListener("click", leave);
  document.addEventListener("keydown", key);
  byId("rater").value = named ?? "";
  // Of this tab alone, so that a reload goes on and another rater's tab is another's.
  const known = sessionStorage.getItem(RATER) ?? named;
  if (known) enter(known);
  else leave();
}

function addScale(name, levels) {
  const slider = element("input");
  Object.assign(slider, { id: name, type: "range", min: 0, max: 1, step: 0.01, value: 0.5 });
  const label = element("label", name);
  label.htmlFor = name;
  const output = element("output");
  output.htmlFor = name;
  const list = element("ol");
  list.className = "levels";
  const rows = levels.map((level, i) => {
    const row = element("li", `${i + 1} `, element("strong", level.name));
    row.append(`: ${level.meaning}. ${level.anchors.map((said) => `“${said}”`).join(", ")}`);
    return row;
  });
  list.append(...rows);
  const box = element("div", label, output, slider, list);
  box.className = `scale ${name}`;
  byId("scales").append(box);
  // Whoever listens hears the quote when the first slider is reached.
  if (!scales.size) slider.setAttribute("aria-describedby", "quote");
  const scale = { name, box, slider, output, rows, levels, set: false };
  scales.set(name, scale);
  slider.addEventListener("input", () => mark(scale));
  slider.addEventListener("pointerup", () => mark(scale)); // where a click did not move it
  slider.addEventListener("focus", () => (facing = scale));
}

function mark(scale, set = true) {
  scale.set = set;
  scale.box.classList.toggle("unset", !set);
  const value = Number(scale.slider.value);
  const at = set ? scale.levels.findLastIndex((level) => level.start <= value) : -1;
  const said = set ? `${value.toFixed(2)} ${scale.levels[at].name}` : "not rated yet";
  scale.output.value = said;
  scale.slider.setAttribute("aria-valuetext", said);
  scale.rows.forEach((row, i) => {
    if (i === at) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  });
}

function enter(name) {
  if (!name) return;
  rater = name;
  sessionStorage.setItem(RATER, name);
  byId("who").hidden = true;
  byId("name").textContent = `Rated by ${name}.`;
  byId("rated-by").hidden = false;
  turn("next", {});
}

function leave() {
  sessionStorage.removeItem(RATER);
  current = null;
  for (const id of ["rating", "done", "undo", "rated-by"]) byId(id).hidden = true;
  byId("message").textContent = "";
  byId("who").hidden = false;
  byId("rater").focus();
}

function save() {
  const missing = [...scales.values()].find((scale) => !scale.set);
  if (missing) {
    byId("message").textContent = `Set ${missing.name} first.`;
    missing.slider.focus();
    return;
  }
  const values = [...scales.values()].map(({ name, slider }) => [name, Number(slider.value)]);
  turn("rate", { key: current.key, ...Object.fromEntries(values) }, "Saved.");
}

function skip() {
  if (current) turn("skip", { key: current.key }, "Skipped; it comes back at the end.");
}

function undo() {
  turn("undo", {}, "Your last rating was taken back.");
}

// Send what the rater did; only the answer, which comes when it is saved, changes the page.
async function turn(path, what, said = "") {
  if (busy) return;
  busy = true;
  const state = await ask(path, { rater, ...what });
  busy = false;
  if (!state) return;
  byId("message").textContent = said;
  show(state);
}

function show({ quote, restored, progress, undoable }) {
  current = quote;
  const { rated, left, total, complete, skipped } = progress;
  const tally = `${rated} rated by you, ${left} to go` + (skipped ? ` (${skipped} skipped)` : "");
  byId("undo").hidden = !undoable;
  byId("rating").hidden = !quote;
  byId("done").hidden = Boolean(quote);
  if (!quote) {
    byId("done").textContent = `Nothing is left for you: ${tally}. ${complete} of ${total} quotes are done.`;
    byId("done").focus();
    return;
  }
  byId("place").textContent = tally;
  byId("quote").textContent = quote.text;
  for (const scale of scales.values()) {
    scale.slider.value = restored?.[scale.name] ?? 0.5;
    mark(scale, Boolean(restored));
  }
  scales.values().next().value.slider.focus();
}

function key(event) {
  const typing = event.target.matches("input[type=text]");
  if (typing || !rater || event.ctrlKey || event.metaKey || event.altKey) return;
  const pressed = event.key.toLowerCase();
  if (pressed === "u" && !byId("undo").hidden) undo();
  if (!current) return;
  if (pressed === "s") skip();
  if (pressed === "enter" && event.target.matches("input[type=range], body, #done")) {
    event.preventDefault();
    save();
  }
  if (/^[1-9]$/.test(pressed)) jump(facing ?? scales.values().next().value, Number(pressed));
}

// Go to the middle of a level.
function jump(scale, number) {
  const level = scale.levels[number - 1];
  if (!level) return;
  scale.slider.value = (level.start + level.end) / 2;
  mark(scale);
}

async function ask(path, body) {
  byId("problem").textContent = "";
  try {
    const sent = body && {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    };
    const response = await fetch(`label/${path}`, sent);
    const answer = await response.json();
    if (response.ok) return answer;
    byId("problem").textContent = answer.error.message;
  } catch {
    byId("problem").textContent =
      "Not saved: the program behind this page does not answer. Start it again, then repeat this.";
  }
  return null;
}

function element(tag, ...content) {
  const made = document.createElement(tag);
  made.append(...content);
  return made;
}
