const TEXT = "text/csv;charset=utf-8";

// Where a formula may begin: a spreadsheet of another language takes ";" or a tab for the end of a cell, quoted or not.
const FORMULA = /(^|[;,\t\r\n])(?=[\s"']*[=+\-@＝＋－＠])/g;

/** Write a cell as RFC 4180 has it; what a spreadsheet would take for a formula is made text by an apostrophe. */
function csvCell(value) {
  const harmless = String(value ?? "").replace(FORMULA, "$1'");
  return /[",;\t\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** Write rows as CSV, with the mark that makes spreadsheets read it as UTF-8. */
function csv(rows) {
  return `\ufeff${rows.map((row) => `${row.map(csvCell).join(",")}\r\n`).join("")}`;
}

function peopleCsv() {
  const rows = people.map((person, place) => [
    person.id, person.name, person.user_name, person.email, person.active ? "active" : "switched off", person.standing,
    memberships()[place].map(({ group }) => group.name).join("; "),
    [...accountsOfPerson()[place]].map(accountWords).join("; "),
  ]);
  return csv([["id", "name", "user_name", "email", "status", "standing", "groups", "accounts"], ...rows]);
}

function groupsCsv() {
  const rows = groups.map((group) => [
    group.id, group.name, group.description, group.source_id, group.email, group.standing, group.filter?.text,
    group.members.length, group.accounts?.map(([account, set]) => `${accountWords(account)}: ${set}`).join("; "),
  ]);
  const heads = ["id", "name", "description", "directory_id", "email", "standing", "filter", "members", "accounts"];
  return csv([heads, ...rows]);
}

function membershipsCsv() {
  const rows = groups.flatMap((group) => group.members.map(([place, since, firstSeen, way]) => [
    group.id, group.name, people[place].id, people[place].name, people[place].user_name,
    since === null ? "" : new Date(since * 1000).toISOString(), since === null ? "" : firstSeen ? "first seen" : "AWS",
    (group.ways[way] ?? []).join(" → "),
  ]));
  const heads = ["group_id", "group", "person_id", "person", "user_name", "since", "since_according_to", "way"];
  return csv([heads, ...rows]);
}

/** Who may do what in which AWS account: what an auditor asks for. */
function accessCsv() {
  const rows = people.flatMap((person, place) => {
    const given = permissions(memberships()[place].map(({ group }) => group));
    return given.map(({ account, set, groups: through }) => [
      person.id, person.name, person.user_name, person.active ? "active" : "switched off", account, accountName(account),
      set, through.map((group) => group.name).join("; "),
    ]);
  });
  const heads = ["person_id", "person", "user_name", "status", "account_id", "account", "permission_set", "through"];
  return csv([heads, ...rows]);
}

const DOWNLOADS = [
  ["people.csv", TEXT, peopleCsv],
  ["groups.csv", TEXT, groupsCsv],
  ["memberships.csv", TEXT, membershipsCsv],
  ...(facts.accounts.shown ? [["access.csv", TEXT, accessCsv]] : []),
  ["facts.json", "application/json", () => written],
];

/** Make the buttons of downloads, of all or of some files. */
function downloadButtons(...files) {
  return DOWNLOADS.filter(([file]) => !files.length || files.includes(file)).map(([file, type, content]) =>
    button(`Download ${file}`, () => save(file, new Blob([content()], { type })), { class: "download" }));
}

function save(file, blob) {
  const address = URL.createObjectURL(blob);
  make("a", { href: address, download: file }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
