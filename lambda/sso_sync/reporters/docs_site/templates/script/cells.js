/** Columns of tables of people, whose items are places. `by` of a name is the place itself: people come by name. */
const NAME = { key: "name", title: "Name", kind: "name", by: (place) => place, cell: (place) => personCell(people[place]) };
const USER_NAME = {
  key: "user_name", title: "User name",
  by: (place) => folded(people[place].user_name), cell: (place) => make("bdi", {}, people[place].user_name),
};
const EMAIL = {
  key: "email", title: "E-mail",
  by: (place) => folded(people[place].email), cell: (place) => addressCell(people[place]),
};

const emailsDiffer = once(() => people.some(({ email, user_name }) => email !== user_name));

/** The columns that say who somebody is; without names an id says all there is. */
function whoColumns() {
  return facts.names ? [NAME, USER_NAME, ...(emailsDiffer() ? [EMAIL] : [])] : [NAME];
}

function personCell(person) {
  return [personLink(person), ...marksOf(person)];
}

function marksOf(person) {
  return person.active ? [] : [" ", make("span", { class: "mark" }, "switched off")];
}

/** An address that is the user name once more is not worth its ink. */
function addressCell({ email, user_name }) {
  if (email && email === user_name) return make("span", { class: "quiet" }, "the same");
  return make("bdi", {}, email);
}

function personHaystack({ name: text, user_name, email, id }) {
  return `${text} ${user_name} ${email} ${id}`;
}

function number(count) {
  return THOUSANDS.format(count);
}

/** Name accounts briefly: up to three, and how many more. */
function accountsCell(ids) {
  const names = byWords([...ids].map(accountName), (text) => text);
  const more = names.length - 3;
  return more > 1 ? `${names.slice(0, 3).join(", ")} and ${more} more` : names.join(", ");
}
