// Asks the service, and turns whatever goes wrong into a sentence.

/** What went wrong: a sentence, the status (0 without an answer), and seconds to wait, if told. */
export class Refusal extends Error {
  constructor(message, status, wait = null) {
    super(message);
    this.status = status;
    this.wait = wait;
  }
}

// Beside this file's own folder, so that it holds under any root path.
const HERE = new URL("../v1/", import.meta.url);

/** Score a text as one quote; return an answer in the form of an article's. */
export async function scoreQuote(text, explain, key) {
  const answer = await post("score", { quote: text, explain }, key);
  const { id, model, ...tone } = answer;
  const whole = { start: 0, end: Array.from(text).length };
  const quote = { text, ...whole, kind: "statement", speaker: null, cue: null, addressee: null };
  return {
    answer,
    article: {
      quotes: [{ ...quote, part_of: null, pieces: [whole], ...tone }],
      speakers: [],
      exchange: [],
      model,
    },
  };
}

/** Have an article read and its quotes scored. */
export async function scoreArticle(text, explain, key) {
  const answer = await post("articles", { text, explain }, key);
  return { answer, article: answer };
}

async function post(path, body, key) {
  if (key && !/^[\x21-\x7e]+$/u.test(key)) {
    throw new Refusal("The API key holds characters that no key has; copy it again.", 401);
  }
  let response;
  try {
    response = await fetch(new URL(path, HERE), {
      method: "POST",
      headers: { "Content-Type": "application/json", ...(key && { "X-API-Key": key }) },
      body: JSON.stringify(body),
      credentials: "omit",
      referrerPolicy: "no-referrer",
    });
  } catch {
    const message = "The service cannot be reached. Your text is still here; check the network, or " +
      "that the service is running, and press Score again.";
    throw new Refusal(message, 0);
  }
  const answer = await response.json().catch(() => null);
  if (response.ok && answer) return answer;
  throw new Refusal(sentence(response, answer, body), response.status, waitOf(response));
}

function sentence(response, answer, { explain }) {
  const said = answer?.error?.message ??
    `The service, or something in front of it, answered ${response.status} and no reason.`;
  if (response.status === 504 && explain) {
    return `${said} Without the words that drive each score it takes a small part of the time.`;
  }
  return said;
}

function waitOf(response) {
  const seconds = Number(response.headers.get("Retry-After"));
  return Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds) : null;
}
