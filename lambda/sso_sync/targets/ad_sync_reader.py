"""Sync filters read as a directory: each a user or a group, none with members.

What somebody else made is shown, and matches nothing that a config can name: filters of another domain by
name@domain, those that exclude, or that say more than one name, by what they are.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct

from sso_sync.core.errors import TargetError
from sso_sync.core.model import KINDS, Directory, Kind, fold
from sso_sync.core.sync_filters import SyncFilter, as_group, as_user
from sso_sync.http.boto_errors import MISSHAPEN, error_code, translate
from sso_sync.http.identity_sync import ABSENT, FilterType, IdentitySync

TYPES: Mapping[Kind, FilterType] = {"user": "USER", "group": "GROUP"}
INCLUDE = "INCLUDE"


class Listed(Struct, frozen=True):
    """A filter as it is listed: what it names, None if that is more or less than one name, and how it is shown."""

    id: str
    of: SyncFilter | None
    shown: str


class SyncFilterReader:
    """Reads the filters for one domain's sake; `known` are those that were read or created last, by kind and id."""

    def __init__(self, api: IdentitySync, store_id: str, domain: str) -> None:
        self.api, self.store_id, self.domain = api, store_id, domain
        self.known: dict[Kind, dict[str, Listed]] = {}

    def read(self) -> Directory:
        """Read every filter; one call for each page. Raises TargetError or CredentialsError."""
        self.known = {kind: self.list(kind) for kind in KINDS}
        users = [as_user(one.id, one.shown, email=_address(one)) for one in self.known["user"].values()]
        groups = [as_group(one.id, one.shown) for one in self.known["group"].values()]
        return Directory.of(users, groups, {}, synced_by_aws=True)

    def list(self, kind: Kind) -> dict[str, Listed]:
        """List the filters of one kind by id; without a profile there are none. Raises as `read` does."""
        doing = f"read the sync filters for {kind}s"
        try:
            # By id, because a filter that changes while pages are read may be on two of them.
            return {one.id: one for one in self._parsed(kind)}
        except ClientError as exc:
            if error_code(exc) == ABSENT:
                return {}
            raise translate(exc, doing, TargetError) from exc
        except BotoCoreError as exc:
            raise translate(exc, doing, TargetError) from exc
        except MISSHAPEN as exc:
            raise TargetError(
                f"Cannot {doing}: the answer of identity-sync is not complete, or not as it is known "
                f"({type(exc).__name__}: {str(exc)[:200]}); nothing was changed."
            ) from exc

    def named(self, kind: Kind, name: str) -> SyncFilter:
        """Return the filter that the config means by a name."""
        return SyncFilter(kind, name, self.domain)

    def _parsed(self, kind: Kind) -> Iterator[Listed]:
        for row in self.api.filters(TYPES[kind]):
            if row["FilterType"] != TYPES[kind]:
                raise ValueError(f"a filter of the type {row['FilterType']} among those of the type {TYPES[kind]}")
            yield _listed(row, kind, self.domain)


def _listed(row: Mapping[str, Any], kind: Kind, domain: str) -> Listed:
    filter_id, effect = _text(row["SyncFilterId"]), _text(row["Effect"])
    attributes = msgspec.json.decode(row["Attributes"], type=dict[str, Any])
    names, domains = _texts(attributes.get("samaccountname")), _texts(attributes.get("associateddomain"))
    if len(names) != 1 or len(domains) != 1:
        return Listed(filter_id, None, f"sync filter {filter_id}")
    of = SyncFilter(kind, names[0], domains[0])
    if effect != INCLUDE:
        return Listed(filter_id, None, f"{of.full_name} ({effect})")
    return Listed(filter_id, of, of.name if fold(of.domain) == fold(domain) else of.full_name)


def _address(listed: Listed) -> str:
    return listed.of.full_name if listed.of else ""


def _texts(values: object) -> list[str]:
    """Return what an attribute holds: text where it is written, and objects around it where it is read."""
    if not isinstance(values, list | None):
        raise TypeError("an attribute of a filter is no list")
    return [_text(value["display-only"] if isinstance(value, dict) else value) for value in values or []]


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(f"a {type(value).__name__} where text is expected")
    return value
