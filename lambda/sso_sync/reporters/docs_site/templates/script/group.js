/** Show one group, null if there is none of this id. */
function groupView(id, parameters) {
  const group = groupById().get(id);
  if (!group) return null;
  return {
    title: group.name || "(no name)", section: "groups",
    content: [
      make("p", { class: "up" }, make("a", { href: "#/groups" }, "Groups")),
      make("h1", {}, name(group.name)),
      group.description ? make("p", { class: "lead" }, make("bdi", {}, group.description)) : null,
      groupFacts(group), groupAccounts(group), nestingSection(group), groupMembers(group, parameters),
    ],
  };
}

function groupFacts(group) {
  const { filter } = group;
  return factList([
    ["Selected by", filter && [make("code", {}, filter.text), filter.description ? ` ${filter.description}` : null]],
    ["Standing", group.standing],
    ["E-mail", group.email && make("bdi", {}, group.email)],
    ["Id in the directory", group.source_id && make("code", {}, group.source_id)],
    ["Id in AWS", make("code", {}, group.id)],
  ]);
}

function groupAccounts(group) {
  const remark = accountsRemark([group]);
  const rows = permissions([group]);
  const none = group.accounts ? make("p", {}, "This group gives access to no AWS account.") : null;
  return section("accounts", "What it gives",
    rows.length ? plainTable(counted(rows.length, ["permission set in an AWS account", "permission sets in AWS accounts"]), [
      { title: "AWS account", cell: ({ account }) => accountLink(account) },
      { title: "Permission set", cell: ({ set }) => set },
    ], rows) : none,
    remark ? make("p", { class: "quiet" }, remark) : null);
}

/** Link to everybody who has an account. */
function accountLink(account) {
  return make("a", { href: `#/people?account=${encodeURIComponent(account)}` }, accountWords(account));
}

function groupMembers(group, parameters) {
  const nobody = facts.synced_by_aws ? "AWS syncs who is in this group, and does not tell it here." : "Nobody is in this group.";
  if (!group.members.length) return section("members", "Members", make("p", {}, nobody));
  const byPlace = new Map(group.members.map((member) => [member[0], member]));
  const way = (place) => wayWords(group.ways[byPlace.get(place)[3]]);
  const since = (place) => byPlace.get(place)[1];
  const seen = group.members.some(([, at, firstSeen]) => at !== null && firstSeen);
  return section("members", "Members",
    tableListing({
      caption: "Who is in the group, by which way, and since when",
      columns: [
        ...whoColumns().filter(({ key }) => key !== "email"),
        { key: "way", title: "Member", by: (place) => folded(way(place)), cell: (place) => way(place) },
        {
          key: "since", title: "Since", kind: "date", by: (place) => since(place) ?? 0,
          cell: (place) => sinceWords(since(place), byPlace.get(place)[2]),
        },
      ],
      items: group.members.map(([place]) => place), noun: ["member", "members"], parameters,
      haystack: (place) => `${personHaystack(people[place])} ${way(place)}`,
    }),
    seen ? make("p", { class: "quiet" }, SEEN) : null);
}

const SEEN = "“Or earlier” is where AWS gives no date: the day is the one on which sso-sync first saw the membership.";
