"""The one sync profile of an instance: its targets, its filters, and what a sync does."""

import hashlib
import json
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.clock import Clock
from sandbox.identity_center.store import Store
from sandbox.refusal import Refusal
from sandbox.switches import Switches

Json = dict[str, Any]
PROFILE = "SynchronizationToActiveDirectoryAwsSso"
DIRECTORY_ARN = r"arn:aws:ds:([a-z0-9-]+):\d{12}:directory/(d-[0-9a-f]{10})"
NOT_ASSOCIATED = "d-0a0a0a0a0a"  # the id of a directory that is not the identity source
CALLER = "AWS"


class SyncProfile:
    """Keeps what AWS keeps; `directory` is the company, whose groups and users the Active Directory has.

    A user's sAMAccountName is what stands before the @ of the address.
    """

    def __init__(self, directory: Callable[[], Json], store: Store, switches: Switches, clock: Clock) -> None:
        self._directory, self._store, self._switches, self._clock = directory, store, switches, clock
        self.empty()

    def empty(self) -> None:
        """Forget everything, the profile too."""
        self.source = ""  # ARN of the directory; empty: there is no profile
        self.targets: dict[str, Json] = {}
        self.filters: dict[str, Json] = {}
        self._numbers: dict[str, int] = {}
        self._created = 0

    @property
    def directory_id(self) -> str:
        """Return the id of the directory; a store that is filled from one has its id."""
        return self._store.store_id if self._switches.active_directory_associated else NOT_ASSOCIATED

    def create(self, name: str, source: str, region: str) -> None:
        """Create the profile; raises a refusal unless the directory is the identity source."""
        found = re.fullmatch(DIRECTORY_ARN, source)
        if name != PROFILE or not found or found[1] != region:
            raise invalid("SyncProfileName or SourceResourceArn is not valid.")
        is_source = self._switches.active_directory and self._switches.active_directory_associated
        if not is_source or found[2] != self.directory_id:
            raise invalid(f"The directory {found[2]} is not associated with IAM Identity Center.")
        if self.source:
            raise Refusal("conflict", "The sync profile already exists.")
        self.source = source

    def create_target(self, name: str, resource: str) -> Json:
        """Create a target."""
        if resource != f"identitystore/{self._store.store_id}":
            raise invalid(f"TargetResourceArn {resource} is not valid.")
        if name in self.targets:
            raise Refusal("conflict", "The sync target already exists.")
        self.targets[name] = {"SyncProfileName": PROFILE, "SyncTargetName": name, "TargetResourceArn": resource}
        return self.targets[name]

    def create_filter(self, kind: str, name: str, domain: str, effect: str = "INCLUDE") -> Json:
        """Create a filter, spelled as the Active Directory spells it."""
        known = self._spelled(kind, name, domain)
        if not known and not self._switches.sync_filters_any_name:
            raise invalid(f"The {kind.lower()} {name} was not found in the domain {domain}.")
        return self.put_filter(kind, known or name, domain, effect)

    def put_filter(self, kind: str, name: str, domain: str, effect: str = "INCLUDE") -> Json:
        """Add a filter, whatever it names; raises a refusal for one that is there."""
        same = [row for row in self.filters.values() if _key(row) == (kind, name.casefold(), domain.casefold())]
        if same:
            raise Refusal("conflict", "The sync filter already exists.")
        self._created += 1
        filter_id = str(uuid.uuid4())
        self._numbers[filter_id] = self._created
        made = {"SyncProfileName": PROFILE, "SyncFilterId": filter_id, "FilterType": kind, "Effect": effect}
        self.filters[filter_id] = made | {"CreateTime": self._clock.now(), "name": name, "domain": domain}
        return self.filters[filter_id]

    def number_of(self, row: Json) -> int:
        """Return the place of a filter in listings; it never changes."""
        return self._numbers[row["SyncFilterId"]]

    def sync(self) -> None:
        """Let the groups and users that filters include appear in the identity store, without their memberships."""
        for row in self.filters.values():
            full_name = f"{row['name']}@{row['domain']}"
            what = "GroupDisplayName" if row["FilterType"] == "GROUP" else "UserName"
            if row["Effect"] != "INCLUDE" or self._store.holder(what, full_name):
                continue
            if row["FilterType"] == "GROUP":
                self._store.create_group({"DisplayName": full_name}, CALLER)
            else:
                name = {"GivenName": row["name"], "FamilyName": "-"}
                self._store.create_user({"UserName": full_name, "DisplayName": row["name"], "Name": name}, CALLER)

    def shown(self) -> list[str]:
        """List all filters for people."""
        return sorted(
            f"{row['Effect']} {row['FilterType']} {row['name']}@{row['domain']}" for row in self.filters.values()
        )

    def _spelled(self, kind: str, name: str, domain: str) -> str:
        """Return how the Active Directory spells a name, empty if it has none of the kind."""
        if domain.casefold() != self._switches.active_directory.casefold():
            return ""
        company = self._directory()
        groups, users = (str(g["name"]) for g in company["groups"]), (_account(u) for u in company["users"])
        return next((one for one in (groups if kind == "GROUP" else users) if one.casefold() == name.casefold()), "")


def listed(row: Mapping[str, Any], *, augmented: bool) -> Json:
    """Show a filter as listings do: its attributes are JSON in text, and names only those of augmented ones."""
    digits = int(hashlib.sha256(repr(_key(row)).encode()).hexdigest()[:8], 16)
    attributes: Json = {"objectsid": [f"S-1-5-21-1-2-3-{digits}"]}
    if augmented:
        attributes |= {"samaccountname": [{"display-only": row["name"]}], "associateddomain": [row["domain"]]}
    shown = {name: value for name, value in row.items() if name not in {"name", "domain"}}
    return shown | {"Attributes": json.dumps(attributes, ensure_ascii=False)}


def invalid(message: str) -> Refusal:
    """Refuse what is not valid."""
    return Refusal("bad_request", message)


def _account(user: Json) -> str:
    return str(user["email"]).partition("@")[0]


def _key(row: Mapping[str, Any]) -> tuple[str, str, str]:
    return str(row["FilterType"]), str(row["name"]).casefold(), str(row["domain"]).casefold()
