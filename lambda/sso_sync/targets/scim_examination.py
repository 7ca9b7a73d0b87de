"""Whether the SCIM endpoint takes the token, and belongs to the store that is read; nothing is written."""

from collections.abc import Iterator, Mapping

import requests

from sso_sync.core.errors import SettingsError, TargetError
from sso_sync.core.findings import Finding, Mark, look_at
from sso_sync.http.session import Session
from sso_sync.targets.scim_errors import no_answer, refuse_errors
from sso_sync.targets.scim_token import Token

SETTINGS = "IAM Identity Center console, Settings, Automatic provisioning"


class ScimExaminer:
    """Asks the endpoint what reads; `user_id` is somebody in the store that is read, empty if nobody is.

    It is None if it is not known who is in the store.
    """

    def __init__(self, endpoint: str, token: Token, session: Session, user_id: str | None) -> None:
        self._endpoint, self._session, self._user_id = endpoint.rstrip("/"), session, user_id
        self._session.auth = token

    def examine(self) -> Iterator[Finding]:
        """Look at the endpoint, the token, and whose they are; what needs the one before is left out without it."""
        for subject, look in (("SCIM: endpoint", self._answers), ("SCIM: token", self._lists)):
            finding = look_at(subject, look)
            yield finding
            if finding.mark is not Mark.GOOD:
                return
        if self._user_id:
            yield look_at("SCIM: instance", self._knows)
        else:
            why = "It is not known who is in the store" if self._user_id is None else "Nobody is in the store"
            said = f"{why}, so that it cannot be told whether the endpoint is of the same instance."
            yield Finding(
                "SCIM: instance", Mark.NOTE, said, "The first write of a run proves it, or takes itself back."
            )

    def _answers(self) -> str:
        self._get("ServiceProviderConfig", "ask the SCIM endpoint what it can do")
        return "The endpoint answers."

    def _lists(self) -> str:
        self._get("Users", "list users by SCIM", {"count": "1"})
        return "The endpoint takes the token."

    def _knows(self) -> str:
        answer = self._ask(f"Users/{self._user_id}", "look up a user by SCIM")
        if answer.status_code == 404:
            other = "the SCIM endpoint belongs to another instance of IAM Identity Center than the store that is read"
            raise SettingsError("SCIM", [f"{other}; copy endpoint and token anew ({SETTINGS})"])
        refuse_errors(answer, "look up a user by SCIM")
        return "The endpoint writes to the store that is read."

    def _get(self, path: str, doing: str, query: Mapping[str, str] | None = None) -> None:
        answer = self._ask(path, doing, query)
        if answer.status_code == 404:
            raise TargetError(f"Cannot {doing}: there is no SCIM service at scim.endpoint; copy it anew ({SETTINGS}).")
        refuse_errors(answer, doing)

    def _ask(self, path: str, doing: str, query: Mapping[str, str] | None = None) -> requests.Response:
        try:
            return self._session.call("GET", f"{self._endpoint}/{path}", query=query)
        except requests.RequestException as exc:
            raise no_answer(exc, doing) from exc
