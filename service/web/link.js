// A link that holds the text: behind the #, which a browser never sends to any server.

const PATTERN = /^#([qa])=([A-Za-z0-9_-]+)$/u;
const LONGEST = 1_000_000; // characters that a link may unfold to; the service takes fewer

/** Return the address of this page with a text in its fragment. */
export async function linkTo(text, as) {
  const packed = await through(new Blob([text]), new CompressionStream("deflate-raw"), Infinity);
  let letters = "";
  for (const byte of packed) letters += String.fromCharCode(byte);
  const safe = btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return `${location.origin}${location.pathname}#${as[0]}=${safe}`;
}

/** Return {text, as} from a fragment; null where it holds none of ours; throws if it is damaged. */
export async function read(fragment) {
  const found = PATTERN.exec(fragment);
  if (!found) return null;
  const letters = atob(found[2].replaceAll("-", "+").replaceAll("_", "/"));
  const packed = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
  const bytes = await through(new Blob([packed]), new DecompressionStream("deflate-raw"), 4 * LONGEST);
  const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  return { text, as: found[1] === "q" ? "quote" : "article" };
}

/** Send bytes through a stream; throw when more than `most` come out (a few can unfold to many). */
async function through(blob, transform, most) {
  const parts = [];
  let size = 0;
  const reader = blob.stream().pipeThrough(transform).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > most) {
      await reader.cancel();
      throw new RangeError("too long");
    }
    parts.push(value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
