/** Show one person, null if there is none of this id. */
function personView(id, parameters) {
  const place = placeById().get(id);
  if (place === undefined) return null;
  const person = people[place];
  const held = memberships()[place];
  return {
    title: person.name || "(no name)", section: "people",
    content: [
      make("p", { class: "up" }, make("a", { href: "#/people" }, "People")),
      make("h1", {}, name(person.name)),
      factList([
        ["Status", person.active ? "active" : make("span", { class: "mark" }, "switched off: cannot sign in")],
        ["User name", person.user_name && make("bdi", {}, person.user_name)],
        ["E-mail", person.email && make("bdi", {}, person.email)],
        ["Standing", person.standing],
        ...person.details.map(([title, value]) => [title, make("bdi", {}, value)]),
        ["Id in AWS", make("code", {}, person.id)],
      ]),
      personAccounts(held.map(({ group }) => group)),
      personGroups(held, parameters),
    ],
  };
}

function personAccounts(givers) {
  if (!givers.length) return null;
  const rows = permissions(givers);
  const remark = accountsRemark(givers);
  const known = givers.some(({ accounts }) => accounts !== null);
  return section("accounts", "Access to AWS accounts",
    rows.length ? plainTable(counted(rows.length, ["permission set through groups", "permission sets through groups"]), [
      { title: "AWS account", cell: ({ account }) => accountLink(account) },
      { title: "Permission set", cell: ({ set }) => set },
      { title: "Through", cell: ({ groups: through }) => joined(through.map(groupLink), ", ") },
    ], rows) : known ? make("p", {}, "The groups of this person give access to no AWS account.") : null,
    remark ? make("p", { class: "quiet" }, remark) : null);
}

function personGroups(held, parameters) {
  const none = facts.synced_by_aws ? "AWS syncs the groups of this person, and does not tell them here." : "This person is in no group.";
  if (!held.length) return section("groups", "Groups", make("p", {}, none));
  const seen = held.some(({ since, firstSeen }) => since !== null && firstSeen);
  return section("groups", "Groups",
    tableListing({
      caption: "The groups of this person, by which way, and since when",
      columns: [
        {
          key: "name", title: "Group", kind: "name",
          by: ({ group }) => groups.indexOf(group), cell: ({ group }) => groupCell(group),
        },
        { key: "way", title: "Member", by: ({ way }) => folded(wayWords(way)), cell: ({ way }) => wayWords(way) },
        {
          key: "since", title: "Since", kind: "date",
          by: ({ since }) => since ?? 0, cell: ({ since, firstSeen }) => sinceWords(since, firstSeen),
        },
      ],
      items: held, noun: ["group", "groups"], parameters,
      haystack: ({ group, way }) => `${groupHaystack(group)} ${wayWords(way)}`,
    }),
    seen ? make("p", { class: "quiet" }, SEEN) : null);
}
