const STEP = 100; // rows that are drawn at a time
const listings = []; // those of the view that is shown

/**
 * A list that can be searched, sorted and narrowed, and draws no more than is looked at.
 *
 * `items` are what it lists, `orders` maps a key to what an item is sorted by, `haystack` returns what of an item is
 * searched, `choices` are [{key, label, options: [[value, label, keep], …]}], `frame` holds `body`, where `row` puts items.
 */
class Listing {
  constructor({ items, noun, frame, body, row, haystack, orders = {}, choices = [], parameters, search = items.length > 10 }) {
    Object.assign(this, { items, noun, frame, body, row, haystack, orders, choices, parameters });
    this.limit = STEP;
    this.sorted = new Map();
    this.haystacks = once(() => new Map(items.map((item) => [item, folded(haystack(item))])));
    this.status = make("p", { class: "count", role: "status" });
    this.more = make("p", { class: "buttons" });
    this.element = make("div", { class: "listing" }, this.tools(search), this.status, frame, this.more);
    listings.push(this);
    this.update();
  }

  tools(search) {
    const tools = make("div", { class: "tools" });
    if (search) tools.append(this.searchField());
    tools.append(...this.choices.map((choice) => this.choiceField(choice)));
    return tools;
  }

  searchField() {
    const field = make("input", { type: "search", autocomplete: "off", spellcheck: "false" });
    field.value = this.parameters.get("q") ?? "";
    field.addEventListener("input", () => this.change("q", field.value));
    return make("label", { class: "search" }, make("span", {}, `Search ${this.noun[1]}`), field);
  }

  choiceField({ key, label, options }) {
    const field = make("select", {}, options.map(([value, text]) => make("option", { value }, text)));
    field.value = options.some(([value]) => value === this.parameters.get(key)) ? this.parameters.get(key) : "";
    field.addEventListener("change", () => this.change(key, field.value));
    return make("label", {}, make("span", {}, label), field);
  }

  /** Set a parameter, in the address too, so that what is seen can be linked to. */
  change(key, value) {
    if (value) this.parameters.set(key, value);
    else this.parameters.delete(key);
    this.limit = STEP;
    keepParameters(this.parameters);
    this.update();
  }

  /** Sort by a key in the direction that is asked of it first, or turn the order if it is sorted by it already. */
  sortBy(key, first) {
    const now = this.parameters.get("sort") ?? Object.keys(this.orders)[0];
    const turned = now.startsWith("-") ? key : `-${key}`;
    this.change("sort", now.replace(/^-/, "") === key ? turned : first);
  }

  /** Return all items in an order; each order is made once. */
  inOrder(key) {
    if (!this.sorted.has(key)) {
      this.sorted.set(key, sortedBy(this.items, this.orders[key]));
    }
    return this.sorted.get(key);
  }

  matching() {
    const sort = this.parameters.get("sort") ?? "";
    const key = sort.replace(/^-/, "");
    const known = Object.hasOwn(this.orders, key);
    const items = known ? this.inOrder(key) : this.items;
    const words = folded(this.parameters.get("q") ?? "").split(/\s+/).filter(Boolean);
    const keeps = this.choices.map(({ key: name, options }) => {
      const [, , keep] = options.find(([value]) => value === this.parameters.get(name)) ?? options[0];
      return keep;
    });
    const texts = words.length ? this.haystacks() : null;
    const said = (item) => words.every((word) => texts.get(item).includes(word));
    const found = items.filter((item) => keeps.every((keep) => keep(item)) && said(item));
    return known && sort.startsWith("-") ? found.reverse() : found;
  }

  update() {
    this.found = this.matching();
    const all = counted(this.items.length, this.noun);
    this.status.textContent = this.found.length === this.items.length ? all : `${THOUSANDS.format(this.found.length)} of ${all}`;
    this.frame.hidden = !this.found.length;
    this.onUpdate?.();
    this.render();
  }

  render() {
    const shown = this.found.slice(0, this.limit);
    this.body.replaceChildren(...shown.map((item) => this.row(item)));
    const left = this.found.length - shown.length;
    this.more.replaceChildren();
    if (left > 0) {
      this.more.append(`${THOUSANDS.format(shown.length)} are shown. `);
      if (left > STEP) this.more.append(button(`Show ${STEP} more`, () => this.show(this.limit + STEP)));
      this.more.append(button(`Show all ${THOUSANDS.format(this.found.length)}`, () => this.show(Infinity)));
    }
  }

  /** Draw as far as it was drawn before. */
  restore(limit = STEP) {
    if (limit === this.limit) return;
    this.limit = limit;
    this.render();
  }

  /** Draw up to a limit, and go to the first row that was not there before. */
  show(limit) {
    const before = this.limit;
    this.limit = limit;
    this.render();
    this.body.children[before]?.querySelector("a, summary")?.focus();
  }
}

/** Draw everything for paper, opened; and as before after it. */
addEventListener("beforeprint", () => {
  for (const listing of listings) {
    listing.limitOnScreen = listing.limit;
    listing.limit = Infinity;
    listing.render();
  }
  for (const details of document.querySelectorAll("#view details")) details.open = true;
});
addEventListener("afterprint", () => {
  for (const listing of listings) {
    listing.limit = listing.limitOnScreen;
    listing.render();
  }
});
