"""What the contract suite of sources asks of a directory service with a company in it."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Literal, Protocol

from sso_sync.core.ports import IdentitySource

Json = dict[str, Any]
What = Literal["sign_in", "people", "groups", "members"]


class Place(Protocol):
    """One directory service; `load` puts a company (sandbox/README.md) in place of what is there."""

    name: str
    nests: bool  # groups may be members of groups
    sizes: tuple[int, ...]  # numbers of members at which pages begin and end
    beyond: int  # so many people, or members, do not fit into one page

    def load(self, company: Json) -> None:
        """Put a company in place, as this directory can hold it; failures and forbidden things are forgotten."""

    def source(self, **settings: Any) -> IdentitySource:
        """Make the source on every group ("*"), with settings changed, and retries that do not wait long."""

    def fail(self, what: What, kind: str, **more: Any) -> None:
        """Let calls of a kind fail, as sandbox.faults names kinds; raises NotImplementedError where none can."""

    def forbid(self, what: What) -> None:
        """Take away the permission for one kind of calls."""

    def calls(self) -> int:
        """Count the calls since this was last asked, without those for tokens."""

    def fewest(self, company: Json) -> int:
        """Say how many calls the page sizes force for a whole company, without those for tokens."""


class Opens(Protocol):
    """Opens a place in a folder; it closes with the context."""

    def __call__(self, folder: Path) -> AbstractContextManager[Place]: ...
