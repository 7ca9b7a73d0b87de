const written = document.getElementById("facts").textContent;
const facts = JSON.parse(written);
const { people, groups } = facts;

/** Compute a value when it is first asked for, and then keep it. */
function once(compute) {
  let kept;
  return () => (kept ??= { value: compute() }).value;
}

const groupById = once(() => new Map(groups.map((group) => [group.id, group])));
const placeById = once(() => new Map(people.map((person, place) => [person.id, place])));

/** The memberships of each person, in the order of people; `way` is undefined if nobody knows it. */
const memberships = once(() => {
  const found = people.map(() => []);
  for (const group of groups) {
    for (const [place, since, firstSeen, way] of group.members) {
      found[place].push({ group, since, firstSeen, way: group.ways[way] });
    }
  }
  return found;
});

/** The place of every person; tables of people are tables of these numbers. */
const places = once(() => people.map((_, place) => place));
