const SVG = "http://www.w3.org/2000/svg";

/** Make an element. Texts stay texts: nothing is ever parsed as HTML. */
function make(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** Make an element of a picture. */
function draw(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null) element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((child) => child !== null));
  return element;
}

/** Make a name out of a directory, whose direction of writing stays its own. */
function name(text) {
  return make("bdi", {}, text || "(no name)");
}

function button(text, onClick, attributes = {}) {
  const made = make("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", onClick);
  return made;
}

function time(iso) {
  return make("time", { datetime: iso }, instant(iso));
}

/** Make a list of titled facts; what is empty is left out. */
function factList(rows) {
  const told = rows.filter(([, value]) => value !== "" && value !== null);
  const pairs = told.map(([title, value]) => make("div", {}, make("dt", {}, title), make("dd", {}, value)));
  return make("dl", { class: "facts" }, pairs);
}

/** Make a section under a heading of its own. */
function section(id, title, ...children) {
  return make("section", { "aria-labelledby": id }, make("h2", { id }, title), ...children);
}

/** Separate elements by texts. */
function joined(elements, separator) {
  return elements.flatMap((element, number) => (number ? [separator, element] : [element]));
}

function groupLink(group) {
  return make("a", { href: `#/groups/${encodeURIComponent(group.id)}` }, name(group.name));
}

function personLink(person) {
  return make("a", { href: `#/people/${encodeURIComponent(person.id)}` }, name(person.name));
}

/** Link to a page beside the site, from wherever this file lies; null for what is no page of ours. */
function pageLink(page, text) {
  if (!/^runs\/[\w.-]+\.html$/.test(page)) return null;
  return make("a", { href: nearby(page) }, text);
}

/** Address a page that the site names from its root: the site as it was after a run lies in runs/ itself. */
function nearby(page) {
  return location.pathname.endsWith("-site.html") ? `../${page}` : page;
}
