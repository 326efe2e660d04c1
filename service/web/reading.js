// Decides whether a text is one quote or an article with quotes in it, and says why.

const MARKED = /[\u201c\u201e\u00ab"][^\u201c\u201d\u201e\u00ab\u00bb"]*[\u201d\u201c\u00bb"]/gu;
const SAYING = new RegExp(
  "\\b(said|says|saying|told|tells|replied|replies|added|adds|answered|asked|asks|called|calls|" +
    "declared|declares|insisted|insists|warned|warns|wrote|writes|stated|states|responded|" +
    "accused|denounced|dismissed|described|according to|quoted as|countered|urged|vowed)\\b",
  "iu",
);
const LABELLED = /^\s*[\p{Lu}][\p{L}.'\u2019 ()-]{1,60}:\s+\S/gmu;
const LONGEST_QUOTE = 10_000;

/** Return {as: "quote" | "article", because}; `because` is a clause for the reader. */
export function decide(text) {
  const trimmed = text.trim();
  if (!trimmed) return { as: "quote", because: "" };
  const marked = trimmed.match(MARKED) ?? [];
  const outside = trimmed.replace(MARKED, " ").trim();
  const paragraphs = trimmed.split(/\n\s*\n|\n/u).filter((part) => part.trim()).length;
  const labelled = (trimmed.match(LABELLED) ?? []).length;
  if (labelled >= 2) return { as: "article", because: "it has lines that begin with a name" };
  if (marked.length && SAYING.test(outside)) {
    return { as: "article", because: "somebody is said to have said what stands in quotation marks" };
  }
  if (marked.length && outside && paragraphs > 1) {
    return { as: "article", because: "it has paragraphs with quotation marks in them" };
  }
  if (Array.from(trimmed).length > LONGEST_QUOTE) {
    return { as: "article", because: "it is too long for one quote" };
  }
  if (!outside) return { as: "quote", because: "all of it stands in quotation marks" };
  return { as: "quote", because: "nobody is reported to have said a part of it" };
}
