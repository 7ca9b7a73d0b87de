const view = document.getElementById("view");
const overview = document.getElementById("overview");

/** Find the view of an address: its name, the id of what it shows, and what it is narrowed to. */
function addressed() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [kind = "", id = ""] = path.split("/").map(decoded);
  return { kind, id, parameters: new URLSearchParams(query) };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}

/** Make the view of an address; null is the overview. */
function chosenView({ kind, id, parameters }) {
  switch (kind) {
    case "":
      return null;
    case "groups":
      return id ? groupView(id, parameters) ?? missing("group", "groups") : groupsView(parameters);
    case "people":
      return id ? personView(id, parameters) ?? missing("person", "people") : peopleView(parameters);
    case "changes":
      return changesView(parameters);
    default:
      return missing("view", "");
  }
}

function missing(what, list) {
  return {
    title: "Not found", section: list,
    content: [
      make("h1", {}, "Not found"),
      make("p", {}, `There is no such ${what} in Identity Center, or not any more. `,
        make("a", { href: `#/${list}` }, list ? `All ${list}` : "Overview")),
    ],
  };
}

/** Show what the address says. Anchors within a view are no addresses of their own. */
function route(event) {
  const isAnchor = location.hash && !location.hash.startsWith("#/");
  if (isAnchor && event) return;
  listings.length = 0;
  const address = isAnchor ? { kind: "" } : addressed();
  const chosen = chosenView(address);
  overview.hidden = chosen !== null;
  view.hidden = chosen === null;
  view.replaceChildren(...(chosen?.content ?? []).filter(Boolean));
  document.title = `${chosen?.title ?? "Overview"} · ${facts.title}`;
  markNavigation(chosen === null ? "#/" : `#/${address.kind}`, address.id);
  if (event) goTo((chosen ? view : overview).querySelector("h1"));
}

function markNavigation(here, isPart) {
  for (const link of document.querySelectorAll("nav a")) {
    if (link.getAttribute("href") === here) link.setAttribute("aria-current", isPart ? "true" : "page");
    else link.removeAttribute("aria-current");
  }
}

function goTo(heading) {
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  scrollTo(0, 0);
}

/** Write into the address what a list is narrowed to, without a step in the history. */
function keepParameters(parameters) {
  const [path] = location.hash.split("?");
  const query = parameters.toString();
  history.replaceState(null, "", query ? `${path}?${query}` : path);
}

/** Make what was drawn without a script fit for one. */
function begin() {
  for (const link of document.querySelectorAll('a[href^="runs/"]')) link.href = nearby(link.getAttribute("href"));
  const age = facts.read && ago(facts.read);
  if (age) document.getElementById("age").textContent = `, ${age}`;
  document.getElementById("download-buttons").append(...downloadButtons());
  document.getElementById("downloads-section").hidden = false;
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById("content").focus();
  });
  addEventListener("hashchange", route);
  route();
}

begin();
