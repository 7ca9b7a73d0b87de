const THOUSANDS = new Intl.NumberFormat("en");
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60]];

/** Say how many there are, such as "1 group" or "2,000 groups". */
function counted(number, [one, many]) {
  return `${THOUSANDS.format(number)} ${number === 1 ? one : many}`;
}

/** Write a time of the facts for people, such as "2026-11-22 03:20 UTC". */
function instant(iso) {
  return `${iso.slice(0, 16).replace("T", " ")} UTC`;
}

/** Write the day of seconds since 1970. */
function day(seconds) {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

/** Say how long ago a time was, in its largest unit; nothing for times to come. */
function ago(iso) {
  const seconds = (Date.now() - Date.parse(iso)) / 1000;
  if (seconds < 0) return "";
  const [unit, length] = UNITS.find(([, least]) => seconds >= least) ?? [];
  if (!unit) return "just now";
  const number = Math.floor(seconds / length);
  return `${counted(number, [unit, `${unit}s`])} ago`;
}

/** Fold text, so that case and accents make no difference. */
function folded(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** Sort items by words, without regard to case and accents. */
function byWords(items, words) {
  return sortedBy(items, (item) => folded(words(item)));
}

/** Sort items by a text or a number that is computed once of each. */
function sortedBy(items, by) {
  const keyed = items.map((item) => [by(item), item]);
  return keyed.sort(([one], [other]) => (one < other ? -1 : Number(one > other))).map(([, item]) => item);
}

/** Say since when somebody is in a group; AWS's own date is exact, ours is when we first saw it. */
function sinceWords(since, firstSeen) {
  if (since === null) return "not known";
  return firstSeen ? `${day(since)} or earlier` : day(since);
}

/** Say by which way somebody is in a group: the groups below it, down to the person's own. */
function wayWords(way) {
  if (!way) return "not known";
  return way.length > 1 ? `through ${way.slice(1).join(" → ")}` : "directly";
}
