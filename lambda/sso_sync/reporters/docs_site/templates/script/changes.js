const FIRST_ONLY = "Each run is listed with its first changes only; its page has all of them, as long as it is kept.";
const FEW = 3; // changes that are shown without being asked for

/** Show what the last runs did, the newest first. */
function changesView(parameters) {
  const body = make("ol", { class: "runs" });
  const listing = new Listing({
    items: facts.history, noun: ["run", "runs"], frame: body, body, parameters, search: true,
    row: (run) => runItem(run, parameters), haystack: runHaystack,
    choices: [{
      key: "show", label: "Show",
      options: [
        ["", "all runs", () => true],
        ["changes", "runs with changes", ({ changes_in_all: all }) => all > 0],
        ["taken", "runs that took access away", ({ changes }) => changes.some(({ takes_away: taken }) => taken)],
        ["problems", "runs with a problem", ({ tone }) => tone !== "good"],
      ],
    }],
  });
  return {
    title: "Changes",
    content: [
      make("h1", {}, "Changes"),
      make("p", { class: "lead" }, "Every run, the newest first. Runs that said the same again are told once."),
      listing.element,
      facts.history.some(({ page }) => page) ? make("p", { class: "quiet" }, FIRST_ONLY) : null,
    ],
  };
}

function runItem(run, parameters) {
  const said = run.problem || (run.tone === "good" && !run.changes_in_all ? "" : run.summary);
  const who = `${run.trigger}${run.approved_by ? `, approved by ${run.approved_by}` : ""}`;
  const again = run.repeats ? [`, × ${number(run.repeats + 1)} until `, time(run.until)] : [];
  const waits = run.waiting && run.waiting === facts.last?.waiting?.id;
  return make("li", {},
    make("p", { class: "run" }, time(run.started), make("span", { class: `verdict ${run.tone}` }, run.headline),
      make("span", { class: "quiet" }, make("bdi", {}, who), again), linksOf(run)),
    said ? make("p", {}, said) : null,
    waits ? make("p", {}, ...approvalWords(facts.last.waiting)) : null,
    run.changes.length ? changesOf(run, parameters.has("q")) : null);
}

function approvalWords({ command, how }) {
  return command ? ["It waits for approval: ", make("code", { class: "command" }, command)] : [`It waits for approval. ${how}`];
}

/** Make the changes of a run, closed if they are many; while something is searched what was found is seen at once. */
function changesOf(run, searched) {
  const left = run.changes_in_all - run.changes.length;
  const counts = run.counts.map(([title, count]) => `${title}: ${number(count)}`).join(" · ");
  const rows = run.changes.map(({ parts, why, became, takes_away: taken }) => make("li", { class: taken ? "taken" : null },
    parts.map((part) => (typeof part === "string" ? part : name(part.name))),
    why ? make("span", { class: "quiet" }, ` – ${why}`) : null,
    became === "made" ? null : [" ", make("span", { class: "mark" }, became)]));
  return make("details", { open: searched || run.changes_in_all <= FEW ? "" : null },
    make("summary", {}, counts || counted(run.changes_in_all, ["change", "changes"])),
    make("ul", {}, rows), left > 0 ? make("p", {}, `and ${number(left)} more`) : null);
}

function linksOf(run) {
  const known = [pageLink(run.site, "Everyone as of then"), pageLink(run.page, "All about this run")].filter(Boolean);
  return known.length ? make("span", { class: "links" }, known) : null;
}

function runHaystack(run) {
  const said = run.changes.map(({ parts, why }) => `${parts.map((part) => part.name ?? part).join("")} ${why}`);
  const { run_id: id, trigger, headline, summary, problem, approved_by: approvedBy } = run;
  return [id, instant(run.started), trigger, headline, summary, problem, approvedBy, ...said].join(" ");
}
