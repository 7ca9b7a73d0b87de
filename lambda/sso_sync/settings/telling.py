"""What can be configured of how people are told: pages, cards, events."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from sso_sync.settings.directories.common import Text

Notify = Literal["every_run", "changes", "problems"]


class DocumentationSettings(Struct, frozen=True, kw_only=True):
    """The pages that show who is in what."""

    bucket: Annotated[
        Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")] | None,
        Meta(description="An existing bucket to publish in; by default the deployment makes one"),
    ] = None
    prefix: Annotated[
        Annotated[str, Meta(pattern=r"^[A-Za-z0-9!_.'()/-]*$")],
        Meta(description="What the keys of the pages begin with"),
    ] = "docs/"
    website: Annotated[
        Annotated[str, Meta(pattern=r"^https?://")] | None,
        Meta(description="Where people read the pages, if you serve them; cards link to it"),
    ] = None
    names: Annotated[
        bool, Meta(description="false leaves names and addresses of people out; they have their ids instead")
    ] = True
    accounts: Annotated[
        bool, Meta(description="Show which AWS accounts and permission sets groups give, where that may be read")
    ] = True
    keep_days: Annotated[
        int, Meta(ge=1, le=3650, description="How long the pages of single runs are kept, in the deployment's bucket")
    ] = 400

    @property
    def folder(self) -> str:
        """Return the prefix with one slash at its end, or nothing."""
        bare = self.prefix.strip("/")
        return f"{bare}/" if bare else ""


class TeamsSettings(Struct, frozen=True, kw_only=True):
    """Cards in Microsoft Teams, by a Workflows webhook."""

    webhook: Annotated[
        Text,
        Meta(
            description="The webhook's URL, which is a secret: secret:NAME of the deployment, a file, env:VARIABLE, "
            "or the ARN of a secret or of an SSM parameter"
        ),
    ] = "secret:teams-webhook"
    notify: Annotated[
        Notify,
        Meta(
            description="changes: of changes, deployments and problems; a problem that repeats itself is told once, "
            "and again when it has changed or is over"
        ),
    ] = "changes"
    problems: Annotated[
        Text | None,
        Meta(description="The URL of another webhook, kept in the same way, for problems and their ends"),
    ] = None


class EventsSettings(Struct, frozen=True, kw_only=True):
    """An event on EventBridge for every run."""

    bus: Annotated[
        Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,256}$")],
        Meta(description="The name of an event bus in the deployment's account and Region"),
    ] = "default"
