"""What can be configured of Active Directory."""

import re
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal
from urllib.parse import urlsplit

from msgspec import Meta

from sso_sync.settings.addresses import is_possible
from sso_sync.settings.directories.common import SelectionSettings, Text, Where
from sso_sync.settings.directories.people import PeopleSettings, check_people
from sso_sync.settings.places import check_place
from sso_sync.settings.selection import build_selection

GROUP_FIELDS = ("name", "email")
USER_FIELDS = ("name", "email", "org_unit", "user_principal_name")
GLOBAL_CATALOG = {3268, 3269}
CREDENTIALS = "the Active Directory credentials"
PEM = "-----BEGIN CERTIFICATE-----"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*=[^=]+(,\s*[A-Za-z][A-Za-z0-9-]*=[^=]+)*")


class ActiveDirectorySettings(PeopleSettings, frozen=True, kw_only=True, tag_field="type", tag="active_directory"):
    """An Active Directory domain, read by LDAPS."""

    LABEL: ClassVar[str] = "Active Directory"

    servers: Annotated[
        list[Text], Meta(min_length=1, description="ldaps://HOST[:PORT] of domain controllers, tried in turn")
    ]
    base: Annotated[Text, Meta(description="Distinguished name below which people and groups are")]
    user_base: Annotated[Text | None, Meta(description="Where people are, if it is not all of 'base'")] = None
    group_base: Annotated[Text | None, Meta(description="Where groups are, if it is not all of 'base'")] = None
    groups: Annotated[SelectionSettings, Meta(description="Groups to sync, by name or e-mail")]
    group_name: Annotated[
        Literal["cn", "sAMAccountName"],
        Meta(description="The attribute that is a group's name here, in filters, and in Identity Center"),
    ] = "cn"
    include_inactive: Annotated[
        bool, Meta(description="Keep disabled and expired accounts, as inactive users (needs SCIM)")
    ] = False
    credentials: Annotated[Where, Meta(description='JSON: {"user": "svc@corp.example.com", "password": "…"}')] = (
        "secret:ad-credentials"
    )
    ca_certificate: Annotated[
        str,
        Meta(
            description="The CA that issued the controllers' certificates, as PEM, or where it is kept like a secret; "
            "by default those that the system trusts"
        ),
    ] = ""
    user_name: Annotated[
        Text, Meta(description="JMESPath over the LDAP entry that gives the user name; the SAML NameID must equal it")
    ] = "userPrincipalName"

    @property
    def only_by_scim(self) -> tuple[str, ...]:
        return ("include_inactive",) if self.include_inactive else ()

    def secrets(self) -> Iterator[tuple[str, str, str]]:
        yield "credentials", self.credentials, CREDENTIALS
        if self.ca_certificate and PEM not in self.ca_certificate:
            yield "ca_certificate", self.ca_certificate, "the CA certificate of Active Directory"


def check(source: ActiveDirectorySettings, path: str, mistakes: list[str]) -> None:
    """Add what is wrong with the settings of one domain."""
    build_selection(source.groups, GROUP_FIELDS, custom=False, path=f"{path}.groups", mistakes=mistakes)
    check_place(source.credentials, f"{path}.credentials", mistakes)
    if source.ca_certificate and PEM not in source.ca_certificate:
        check_place(source.ca_certificate, f"{path}.ca_certificate", mistakes)
    for number, server in enumerate(source.servers):
        if problem := _why_not_server(server):
            mistakes.append(f"{path}.servers[{number}]: {problem}")
    for name in ("base", "user_base", "group_base"):
        place: str | None = getattr(source, name)
        if place is not None and not _NAME.fullmatch(place):
            mistakes.append(f"{path}.{name}: write a distinguished name, such as OU=Company,DC=corp,DC=example,DC=com")
    check_people(source, USER_FIELDS, custom=False, path=path, mistakes=mistakes)


def _why_not_server(server: str) -> str:
    if not server.lower().startswith("ldaps://") or not is_possible(server):
        return "the password would travel in clear, or it is no address; write ldaps://HOST, or ldaps://HOST:PORT"
    parts = urlsplit(server)
    if parts.port in GLOBAL_CATALOG:
        return "a global catalog has only a part of every record; leave the port out, or write 636"
    if parts.path.strip("/") or parts.query or parts.username:
        return "write ldaps://HOST[:PORT] and nothing after it; the rest has settings of its own"
    return ""
