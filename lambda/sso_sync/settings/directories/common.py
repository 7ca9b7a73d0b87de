"""What the settings of every directory have in common."""

from collections.abc import Iterator
from typing import Annotated, ClassVar

from msgspec import Meta, Struct

Text = Annotated[str, Meta(min_length=1)]
Where = Annotated[
    Text,
    Meta(description="secret:NAME of the deployment, a file, env:VARIABLE, or the ARN of a secret or an SSM parameter"),
]


class FilterSettings(Struct, frozen=True, kw_only=True):
    """A filter with a description that documentation and cards show."""

    match: Annotated[
        Text | Annotated[list[Text], Meta(min_length=1)],
        Meta(description="A pattern, or several that must all match: aws-*, name:Admins*, name=Exact, *"),
    ]
    description: Annotated[str, Meta(description="What the filter is for")] = ""


FilterItem = Text | FilterSettings


class SelectionSettings(Struct, frozen=True, kw_only=True):
    """Include and exclude filters; selected is what any include matches and no exclude does."""

    include: Annotated[list[FilterItem], Meta(description="What is wanted: any of these", min_length=1)]
    exclude: Annotated[list[FilterItem], Meta(description="What is ignored even so")] = []


class DirectorySettings(Struct, frozen=True, kw_only=True):
    """A directory that people and groups come from; each type of it is told by `type`, the tag of its class."""

    LABEL: ClassVar[str] = ""

    name: Annotated[
        Text | None, Meta(description="What people call this directory; needed where two are of one type")
    ] = None
    group_prefix: Annotated[
        str, Meta(description="What the names of its groups begin with in Identity Center, such as 'corp-'")
    ] = ""

    @property
    def kind(self) -> str:
        """Return the type as the config writes it, such as "okta"."""
        return str(self.__struct_config__.tag)

    @property
    def label(self) -> str:
        """Return what people call the directory."""
        return self.name or self.LABEL

    @property
    def mapped_attributes(self) -> frozenset[str]:
        """Name the optional attributes of users that it fills."""
        return frozenset()

    @property
    def only_by_scim(self) -> tuple[str, ...]:
        """Name its settings that only SCIM can make true: those that want inactive users."""
        return ()

    def secrets(self) -> Iterator[tuple[str, str, str]]:
        """Yield every secret that it needs: the setting, where it is kept, and what it is."""
        yield from ()
