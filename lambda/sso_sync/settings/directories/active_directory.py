"""What can be configured of Active Directory."""

from collections.abc import Iterator
from typing import Annotated, ClassVar

from msgspec import Meta

from sso_sync.settings.directories.common import SelectionSettings, Text, Where
from sso_sync.settings.directories.people import PeopleSettings, check_people
from sso_sync.settings.places import check_place
from sso_sync.settings.selection import build_selection

GROUP_FIELDS = ("name", "email")
USER_FIELDS = ("name", "email", "org_unit")


class ActiveDirectorySettings(PeopleSettings, frozen=True, kw_only=True, tag_field="type", tag="active_directory"):
    """An Active Directory domain, read by LDAPS."""

    LABEL: ClassVar[str] = "Active Directory"

    servers: Annotated[
        list[Text], Meta(min_length=1, description="ldaps://HOST[:PORT] of domain controllers, tried in turn")
    ]
    base: Annotated[Text, Meta(description="Distinguished name below which people and groups are")]
    groups: Annotated[SelectionSettings, Meta(description="Groups to sync, by name or e-mail")]
    credentials: Annotated[Where, Meta(description='JSON: {"user": "svc@corp.example.com", "password": "…"}')] = (
        "secret:ad-credentials"
    )
    user_name: Annotated[
        Text, Meta(description="JMESPath over the LDAP entry that gives the user name; the SAML NameID must equal it")
    ] = "userPrincipalName"

    def secrets(self) -> Iterator[tuple[str, str, str]]:
        yield "credentials", self.credentials, "the Active Directory credentials"


def check(source: ActiveDirectorySettings, path: str, mistakes: list[str]) -> None:
    """Add what is wrong with the settings of one domain."""
    build_selection(source.groups, GROUP_FIELDS, custom=False, path=f"{path}.groups", mistakes=mistakes)
    check_place(source.credentials, f"{path}.credentials", mistakes)
    check_people(source, source.user_name, USER_FIELDS, custom=False, path=path, mistakes=mistakes)
