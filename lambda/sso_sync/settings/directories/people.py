"""What can be configured of every directory whose people are read."""

from collections.abc import Sequence
from typing import Annotated, Literal

from msgspec import Meta, field

from sso_sync.core.model import AttributeName
from sso_sync.settings.directories.common import DirectorySettings, SelectionSettings, Text
from sso_sync.settings.expressions import check_expressions
from sso_sync.settings.selection import build_selection


class PeopleSettings(DirectorySettings, frozen=True, kw_only=True):
    """A directory whose people and groups are read, and written to Identity Center."""

    method: Annotated[
        Literal["groups", "users_groups"],
        Meta(
            description="groups: only members of selected groups exist; users_groups: people are selected by "
            "'users' themselves"
        ),
    ] = "groups"
    users: Annotated[
        SelectionSettings | None,
        Meta(description="People to sync; with method groups it narrows down who of the members is wanted"),
    ] = None
    user_name: Annotated[Text, Meta(description="JMESPath that gives the user name; the SAML NameID must equal it")]
    groups: SelectionSettings | None = None
    missing_name: Annotated[
        Text,
        Meta(description="Stands in for a given or family name that is missing; Identity Center demands both"),
    ] = "-"
    attributes: Annotated[
        dict[AttributeName, Text],
        Meta(description="Optional attributes, each a JMESPath over the directory's own record of a person"),
    ] = field(default_factory=dict)

    @property
    def mapped_attributes(self) -> frozenset[str]:
        return frozenset(self.attributes)


def check_people(
    source: PeopleSettings, fields: Sequence[str], *, custom: bool, path: str, mistakes: list[str]
) -> None:
    """Check what all such directories have; `fields` and `custom` are what filters for people may look at."""
    if source.users:
        build_selection(source.users, fields, custom=custom, path=f"{path}.users", mistakes=mistakes)
    if source.method == "users_groups" and not source.users:
        mistakes.append(f"{path}.users: the method users_groups needs it; write include: ['*'] for everybody")
    mapped = {f"attributes.{name}": expression for name, expression in source.attributes.items()}
    check_expressions({"user_name": source.user_name, **mapped}, path, mistakes)
