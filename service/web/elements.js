// Makes elements. All text goes in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

/** Return an HTML element: a tag, perhaps with classes ("p.note"), its attributes and its content. */
export function element(name, attributes = {}, ...content) {
  const [tag, ...classes] = name.split(".");
  return filled(document.createElement(tag), classes, attributes, content);
}

/** Return an SVG element, made like `element`. */
export function drawn(name, attributes = {}, ...content) {
  const [tag, ...classes] = name.split(".");
  return filled(document.createElementNS(SVG, tag), classes, attributes, content);
}

function filled(made, classes, attributes, content) {
  if (classes.length) made.setAttribute("class", classes.join(" "));
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value);
  }
  made.append(...content.flat(Infinity).filter((part) => part !== null && part !== undefined));
  return made;
}

/** Return text that only a screen reader tells. */
export function unseen(text) {
  return element("span.unseen", {}, text);
}

/** Return a section of the results under a heading of its own. */
export function section(id, heading, ...content) {
  const title = element("h3", { id: `${id}-heading` }, heading);
  return element("section", { id, "aria-labelledby": title.id }, title, content);
}

/** Fill a box that has the width of its place, and fill it again whenever that width changes. */
export function fitted(box, draw) {
  let last = 0;
  const observer = new ResizeObserver(([entry]) => {
    const width = Math.floor(entry.contentRect.width);
    if (width <= 0 || width === last) return;
    box.replaceChildren(draw((last = width)));
    box.dispatchEvent(new Event("drawn", { bubbles: true }));
  });
  observer.observe(box);
  return box;
}
