"""Sync filters: whom IAM Identity Center is to sync from an Active Directory, as users and groups of the model."""

from msgspec import Struct

from sso_sync.core.model import Group, Kind, User, fold


class SyncFilter(Struct, frozen=True):
    """A user or a group by its sAMAccountName; Active Directory minds no case, in names and in domains."""

    kind: Kind
    name: str
    domain: str

    @property
    def full_name(self) -> str:
        """Return name@domain, as IAM Identity Center calls the groups that it has synced."""
        return f"{self.name}@{self.domain}"

    @property
    def key(self) -> str:
        """Return what tells it from all others of its kind, however it is written."""
        return fold(self.full_name)


def as_group(object_id: str, name: str, *, external_id: str = "", description: str = "") -> Group:
    """Write a filter for a group as a group; it has no members of its own."""
    return Group(id=object_id, external_id=external_id, display_name=name, description=description)


def as_user(object_id: str, name: str, *, external_id: str = "", email: str = "") -> User:
    """Write a filter for a user as a user; of the person behind it nothing but the name is known."""
    return User(
        id=object_id,
        external_id=external_id,
        user_name=name,
        given_name=name,
        family_name="-",
        display_name=name,
        email=email,
    )
