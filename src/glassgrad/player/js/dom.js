/**
 * Makes elements without markup. Every text is a text node, so no label can become an element, and the strictest
 * content-security policy allows it.
 */

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element: attributes by name (`on` holds listeners, `true` an empty attribute, `false` and `null` none), then
 * children: elements, texts, or null for none.
 */
export function h(name, attributes = {}, ...children) {
  return furnish(document.createElement(name), attributes, children);
}

/** The same for SVG. */
export function svg(name, attributes = {}, ...children) {
  return furnish(document.createElementNS(SVG, name), attributes, children);
}

function furnish(element, { on = {}, ...attributes }, children) {
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  for (const [kind, listener] of Object.entries(on)) element.addEventListener(kind, listener);
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** Set an attribute only if it differs, because every write costs a style pass. */
export function setAttribute(element, name, value) {
  const now = element.getAttribute(name);
  if (value === false || value === null || value === undefined) {
    if (now !== null) element.removeAttribute(name);
  } else if (now !== String(value === true ? "" : value)) element.setAttribute(name, value === true ? "" : value);
}

/** Set a text only if it differs. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Replace the children of an element. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined));
}

/** A picture of one path in a box of 16 by 16, without a name: the button around it has one. */
export function icon(d) {
  return svg(
    "svg",
    { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true", focusable: "false" },
    svg("path", { d, fill: "currentColor" }),
  );
}

export function button(text, click, attributes = {}) {
  return h("button", { type: "button", ...attributes, on: { click } }, text);
}

let ids = 0;

/** An id that no other element of the page has: two players may share one notebook. */
export function freshId(stem) {
  ids += 1;
  return `gg-${stem}-${ids}`;
}

/** Keep `bytes` (text or a Blob) as a file. */
export function download(name, bytes, type) {
  const url = URL.createObjectURL(bytes instanceof Blob ? bytes : new Blob([bytes], { type }));
  const link = h("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000); // the browser may read it after click() returns
}

/** Put a text area's text on the clipboard; false where that is not allowed. */
export async function copy(area) {
  area.focus();
  area.select();
  if (document.execCommand("copy")) return true; // this also works in frames without permission
  try {
    await navigator.clipboard.writeText(area.value);
    return true;
  } catch {
    return false;
  }
}
