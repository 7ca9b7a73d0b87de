"""Pages without names of people: ids stand in their place, in free text as well."""

import re
from collections.abc import Iterable, Iterator

from sso_sync.core.model import Directory, SetAside, User
from sso_sync.core.provenance import Provenance
from sso_sync.reporters.history import History
from sso_sync.reporters.sentences import LEFT_OUT, Name, Sentence

SHORTEST = 3  # characters of a name that is looked for in free text; shorter ones are in too many
_QUOTED = re.compile(r"'[^']*'")
_ADDRESS = re.compile(r"[^\s'\"<>()\[\],;:]+@[^\s'\"<>()\[\],;:]+")


class Discretion:
    """Leaves names of people out; with `names` it shows everything as it is."""

    def __init__(self, *, names: bool, known: Iterable[str] = ()) -> None:
        self.names = names
        found = () if names else {name.lower() for name in known if len(name) >= SHORTEST}
        self._known = sorted(found, key=len, reverse=True)
        self._cleaned: dict[str, str] = {}  # the reasons of many changes are the same few

    def text(self, text: str) -> str:
        """Clean free text, such as the sentence of an error."""
        if self.names or not text:
            return text
        if text not in self._cleaned:
            self._cleaned[text] = self._without_names(text)
        return self._cleaned[text]

    def _without_names(self, text: str) -> str:
        folded = text.lower()
        for name in self._known:
            if name in folded:
                text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", LEFT_OUT, text, flags=re.IGNORECASE)
                folded = text.lower()
        return _ADDRESS.sub(LEFT_OUT, text)

    def trigger(self, trigger: str) -> str:
        """Say how a run was started, and by whom only where names are shown."""
        return trigger if self.names else self.text(trigger.partition(", ")[0])

    def person(self, name: str) -> str:
        """Return the name of somebody who has no id here, such as an approver."""
        return name if self.names or not name else LEFT_OUT

    def shown(self, name: Name) -> str:
        """Return a name as it may be shown."""
        return name.person if name.person and not self.names else name.text

    def record(self, record: SetAside) -> str:
        """Return the name of a record that is set aside, or the id of a person."""
        return record.name if self.names or record.kind == "group" else record.source_id

    def reason(self, record: SetAside) -> str:
        """Return why a record is set aside; what a person's record holds is known nowhere else, so no quote stays."""
        if self.names or record.kind == "group":
            return self.text(record.reason)
        return _QUOTED.sub(f"'{LEFT_OUT}'", self.text(record.reason))


def names_in(
    users: Iterable[User], set_aside: Iterable[SetAside] = (), provenance: Provenance | None = None
) -> Iterator[str]:
    """List the names of people: who is in a directory, who is set aside, and whoever else a source has told of."""
    for user in users:
        yield from (user.user_name, user.display_name, user.email, f"{user.given_name} {user.family_name}")
    yield from (record.name for record in set_aside if record.kind == "user")
    if provenance:
        yield from (text for named in provenance.people.values() for text in (named.name, named.email))


def names_in_side(side: Directory | None) -> Iterator[str]:
    """List the names of people in one side of a run, none if it was not read."""
    return names_in(side.users.values(), side.set_aside, side.provenance) if side else iter(())


def names_in_history(history: History) -> Iterable[str]:
    """List the names of people in past changes: many have left since."""
    for run in history.runs:
        for change in run.changes:
            yield from _names_said(change.sentence)


def _names_said(sentence: Sentence) -> Iterable[str]:
    return (part.text for part in sentence if isinstance(part, Name) and part.person)
