// The form: what is pasted, how it is read, what is sent, and what is said when that fails.

import { ARTICLE, QUOTE } from "./example.js";
import { copy } from "./export.js";
import { linkTo, read } from "./link.js";
import { decide } from "./reading.js";
import { show } from "./results.js";
import { scoreArticle, scoreQuote } from "./service.js";

const LONG_LINK = 8000; // characters; some mail programs and chats cut longer ones
const PAUSE = 500; // milliseconds after the last letter, so that a screen reader is not interrupted

const at = (id) => document.getElementById(id);
let asking = false;
let ticking = null;
let pausing = null;

/** Return how the text is to be read: as chosen, or as decided by its content. */
function reading() {
  const chosen = document.querySelector("input[name=reading]:checked").value;
  return chosen === "auto" ? decide(at("text").value) : { as: chosen, because: "you say so" };
}

function tellReading() {
  const { as, because } = reading();
  const noun = as === "quote" ? "one quote" : "an article";
  at("reading").textContent = at("text").value.trim() ? `Will be read as ${noun}: ${because}.` : "";
}

function fill(text, as) {
  at("text").value = text;
  document.querySelector(`input[name=reading][value=${as}]`).checked = true;
  tellReading();
}

async function score(event) {
  event.preventDefault();
  if (asking) return;
  const text = at("text").value;
  if (!text.trim()) {
    complain("There is no text yet; paste a quote or an article.");
    at("text").focus();
    return;
  }
  begin();
  try {
    const { as } = reading();
    const ask = as === "quote" ? scoreQuote : scoreArticle;
    const found = await ask(text, at("explain").checked, at("key").value.trim());
    show(at("results"), { text, as, ...found }).focus();
    at("message").textContent = "Scored.";
  } catch (error) {
    complain(error.message, error.wait);
    if (error.status === 401) askForKey();
  } finally {
    end();
  }
}

function begin() {
  asking = true;
  clearTimeout(pausing);
  tellReading();
  stopWaiting();
  at("send").setAttribute("aria-disabled", "true");
  at("results").setAttribute("aria-busy", "true");
  at("problem").textContent = "";
  at("message").textContent = "Scoring\u2026";
}

function end() {
  asking = false;
  at("send").removeAttribute("aria-disabled");
  at("results").removeAttribute("aria-busy");
}

/** Say what went wrong, and count the seconds down where the service told how many to wait. */
function complain(sentence, wait = null) {
  stopWaiting();
  at("results").replaceChildren();
  at("message").textContent = "";
  at("problem").textContent = sentence;
  if (wait === null || wait === undefined) return;
  let left = wait;
  const tell = () => {
    at("wait").textContent = left > 0 ? `${left} s to go` : "";
    if (left <= 0) {
      stopWaiting();
      at("message").textContent = "The wait is over; press Score again.";
    }
    left -= 1;
  };
  tell();
  ticking = setInterval(tell, 1000);
}

function stopWaiting() {
  clearInterval(ticking);
  at("wait").textContent = "";
}

function askForKey() {
  at("keyring").hidden = false;
  at("key").focus();
}

async function copyLink() {
  const text = at("text").value;
  if (!text.trim()) {
    at("privacy").textContent = "There is no text to link to yet.";
    return;
  }
  const address = await linkTo(text, reading().as);
  const done = await copy(address);
  const long = address.length > LONG_LINK ? ` It has ${address.length.toLocaleString("en")} characters, which some programs cut.` : "";
  at("privacy").textContent = done
    ? `Link copied. The text is in the link itself, behind the #, and no server ever sees that part.${long}`
    : "The browser did not let us copy the link.";
}

async function readLink() {
  try {
    const found = await read(location.hash);
    if (!found) return;
    fill(found.text, found.as);
    at("message").textContent = "The text came with the link. Nothing has been sent; press Score to score it.";
  } catch {
    complain("The text in this link is damaged; ask for the link again, or paste the text.");
  }
}

function start() {
  at("form").addEventListener("submit", score);
  at("text").addEventListener("input", () => {
    clearTimeout(pausing);
    pausing = setTimeout(tellReading, PAUSE);
  });
  at("text").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) at("form").requestSubmit();
  });
  for (const input of document.querySelectorAll("input[name=reading]")) {
    input.addEventListener("change", tellReading);
  }
  at("example-article").addEventListener("click", () => fill(ARTICLE, "auto"));
  at("example-quote").addEventListener("click", () => fill(QUOTE, "auto"));
  at("copy-link").addEventListener("click", copyLink);
  addEventListener("hashchange", readLink);
  tellReading();
  readLink();
}

start();
