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
  if (!facts.read && ["groups", "people"].includes(kind)) return unread(kind);
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

function unread(list) {
  const title = list === "groups" ? "Groups" : "People";
  return {
    title, section: list,
    content: [make("h1", {}, title), make("p", {}, `AWS has not been read yet, so the ${list} are not known.`)],
  };
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
  if (event) goTo(chosen ? view : overview, history.state);
}

function markNavigation(here, isPart) {
  for (const link of document.querySelectorAll("nav a")) {
    if (link.getAttribute("href") === here) link.setAttribute("aria-current", isPart ? "true" : "page");
    else link.removeAttribute("aria-current");
  }
}

/** Go to the top of what is shown, or, coming back to it, to where it was left. */
function goTo(shown, left) {
  const heading = shown.querySelector("h1");
  heading.tabIndex = -1;
  listings.forEach((listing, number) => listing.restore(left?.limits[number]));
  const link = left && shown.querySelector(`a[href="${CSS.escape(left.link)}"]`);
  (link ?? heading).focus({ preventScroll: true });
  scrollTo(0, left?.top ?? 0);
}

/** Remember in the history where a view is left by a link, so that who comes back finds the place. */
function remember({ target }) {
  const link = target.closest("a");
  if (!link) return;
  const limits = listings.map(({ limit }) => limit);
  history.replaceState({ top: scrollY, limits, link: link.getAttribute("href") }, "");
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
  document.getElementById("download-buttons").append(...downloadButtons(...(facts.read ? [] : ["facts.json"])));
  document.getElementById("downloads-section").hidden = false;
  document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    document.getElementById("content").focus();
  });
  addEventListener("click", remember);
  addEventListener("hashchange", route);
  route();
}

begin();
