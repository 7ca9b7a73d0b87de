"""What can be configured of Microsoft Entra ID."""

from collections.abc import Iterator
from typing import Annotated, ClassVar

from msgspec import Meta

from sso_sync.settings.directories.common import SelectionSettings, Text, Where
from sso_sync.settings.directories.people import PeopleSettings, check_people
from sso_sync.settings.places import check_place
from sso_sync.settings.selection import build_selection

GROUP_FIELDS = ("name", "email")
USER_FIELDS = ("name", "email", "user_principal_name")


class EntraIdSettings(PeopleSettings, frozen=True, kw_only=True, tag_field="type", tag="entra_id"):
    """A Microsoft Entra ID tenant, read by an app registration."""

    LABEL: ClassVar[str] = "Microsoft Entra ID"

    tenant: Annotated[Text, Meta(description="The tenant's id or one of its domains")]
    client_id: Annotated[Text, Meta(description="The id of the app registration (application id)")]
    groups: Annotated[SelectionSettings, Meta(description="Groups to sync, by name or e-mail")]
    client_secret: Annotated[Where | None, Meta(description="A secret of the app registration")] = (
        "secret:entra-client-secret"  # noqa: S105 # says where it is
    )
    user_name: Annotated[
        Text, Meta(description="JMESPath over Graph's user that gives the user name; the SAML NameID must equal it")
    ] = "userPrincipalName"

    def secrets(self) -> Iterator[tuple[str, str, str]]:
        if self.client_secret:
            yield "client_secret", self.client_secret, "the Entra ID client secret"


def check(source: EntraIdSettings, path: str, mistakes: list[str]) -> None:
    """Add what is wrong with the settings of one tenant."""
    build_selection(source.groups, GROUP_FIELDS, custom=False, path=f"{path}.groups", mistakes=mistakes)
    if source.client_secret:
        check_place(source.client_secret, f"{path}.client_secret", mistakes)
    check_people(source, source.user_name, USER_FIELDS, custom=False, path=path, mistakes=mistakes)
