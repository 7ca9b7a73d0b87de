"""Members that no listing has: from elsewhere, of another kind, or missing from a listing that should have them."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct, field

from sso_sync.core.errors import SourceError
from sso_sync.core.model import User
from sso_sync.core.provenance import Named
from sso_sync.core.wording import counted
from sso_sync.sources.active_directory.controller import Controller
from sso_sync.sources.active_directory.entries import Entry
from sso_sync.sources.active_directory.members import Found
from sso_sync.sources.active_directory.names import ObjectName, common_name, guid_filter, is_below, is_in_domain
from sso_sync.sources.active_directory.records import NORMAL_USER, required_guid
from sso_sync.sources.listing import Person

AT_ONCE = 50  # objects that one search looks up
GROUPS = frozenset({"268435456", "268435457", "536870912", "536870913"})  # of sAMAccountType (MS-SAMR 2.2.1.9)
FOREIGN = "foreignsecurityprincipal"


class Explained(Struct, frozen=True):
    """What strangers turned out to be.

    `outside` are members from other domains, `people` those of this one who are outside the base, `foreign` groups
    that are; `warnings` is what to tell of them.
    """

    outside: dict[str, Named] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    foreign: dict[str, Named] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


class Strangers:
    """Explains strangers; `domain` is the domain's own name."""

    def __init__(self, controller: Controller, domain: str, user_base: str, group_base: str) -> None:
        self._controller, self._domain = controller, domain
        self._user_base, self._group_base = user_base, group_base

    def explain(self, found: Found) -> Explained:
        """Say what each stranger is; raises SourceError for one that a listing should have had."""
        names = {name.guid: name for strangers in found.strangers.values() for name in strangers}
        group_of = {name.guid: group for group, strangers in found.strangers.items() for name in strangers}
        local = [name for name in names.values() if is_in_domain(name.dn, self._domain)]
        looked_up = self._look_up(local)
        explained = Explained()
        beyond: list[ObjectName] = []
        others = 0
        for guid, name in names.items():
            entry = looked_up.get(guid)
            kind = entry.text("sAMAccountType") if entry else ""
            if name not in local or (entry and self._is_foreign(entry)):
                explained.outside[guid] = Named(name.sid or common_name(name.dn), "")
            elif entry and kind not in {NORMAL_USER, *GROUPS}:
                others += 1
            else:
                self._check_beyond(name, kind, group_of[guid])
                beyond.append(name)
                if kind in GROUPS:
                    explained.foreign[guid] = Named(common_name(name.dn), entry.text("mail") if entry else "")
                else:
                    explained.people[guid] = _beyond(guid, name, entry)
        explained.warnings.extend(self._warnings(beyond, others))
        return explained

    def _look_up(self, names: Sequence[ObjectName]) -> Mapping[str, Entry]:
        attributes = ["objectGUID", "objectClass", "sAMAccountType", "mail"]
        found: dict[str, Entry] = {}
        for start in range(0, len(names), AT_ONCE):
            either = "".join(f"(objectGUID={guid_filter(name.guid)})" for name in names[start : start + AT_ONCE])
            rows = self._controller.listing("look up members", self._domain, f"(|{either})", attributes)
            found |= {required_guid(entry, "member"): entry for entry in rows}
        return found

    @staticmethod
    def _is_foreign(entry: Entry) -> bool:
        return FOREIGN in {name.casefold() for name in entry.texts("objectClass")}

    def _check_beyond(self, name: ObjectName, kind: str, group_id: str) -> None:
        """Raise SourceError for a member that is where listings looked: they were not complete."""
        bases = [self._group_base] if kind in GROUPS else [self._user_base]
        bases = bases if kind else [self._user_base, self._group_base]
        if any(is_below(name.dn, base) for base in bases):
            raise SourceError(
                f"Active Directory lists '{name.dn}' as a member of the group {group_id}, but did not list it where it "
                "is, so the listing is not complete; nothing was changed, the next run tries again. If it stays so, "
                "grant the account 'List contents' and 'Read all properties' there."
            )

    @staticmethod
    def _warnings(beyond: Sequence[ObjectName], others: int) -> Iterator[str]:
        if beyond:
            were = "is" if len(beyond) == 1 else "are"
            yield (
                f"{counted(len(beyond), 'member')} of selected groups {were} outside 'user_base' and 'group_base' and "
                f"left out, such as {beyond[0].dn}"
            )
        if others:
            was = (
                "is a computer, a contact or a service account and was"
                if others == 1
                else ("are computers, contacts or service accounts and were")
            )
            yield f"{counted(others, 'member')} of selected groups {was} left out"


def _beyond(guid: str, name: ObjectName, entry: Entry | None) -> Person:
    """Make somebody of whom no more is wanted than a name and why they are left out."""
    shown, email = common_name(name.dn), entry.text("mail") if entry else ""
    user = User(id=guid, external_id=guid, user_name="", given_name="", family_name="", display_name=shown, email=email)
    return Person(user, {"name": [shown], "email": [email]}, "outside 'user_base' in Active Directory")
