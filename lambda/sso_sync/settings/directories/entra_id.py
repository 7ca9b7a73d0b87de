"""What can be configured of Microsoft Entra ID."""

import re
from collections.abc import Iterator
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

from msgspec import Meta

from sso_sync.settings.addresses import is_safe
from sso_sync.settings.directories.common import SelectionSettings, Text, Where
from sso_sync.settings.directories.people import PeopleSettings, check_people
from sso_sync.settings.places import check_place
from sso_sync.settings.selection import build_selection

GROUP_FIELDS = ("name", "email")
USER_FIELDS = ("name", "email", "user_principal_name")
GUID = r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
DOMAIN = r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"
# Who tokens of AWS have to be for, by the host of the login ("Workload identity federation" of Microsoft's guide).
AUDIENCE = "api://AzureADTokenExchange"
AUDIENCES = {
    "login.microsoftonline.us": f"{AUDIENCE}USGov",
    "login.partner.microsoftonline.cn": f"{AUDIENCE}China",
    "login.chinacloudapi.cn": f"{AUDIENCE}China",
}
TOKEN_SECONDS = 300  # that a token of AWS is good for: it is used at once
TOKEN_ALGORITHM = "RS256"  # noqa: S105 # the one that Entra takes
SIGN_INS = ("client_secret", "certificate", "federated")
HOW_TO_SIGN_IN = (
    "'client_secret: secret:entra-client-secret', 'certificate: secret:entra-certificate', or 'federated: true'"
)


class EntraIdSettings(PeopleSettings, frozen=True, kw_only=True, tag_field="type", tag="entra_id"):
    """A Microsoft Entra ID tenant, read by an app registration."""

    LABEL: ClassVar[str] = "Microsoft Entra ID"

    tenant: Annotated[Text, Meta(description="The tenant's id or one of its domains")]
    client_id: Annotated[Text, Meta(description="The id of the app registration (application id)")]
    client_secret: Annotated[Where | None, Meta(description="Sign in with a client secret of the app registration")] = (
        None
    )
    certificate: Annotated[
        Where | None,
        Meta(description="Sign in with a certificate: PEM text with the certificate and its private key"),
    ] = None
    federated: Annotated[
        bool, Meta(description="Sign in with a token of AWS STS that the app registration trusts: nothing is stored")
    ] = False
    groups: Annotated[
        SelectionSettings | None, Meta(description="Groups to sync, by name or e-mail; or, or also, 'application'")
    ] = None
    application: Annotated[
        Text | None,
        Meta(
            description="An enterprise application, by application id or object id: the groups and people assigned "
            "to it are synced"
        ),
    ] = None
    include_inactive: Annotated[bool, Meta(description="Keep disabled people, as inactive users (needs SCIM)")] = False
    include_guests: Annotated[bool, Meta(description="Treat guests from other companies as people of this one")] = False
    user_name: Annotated[
        Text, Meta(description="JMESPath over Graph's user that gives the user name; the SAML NameID must equal it")
    ] = "userPrincipalName"
    graph_url: Annotated[Text, Meta(description="Where Microsoft Graph is; other in national clouds")] = (
        "https://graph.microsoft.com"
    )
    login_url: Annotated[Text, Meta(description="Where Entra's login is; other in national clouds")] = (
        "https://login.microsoftonline.com"
    )

    @property
    def only_by_scim(self) -> tuple[str, ...]:
        return ("include_inactive",) if self.include_inactive else ()

    @property
    def audience(self) -> str:
        """Return who a token of AWS has to be for."""
        return AUDIENCES.get(urlsplit(self.login_url).hostname or "", AUDIENCE)

    def secrets(self) -> Iterator[tuple[str, str, str]]:
        if self.client_secret:
            yield "client_secret", self.client_secret, "the Entra ID client secret"
        if self.certificate:
            yield "certificate", self.certificate, "the Entra ID certificate"


def check(source: EntraIdSettings, path: str, mistakes: list[str]) -> None:
    """Add what is wrong with the settings of one tenant."""
    mistakes += [f"{path}.{where}" for where in (*_wrong_names(source), *_wrong_sign_in(source), *_wrong_urls(source))]
    for place in ("client_secret", "certificate"):
        if getattr(source, place):
            check_place(getattr(source, place), f"{path}.{place}", mistakes)
    if source.groups:
        build_selection(source.groups, GROUP_FIELDS, custom=False, path=f"{path}.groups", mistakes=mistakes)
    elif not source.application:
        mistakes.append(
            f"{path}.groups: say which groups are wanted, or name an 'application' that they are assigned to"
        )
    check_people(source, USER_FIELDS, custom=False, path=path, mistakes=mistakes)


def _wrong_names(source: EntraIdSettings) -> Iterator[str]:
    if not re.fullmatch(f"{GUID}|{DOMAIN}", source.tenant):
        yield "tenant: it is neither an id nor a domain; copy the Tenant ID from Entra admin center, Overview"
    if not re.fullmatch(GUID, source.client_id):
        yield "client_id: it is no id; copy the Application (client) ID of the app registration"
    if source.application and not re.fullmatch(GUID, source.application):
        yield "application: it is no id; copy the Application ID of the enterprise application"


def _wrong_sign_in(source: EntraIdSettings) -> Iterator[str]:
    chosen = [name for name in SIGN_INS if getattr(source, name)]
    if len(chosen) > 1:
        yield f"{chosen[1]}: there are two ways to sign in; keep {' or '.join(chosen)}"
    elif not chosen:
        yield f"client_secret: say how to sign in: {HOW_TO_SIGN_IN}"


def _wrong_urls(source: EntraIdSettings) -> Iterator[str]:
    for name in ("graph_url", "login_url"):
        if not is_safe(getattr(source, name)):
            yield f"{name}: tokens would travel in clear, or it is no address; write https://"
