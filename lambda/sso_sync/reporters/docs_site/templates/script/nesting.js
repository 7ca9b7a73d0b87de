const MOST = 8; // groups that a picture shows on each side
const BOX = { height: 30, gap: 10, padding: 10 };
const BETWEEN = 70; // pixels between columns, for lines
const TITLE = 24;
const WIDEST = 1000;
const NARROW = 620; // pixels; below it the columns stand on each other

/** Make the section on the groups around a group: a picture of its neighbours, and all of them as lists. */
function nestingSection(group) {
  if (!group.inside.length && !group.contains.length) return null;
  const picture = make("div", { class: "nesting" });
  requestAnimationFrame(() => picture.append(nestingPicture(group, picture.clientWidth || 800)));
  const told = [["inside of", group.inside], ["contains", group.contains]].filter(([, neighbours]) => neighbours.length)
    .map(([title, neighbours]) => `${title} ${counted(neighbours.length, ["group", "groups"])}`);
  return section("nesting", "Nesting in the directory", picture, make("details", {},
    make("summary", {}, `As lists: ${told.join(", ")}`),
    make("div", { class: "columns" }, neighbourList("Inside of", group.inside), neighbourList("Contains", group.contains))));
}

function neighbourList(title, neighbours) {
  if (!neighbours.length) return null;
  const rows = neighbours.map(([level, text, id]) => make("li", {},
    id && groupById().has(id) ? groupLink(groupById().get(id)) : name(text),
    level > 1 ? make("span", { class: "quiet" }, ` ${level} steps away`) : null));
  return make("div", {}, make("h3", {}, title), make("ul", {}, rows));
}

/** Draw the neighbours of a group. The lists say the same, so screen readers are spared the picture. */
function nestingPicture(group, width) {
  const [left, right] = [neighbourBoxes(group.inside), neighbourBoxes(group.contains)];
  const middle = { text: group.name, kind: "this" };
  if (width < NARROW) return stackedPicture(left, middle, right, width);
  return widePicture(left, middle, right, Math.min(width, WIDEST));
}

function neighbourBoxes(neighbours) {
  const next = neighbours.filter(([level]) => level === 1);
  const shown = next.slice(0, next.length > MOST ? MOST - 1 : MOST);
  const boxes = shown.map(([, text, id]) => ({ text, id, kind: id ? "known" : "" }));
  const more = neighbours.length - boxes.length;
  return more ? [...boxes, { text: `and ${number(more)} more`, kind: "more" }] : boxes;
}

/** Draw three columns: what the group is inside of, itself, and what it contains. */
function widePicture(left, middle, right, width) {
  const side = (width - 2 * BETWEEN) / 3;
  const all = Math.max(left.length, right.length, 1) * (BOX.height + BOX.gap);
  const centre = TITLE + (all - BOX.gap) / 2;
  const svg = emptyPicture(width, TITLE + all);
  const columns = [[left, "Inside of"], [[middle], "This group"], [right, "Contains"]].filter(([boxes]) => boxes.length);
  const own = left.length ? side + BETWEEN : 0;
  columns.forEach(([boxes, title], column) => {
    const x = column * (side + BETWEEN);
    const top = centre - (boxes.length * (BOX.height + BOX.gap) - BOX.gap) / 2;
    svg.append(draw("text", { class: "title", x, y: 13 }, title));
    boxes.forEach((box, row) => {
      const y = top + row * (BOX.height + BOX.gap);
      svg.append(boxElement(box, x, y, side));
      if (x < own) svg.prepend(curve(x + side, y + BOX.height / 2, own, centre));
      if (x > own) svg.prepend(curve(own + side, centre, x, y + BOX.height / 2));
    });
  });
  return svg;
}

/** Draw a line that leaves and arrives level. */
function curve(x, y, toX, toY) {
  const half = (x + toX) / 2;
  return draw("path", { class: "line", d: `M${x} ${y}C${half} ${y} ${half} ${toY} ${toX} ${toY}` });
}

/** Draw one column for a phone: each step down is further inside. */
function stackedPicture(left, middle, right, width) {
  const rows = [...left.map((box) => [box, 0]), [middle, left.length ? 1 : 0], ...right.map((box) => [box, left.length ? 2 : 1])];
  const svg = emptyPicture(width, rows.length * (BOX.height + BOX.gap));
  const own = left.length;
  rows.forEach(([box, depth], row) => {
    const y = row * (BOX.height + BOX.gap);
    svg.append(boxElement(box, depth * 28, y, width - depth * 28));
    if (row < own) svg.prepend(elbow(14, y + BOX.height, 28, own));
    if (row > own) svg.prepend(elbow((depth - 1) * 28 + 14, own * (BOX.height + BOX.gap) + BOX.height, depth * 28, row));
  });
  return svg;
}

/** Draw a line down from a box and into the side of another, in the row that is given. */
function elbow(x, y, toX, row) {
  return draw("path", { class: "line", d: `M${x} ${y}V${row * (BOX.height + BOX.gap) + BOX.height / 2}H${toX}` });
}

function emptyPicture(width, height) {
  return draw("svg", { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" });
}

function boxElement({ text, kind, id }, x, y, width) {
  const cut = fitting(text || "(no name)", width - 2 * BOX.padding);
  const label = draw("text", { x: x + width / 2, y: y + BOX.height / 2 + 5 }, cut);
  const box = draw("g", { class: `box ${kind}` }, draw("title", {}, text),
    draw("rect", { x: x + 0.5, y: y + 0.5, width: width - 1, height: BOX.height, rx: 6 }), label);
  return id && groupById().has(id) ? draw("a", { href: `#/groups/${encodeURIComponent(id)}`, tabindex: "-1" }, box) : box;
}

const pen = once(() => {
  const context = document.createElement("canvas").getContext("2d");
  context.font = "14px system-ui, sans-serif";
  return context;
});

/** Cut text to a width in pixels. */
function fitting(text, width) {
  if (pen().measureText(text).width <= width) return text;
  const letters = [...text.slice(0, 200)];
  while (letters.length && pen().measureText(`${letters.join("")}…`).width > width) letters.pop();
  return `${letters.join("")}…`;
}
