"""What can be configured of Okta."""

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

GROUP_FIELDS = ("name",)
USER_FIELDS = ("name", "email", "login")
API_TOKEN = "secret:okta-api-token"  # noqa: S105 # says where it is
PRIVATE_KEY = "secret:okta-private-key"
KMS_KEY = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[\w-]+")
ADMIN_HOST = re.compile(r"-admin\.(okta|oktapreview|okta-emea)\.com")  # it answers, and sends on to the other host


class OktaSettings(PeopleSettings, frozen=True, kw_only=True, tag_field="type", tag="okta"):
    """An Okta organisation, read by an API token, or by a service app whose key is stored or stays in AWS KMS."""

    LABEL: ClassVar[str] = "Okta"

    url: Annotated[Text, Meta(description="https://COMPANY.okta.com, or the organisation's own domain")]
    groups: Annotated[SelectionSettings, Meta(description="Groups to sync, by name: aws-*, aws-admins, name=…")]
    api_token: Annotated[
        Where | None, Meta(description=f"An API token of a read-only administrator; {API_TOKEN} without a client_id")
    ] = None
    client_id: Annotated[Text | None, Meta(description="The service app that signs in, in place of an API token")] = (
        None
    )
    private_key: Annotated[
        Where | None,
        Meta(description=f"The service app's private key, PEM or JWK; {PRIVATE_KEY} without a kms_key"),
    ] = None
    kms_key: Annotated[
        Text | None, Meta(description="ARN of the RSA key in AWS KMS that signs for the service app: nothing is stored")
    ] = None
    key_id: Annotated[
        Text | None, Meta(description="The key's id (kid) at Okta; without it the JWK's own, or that of the KMS key")
    ] = None
    include_inactive: Annotated[
        bool, Meta(description="Keep suspended and deactivated people, as inactive users (needs SCIM)")
    ] = False
    limited_administrator: Annotated[
        bool, Meta(description="Accept an administrator of some groups only: whatever they cannot see counts as gone")
    ] = False
    user_name: Annotated[
        Text, Meta(description="JMESPath over Okta's user that gives the user name; the SAML NameID must equal it")
    ] = "profile.login"

    @property
    def only_by_scim(self) -> tuple[str, ...]:
        return ("include_inactive",) if self.include_inactive else ()

    def secrets(self) -> Iterator[tuple[str, str, str]]:
        if not self.client_id:
            yield "api_token", self.api_token or API_TOKEN, "the Okta API token"
        elif not self.kms_key:
            yield "private_key", self.private_key or PRIVATE_KEY, "the private key of the Okta service app"


def check(source: OktaSettings, path: str, mistakes: list[str]) -> None:
    """Add what is wrong with the settings of one Okta organisation."""
    build_selection(source.groups, GROUP_FIELDS, custom=False, path=f"{path}.groups", mistakes=mistakes)
    _check_url(source.url, f"{path}.url", mistakes)
    _check_sign_in(source, path, mistakes)
    check_people(source, USER_FIELDS, custom=False, path=path, mistakes=mistakes)


def _check_url(url: str, path: str, mistakes: list[str]) -> None:
    if not is_safe(url):
        mistakes.append(f"{path}: write https://COMPANY.okta.com")
    elif ADMIN_HOST.search(urlsplit(url).hostname or ""):
        mistakes.append(f"{path}: this is the address of the Admin Console; write it without -admin")
    elif urlsplit(url).query or urlsplit(url).fragment:
        mistakes.append(f"{path}: write the address alone, without anything after ? or #")


def _check_sign_in(source: OktaSettings, path: str, mistakes: list[str]) -> None:
    """Let there be one way of signing in, told completely."""
    for setting in ("api_token", "private_key"):
        place = getattr(source, setting)
        if place:
            check_place(place, f"{path}.{setting}", mistakes)
    if source.api_token and source.client_id:
        mistakes.append(f"{path}.api_token: sign in by an API token or by a service app (client_id), not by both")
    if source.private_key and source.kms_key:
        mistakes.append(f"{path}.private_key: the service app's key is stored or in AWS KMS (kms_key), not both")
    mistakes += [
        f"{path}.{setting}: it belongs to a service app; name the app with client_id"
        for setting in ("private_key", "kms_key", "key_id")
        if getattr(source, setting) and not source.client_id
    ]
    if source.kms_key and not KMS_KEY.fullmatch(source.kms_key):
        mistakes.append(f"{path}.kms_key: write the key's ARN (arn:aws:kms:REGION:ACCOUNT:key/ID), not an alias")
