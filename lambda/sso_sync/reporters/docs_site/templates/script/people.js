/** Show all people. */
function peopleView(parameters) {
  const accountsColumn = {
    key: "accounts", title: "AWS accounts", by: (place) => accountsOfPerson()[place].size,
    cell: (place) => accountsCell(accountsOfPerson()[place]),
  };
  const listing = tableListing({
    caption: "People in Identity Center",
    columns: [
      ...whoColumns(), ...(facts.accounts.shown ? [accountsColumn] : []),
      {
        key: "groups", title: "Groups", kind: "number",
        by: (place) => memberships()[place].length, cell: (place) => number(memberships()[place].length),
      },
    ],
    items: places(), noun: ["person", "people"], parameters, search: true, haystack: (place) => personHaystack(people[place]),
    choices: [
      {
        key: "show", label: "Show",
        options: [
          ["", "everybody", () => true],
          ["active", "who is active", (place) => people[place].active],
          ["off", "who is switched off", (place) => !people[place].active],
          ["alone", "who is in no group", (place) => !memberships()[place].length],
        ],
      },
      ...accountChoice((place) => accountsOfPerson()[place]),
    ],
  });
  return {
    title: "People",
    content: [
      make("h1", {}, "People"), listing,
      make("p", { class: "buttons" }, downloadButtons("people.csv", "memberships.csv")),
    ],
  };
}
