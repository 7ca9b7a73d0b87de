/**
 * Make a listing as a table. `columns` are [{key, title, cell, by, kind}]: `cell` returns what is shown of an item,
 * `by` what it is sorted by (columns without it are not sorted), `kind` is a class; the first column names the row.
 */
function tableListing({ caption, columns, ...options }) {
  const sortable = columns.filter(({ by }) => by);
  const heads = columns.map((column) => make("th", { scope: "col", class: column.kind ?? null }, column.title));
  const body = make("tbody");
  const frame = make("table", { class: "list" },
    make("caption", {}, caption), make("thead", {}, make("tr", {}, heads)), body);
  const listing = new Listing({
    ...options, frame, body,
    orders: Object.fromEntries(sortable.map(({ key, by }) => [key, by])),
    row: (item) => make("tr", {}, columns.map((column, number) => tableCell(column, item, number === 0))),
  });
  columns.forEach((column, number) => {
    if (!column.by) return;
    const first = column.kind === "number" ? `-${column.key}` : column.key;
    heads[number].replaceChildren(button(column.title, () => listing.sortBy(column.key, first)));
  });
  listing.onUpdate = () => columns.forEach(({ key, by }, number) => {
    if (!by) return;
    const [sort, direction] = sortOf(listing);
    if (sort === key) heads[number].setAttribute("aria-sort", direction);
    else heads[number].removeAttribute("aria-sort");
  });
  listing.onUpdate();
  return listing.element;
}

function tableCell({ title, cell, kind = null }, item, isFirst) {
  const content = cell(item);
  if (isFirst) return make("th", { scope: "row", class: kind }, content);
  return make("td", { "data-label": title, class: kind }, content);
}

/** Return the key that a listing is sorted by, and the direction. */
function sortOf({ parameters, orders }) {
  const sort = parameters.get("sort") ?? Object.keys(orders)[0];
  return sort.startsWith("-") ? [sort.slice(1), "descending"] : [sort, "ascending"];
}

/** Make a table without tools, for a few rows. */
function plainTable(caption, columns, items) {
  const heads = columns.map(({ title, kind = null }) => make("th", { scope: "col", class: kind }, title));
  const rows = items.map((item) => make("tr", {}, columns.map((column, number) => tableCell(column, item, number === 0))));
  return make("table", { class: "list" },
    make("caption", {}, caption), make("thead", {}, make("tr", {}, heads)), make("tbody", {}, rows));
}
