/** Name an AWS account. */
function accountName(id) {
  return Object.hasOwn(facts.account_names, id) ? facts.account_names[id] : id;
}

/** Write an account with its id, such as "production (111122223333)". */
function accountWords(id) {
  const known = accountName(id);
  return known === id ? id : `${known} (${id})`;
}

/** The accounts that each group gives, by the group's id: a set of account ids. */
const accountsOfGroup = once(() => new Map(
  groups.map((group) => [group.id, new Set((group.accounts ?? []).map(([account]) => account))]),
));

/** The accounts that each person has through groups, in the order of people. */
const accountsOfPerson = once(() => memberships().map((held) => {
  const found = new Set();
  for (const { group } of held) for (const account of accountsOfGroup().get(group.id)) found.add(account);
  return found;
}));

/** Every account that any group gives, by name. */
const allAccounts = once(() => {
  const found = new Set();
  for (const given of accountsOfGroup().values()) for (const account of given) found.add(account);
  return byWords([...found], accountWords);
});

/** List what groups give: each account and permission set once, with the groups that give it. */
function permissions(givers) {
  const rows = new Map();
  for (const group of givers) {
    for (const [account, set] of group.accounts ?? []) {
      const key = `${account} ${set}`;
      if (!rows.has(key)) rows.set(key, { account, set, groups: [] });
      rows.get(key).groups.push(group);
    }
  }
  return byWords([...rows.values()], ({ account, set }) => `${accountWords(account)} ${set}`);
}

/** Say of groups whether their accounts are known, and as of when; empty if there is nothing to add. */
function accountsRemark(givers) {
  if (!facts.accounts.shown) return `AWS accounts are not shown. ${facts.accounts.why}`;
  const unread = givers.filter((group) => group.accounts === null).length;
  const read = givers.map((group) => group.accounts_read).filter(Boolean).sort();
  const later = read[0] === read.at(-1) ? "" : " or later";
  const told = read.length ? `AWS was asked for accounts ${instant(read[0])}${later}.` : "";
  const missing = unread ? `The accounts of ${counted(unread, ["group", "groups"])} have not been read yet.` : "";
  return [told, missing].filter(Boolean).join(" ");
}

/** Choices by account for a list; `accountsOf` returns the set of accounts of an item. */
function accountChoice(accountsOf) {
  if (!facts.accounts.shown || !allAccounts().length) return [];
  const options = allAccounts().map((account) => [account, accountWords(account), (item) => accountsOf(item).has(account)]);
  return [{
    key: "account", label: "Access to",
    options: [["", "any or no account", () => true], ["any", "any account", (item) => accountsOf(item).size > 0], ...options],
  }];
}
