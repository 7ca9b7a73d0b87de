const GROUP_COLUMNS = [
  { key: "name", title: "Group", kind: "name", by: (group) => groups.indexOf(group), cell: groupCell },
  {
    key: "filter", title: "Selected by",
    by: ({ filter }) => folded(filter?.text ?? "\uffff"),
    cell: ({ filter }) => (filter ? make("code", {}, filter.text) : ""),
  },
  { key: "accounts", title: "AWS accounts", by: (group) => accountsOfGroup().get(group.id).size, cell: groupAccountsCell },
  {
    key: "members", title: "Members", kind: "number",
    by: ({ members }) => members.length, cell: ({ members }) => number(members.length),
  },
];

// What is not to be read, or AWS alone knows.
const UNKNOWN_COLUMNS = new Set([...(facts.accounts.shown ? [] : ["accounts"]), ...(facts.synced_by_aws ? ["members"] : [])]);

/** Show all groups. */
function groupsView(parameters) {
  const listing = tableListing({
    caption: "Groups of Identity Center",
    columns: GROUP_COLUMNS.filter(({ key }) => !UNKNOWN_COLUMNS.has(key)),
    items: groups, noun: ["group", "groups"], parameters, search: true, haystack: groupHaystack,
    choices: [
      {
        key: "show", label: "Show",
        options: [
          ["", "all groups", () => true],
          ["empty", "groups without members", ({ members }) => !members.length],
          ["nested", "nested groups", ({ inside, contains }) => inside.length + contains.length > 0],
          ["others", "groups that no filter selects", ({ filter }) => !filter],
        ],
      },
      ...accountChoice((group) => accountsOfGroup().get(group.id)),
    ],
  });
  const remark = accountsRemark(groups);
  return {
    title: "Groups",
    content: [
      make("h1", {}, "Groups"), listing, remark ? make("p", { class: "quiet" }, remark) : null,
      make("p", { class: "buttons" }, downloadButtons("groups.csv", "memberships.csv")),
    ],
  };
}

function groupCell(group) {
  return [groupLink(group), group.description ? make("span", { class: "under" }, make("bdi", {}, group.description)) : null];
}

function groupAccountsCell(group) {
  return group.accounts ? accountsCell(accountsOfGroup().get(group.id)) : make("span", { class: "quiet" }, "not read yet");
}

function groupHaystack({ name: text, description, email, id, source_id, filter, accounts }) {
  const given = (accounts ?? []).map(([account, set]) => `${accountWords(account)} ${set}`).join(" ");
  return `${text} ${description} ${email} ${id} ${source_id} ${filter?.text ?? ""} ${given}`;
}
