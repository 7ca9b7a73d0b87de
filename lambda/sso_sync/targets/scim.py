"""Identity Center through its SCIM endpoint: writes only; reads always use the Identity Store API.

Rules and limits: "IAM Identity Center SCIM Implementation Developer Guide": 100 membership changes
a call, 25 writes a second for each operation, one value for each multi-valued attribute.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import requests

from sso_sync.core.changes import UpdateGroup, UpdateUser, unique_names
from sso_sync.core.errors import ChangeUnknown, TargetError
from sso_sync.core.model import Directory, Group, Kind, User
from sso_sync.http.collisions import unless_collided
from sso_sync.http.governor import RateGovernor
from sso_sync.http.patience import impatient
from sso_sync.http.session import TRANSIENT, Session
from sso_sync.targets import scim_format as wire
from sso_sync.targets.first_write import PATIENCE, FirstWrite
from sso_sync.targets.identity_store_reader import IdentityStoreReader
from sso_sync.targets.scim_errors import no_answer, refuse_errors
from sso_sync.targets.scim_token import Token

REQUESTS_PER_SECOND = 25.0  # writes, for each operation and instance
CONNECTIONS = 10  # at 25 requests a second, enough for answers that take 0.4 s


class ScimTarget:
    """Reads by the Identity Store API and writes by SCIM; see `core.ports.Target`."""

    unwritable = frozenset({"description"})  # a SCIM group has none
    members_per_create = 100
    members_per_change = 100
    concurrency = CONNECTIONS

    def __init__(
        self,
        reader: IdentityStoreReader,
        endpoint: str,
        token: Token,
        governor: RateGovernor,
        session: Session,
        patience: Sequence[float] = PATIENCE,
    ) -> None:
        self.store_id = reader.store_id
        self._reader, self._governor = reader, governor
        self._endpoint = endpoint.rstrip("/")
        self._session, self._token = session, token
        self._session.auth = token
        self._session.headers["Content-Type"] = "application/scim+json"
        self._first_write = FirstWrite(reader, self._endpoint, self._find, self._remove, patience)

    def read(self) -> Directory:
        return self._reader.read()

    def create_user(self, user: User) -> str:
        doing = f"create the user '{user.user_name}'"
        with self._first_write.turn() as turn:
            aws_id, new = self._create("Users", doing, wire.user(user), "userName")
            turn.confirm_created("user", aws_id, take_back=new)
        return aws_id

    def update_user(self, change: UpdateUser) -> None:
        with self._first_write.turn() as turn:
            turn.confirm_present("user", change.after.id)
            doing = f"update the user '{change.ref.name}'"
            self._patch("user", change.after.id, doing, wire.user_patch(change), renames=_renames(change))

    def delete_user(self, user_id: str) -> None:
        self._delete("user", user_id)

    def create_group(self, group: Group, member_ids: Sequence[str]) -> str:
        doing = f"create the group '{group.display_name}'"
        with self._first_write.turn() as turn:
            body = wire.group(group, member_ids)
            aws_id, new = self._create("Groups", doing, body, "displayName")
            turn.confirm_created("group", aws_id, take_back=new)
        return aws_id

    def update_group(self, change: UpdateGroup) -> None:
        with self._first_write.turn() as turn:
            turn.confirm_present("group", change.after.id)
            doing = f"update the group '{change.ref.name}'"
            self._patch("group", change.after.id, doing, wire.group_patch(change), renames=_renames(change))

    def delete_group(self, group_id: str) -> None:
        self._delete("group", group_id)

    def add_members(self, group_id: str, user_ids: Sequence[str]) -> None:
        self._patch_members("add", group_id, user_ids)

    def remove_members(self, group_id: str, user_ids: Collection[str]) -> None:
        self._patch_members("remove", group_id, user_ids)

    def finish(self) -> None:
        pass

    def _patch_members(self, operation: str, group_id: str, user_ids: Collection[str]) -> None:
        with self._first_write.turn() as turn:
            turn.confirm_present("group", group_id)
            body = wire.member_patch(operation, user_ids)
            self._patch("group", group_id, f"{operation} members", body, renames=False)

    def _patch(self, kind: Kind, aws_id: str, doing: str, body: Mapping[str, Any], *, renames: bool) -> None:
        """Patch an object; unless it gets another name, it can conflict only with another change of itself."""

        def collided(answer: requests.Response) -> bool:
            return answer.status_code == 409 and not renames

        answer = unless_collided(lambda: self._request("PATCH", _path(kind, aws_id), doing, body), collided)
        if collided(answer):  # of members it is not the fault of any one, so that trying fewer would not help
            raise ChangeUnknown(f"Cannot {doing}: somebody else goes on changing the {kind} (409).")
        refuse_errors(answer, doing)

    def _create(self, path: str, doing: str, body: Mapping[str, Any], named_by: str) -> tuple[str, bool]:
        """Create an object, or find the one that an earlier, unanswered attempt created.

        Returns its id, and whether this very answer says that it is new.
        """
        answer = self._request("POST", path, doing, body)
        if answer.status_code == 409:
            made = self._look_up(path, body["externalId"], named_by, body[named_by])
            if made:
                return made, False
        if answer.status_code == 404 and not wire.is_error(answer.text):
            raise TargetError(
                f"Cannot {doing}: there is no SCIM service at scim.endpoint (404); copy scim.endpoint anew from "
                "IAM Identity Center (Settings, Automatic provisioning)."
            )
        refuse_errors(answer, doing)
        return _text(_json(answer, doing), "id", doing), True

    def _look_up(self, path: str, external_id: str, named_by: str, name: str) -> str | None:
        """Find the object that carries both the external id and the name; either alone is somebody else."""
        quoted = external_id.replace("\\", "\\\\").replace('"', '\\"')
        doing = f"look up {path.lower()} by externalId"
        answer = self._request("GET", path, doing, params={"filter": f'externalId eq "{quoted}"'})
        refuse_errors(answer, doing)
        rows = _json(answer, doing).get("Resources", [])
        found = rows if isinstance(rows, list) else []
        wanted = (external_id, name)
        matching = [i for i in found if isinstance(i, dict) and (i.get("externalId"), i.get(named_by)) == wanted]
        return _text(matching[0], "id", doing) if len(matching) == 1 else None

    def _delete(self, kind: Kind, aws_id: str) -> None:
        with self._first_write.turn() as turn:
            turn.confirm_present(kind, aws_id)
            if not self._remove(kind, aws_id):
                self._reader.confirm_gone(kind, aws_id)

    def _remove(self, kind: Kind, aws_id: str) -> bool:
        """Delete; tell whether it was there."""
        doing = f"delete a {kind}"
        answer = unless_collided(
            lambda: self._request("DELETE", _path(kind, aws_id), doing),
            lambda answer: answer.status_code == 409,
        )
        if answer.status_code == 404:
            return False
        refuse_errors(answer, doing)
        return True

    def _find(self, kind: Kind, aws_id: str) -> bool:
        doing = f"look up a {kind}"
        answer = self._request("GET", _path(kind, aws_id), doing)
        if answer.status_code == 404:
            return False
        refuse_errors(answer, doing)
        return True

    def _request(
        self,
        method: str,
        path: str,
        doing: str,
        body: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> requests.Response:
        def send() -> requests.Response:
            self._governor.wait(operation_of(method, path))
            return self._session.call(method, f"{self._endpoint}/{path}", body, params)

        try:
            answer = send()
            if answer.status_code == 401 and self._token.renew(answer):
                answer = send()
        except requests.RequestException as exc:
            raise no_answer(exc, doing) from exc
        patience = self._session.patience
        if answer.status_code in TRANSIENT and patience.used_up:
            said = f"{answer.status_code} {wire.error_text(answer.text)}"
            raise ChangeUnknown(impatient(doing, "the SCIM endpoint", patience.minutes, said))
        return answer


def operation_of(method: str, path: str) -> str:
    """Name an operation of the endpoint, such as "PATCH Groups": each has a quota of its own."""
    found = re.search(r"(?:^|/)(Users|Groups)(?:[/?]|$)", path)
    return f"{method} {found[1]}" if found else method


def _renames(change: UpdateUser | UpdateGroup) -> bool:
    """Tell whether an update sets what must be unique in the store."""
    before, after = change.before, change.after
    return (unique_names(before), before.external_id) != (unique_names(after), after.external_id)


def _path(kind: Kind, aws_id: str) -> str:
    return f"{'Users' if kind == 'user' else 'Groups'}/{aws_id}"


def _json(answer: requests.Response, doing: str) -> dict[str, Any]:
    try:
        body = answer.json()
    except (RecursionError, ValueError) as exc:
        raise ChangeUnknown(f"Cannot {doing}: the SCIM endpoint's answer is not JSON.") from exc
    if not isinstance(body, dict):
        raise ChangeUnknown(f"Cannot {doing}: the SCIM endpoint's answer is not a JSON object.")
    return body


def _text(body: Mapping[str, Any], key: str, doing: str) -> str:
    value = body.get(key)
    if not isinstance(value, str) or not value:
        raise ChangeUnknown(f"Cannot {doing}: the SCIM endpoint's answer has no '{key}'.")
    return value
