"""What can be configured of Okta."""

from collections.abc import Iterator
from typing import Annotated, ClassVar

from msgspec import Meta

from sso_sync.settings.addresses import is_safe
from sso_sync.settings.directories.common import SelectionSettings, Text, Where
from sso_sync.settings.directories.people import PeopleSettings, check_people
from sso_sync.settings.places import check_place
from sso_sync.settings.selection import build_selection

GROUP_FIELDS = ("name",)
USER_FIELDS = ("name", "email", "login")


class OktaSettings(PeopleSettings, frozen=True, kw_only=True, tag_field="type", tag="okta"):
    """An Okta organisation, read by an API token or by a service app."""

    LABEL: ClassVar[str] = "Okta"

    url: Annotated[Text, Meta(description="https://COMPANY.okta.com")]
    groups: Annotated[SelectionSettings, Meta(description="Groups to sync, by name")]
    api_token: Annotated[Where | None, Meta(description="An API token of a read-only administrator")] = (
        "secret:okta-api-token"  # noqa: S105 # says where it is
    )
    user_name: Annotated[
        Text, Meta(description="JMESPath over Okta's user that gives the user name; the SAML NameID must equal it")
    ] = "profile.login"

    def secrets(self) -> Iterator[tuple[str, str, str]]:
        if self.api_token:
            yield "api_token", self.api_token, "the Okta API token"


def check(source: OktaSettings, path: str, mistakes: list[str]) -> None:
    """Add what is wrong with the settings of one Okta organisation."""
    build_selection(source.groups, GROUP_FIELDS, custom=False, path=f"{path}.groups", mistakes=mistakes)
    if not is_safe(source.url):
        mistakes.append(f"{path}.url: write https://COMPANY.okta.com")
    if source.api_token:
        check_place(source.api_token, f"{path}.api_token", mistakes)
    check_people(source, source.user_name, USER_FIELDS, custom=False, path=path, mistakes=mistakes)
