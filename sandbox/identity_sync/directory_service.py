"""AWS Directory Service: the directory that an Active Directory is known by."""

from typing import Any

from sandbox.identity_sync.profile import SyncProfile
from sandbox.refusal import Refusal
from sandbox.switches import Switches

Json = dict[str, Any]


class DirectoryService:
    """Answers for the one directory of a company, if it has one."""

    def __init__(self, profile: SyncProfile, switches: Switches) -> None:
        self._profile, self._switches = profile, switches

    def answer(self, operation: str, parameters: Json, region: str) -> Json:
        """Answer one call."""
        if operation != "DescribeDirectories":
            raise Refusal("bad_request", f"The sandbox does not stand in for {operation}.", code="ClientException")
        rows = [self._shown()] if self._switches.active_directory and region == self._switches.region else []
        wanted = parameters.get("DirectoryIds") or []
        missing = set(wanted) - {row["DirectoryId"] for row in rows}
        if missing:
            said = f"Directory {min(missing)} does not exist."
            raise Refusal("not_found", said, code="EntityDoesNotExistException", Message=said)
        return {"DirectoryDescriptions": rows}

    def _shown(self) -> Json:
        return {
            "DirectoryId": self._profile.directory_id,
            "Name": self._switches.active_directory,
            "Size": "Small",
            "Type": "ADConnector",
            "Stage": "Active",
        }
