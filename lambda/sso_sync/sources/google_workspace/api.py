"""The Directory API: complete listings, in as few requests as the page sizes allow.

Page sizes (users 500, groups and members 200), the batch limit of 1,000 and the quota are those
of Google's Admin SDK Directory API reference.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from googleapiclient.errors import HttpError
from msgspec import Struct

from sso_sync.core.errors import SourceError
from sso_sync.sources.google_workspace.caller import SYSTEM, Absent, Caller, Row, next_token, rows_of
from sso_sync.sources.google_workspace.errors import Forbidden, is_transient
from sso_sync.sources.google_workspace.sign_in_errors import DelegationMissing
from sso_sync.sources.google_workspace.transport import Credentials

log = logging.getLogger(__name__)
MIN_BATCH, MAX_BATCH = 100, 1000  # parts of one batch request
ROWS_PER_BATCH = 20_000  # members expected in one batch: 1,000 lists of 50 took 87 MB to parse


class MemberPage(Struct, frozen=True):
    """A page of one group's members that is to be fetched; `rows` is how many to expect."""

    group_id: str
    token: str = ""
    rows: int = 0


class DirectoryApi:
    """Reads one customer's directory; `caller` makes its calls."""

    def __init__(self, caller: Caller, customer: str) -> None:
        self.caller, self._customer = caller, customer
        self._service, self._calls = self.caller.service, self.caller.calls

    def users(self, fields: Iterable[str], custom_schemas: frozenset[str] | None) -> list[Row]:
        """List every user; `custom_schemas` None asks for all of them."""
        mask = f"nextPageToken,users({','.join(sorted(fields))})"
        options = projection(custom_schemas)
        return self._whole("users", self._service.users().list, maxResults=500, fields=mask, **options)

    def groups(self) -> list[Row]:
        """List every group."""
        mask = "nextPageToken,groups(id,email,name,description,directMembersCount)"
        return self._whole("groups", self._service.groups().list, maxResults=200, fields=mask)

    def user(self, user_id: str, fields: Iterable[str]) -> Row | None:
        """Get one user by id, or None."""
        request = self._service.users().get(userKey=user_id, fields=",".join(sorted(fields)), projection="full")
        try:
            return self.caller.execute(request, "get a user", {404: None})
        except Absent:
            return None

    def domains(self, credentials: Credentials) -> frozenset[str] | None:
        """List the customer's own domains, folded; None if the credentials are not allowed to."""
        request = self._service.domains().list(customer=self._customer)
        try:
            answer = self.caller.using(credentials).execute(request, "list the domains")
        except (DelegationMissing, Forbidden) as exc:
            log.info("domains are not readable; externals are told by status")
            log.debug("why they are not", extra={"error": str(exc)})
            return None
        domains = rows_of(answer, "domains")
        aliases = [alias for domain in domains for alias in rows_of(domain, "domainAliases")]
        names = [d.get("domainName") for d in domains] + [a.get("domainAliasName") for a in aliases]
        if not names or not all(isinstance(name, str) and name for name in names):
            raise SourceError("Google lists no domain, or one without a name, so its answer is not complete.")
        return frozenset(str(name).lower() for name in names)

    def members(self, pages: Sequence[MemberPage]) -> Iterator[tuple[MemberPage, list[Row], str]]:
        """Fetch pages of members in batches; yields page, rows and the token of the page after it."""
        self._calls.expect(SYSTEM, "groups", sum(not page.token for page in pages))
        for batch in in_batches(pages):
            answers = self._fetch_batch(batch) if len(batch) > 1 else {}
            for page in batch:
                answer = answers.get(page.group_id)
                if answer is None or (page.rows and not page.token and not answer.get("members")):
                    # It failed for the moment, or it is empty although Google counts members: ask again, alone.
                    answer = self.caller.execute(self._member_request(page), "list the members of a group")
                rows, token = rows_of(answer, "members"), next_token(answer, "members")
                if not token:
                    self._calls.finish(SYSTEM, "groups")
                yield page, rows, token

    def _fetch_batch(self, batch: Sequence[MemberPage]) -> dict[str, Row]:
        """Fetch a batch; parts that failed for the moment are missing from the answer."""
        answers: dict[str, Row] = {}

        def settle(group_id: str, answer: Any, error: HttpError | None) -> None:
            if error is None and isinstance(answer, dict):
                answers[group_id] = answer
            elif error is not None and not is_transient(error):
                self.caller.refuse(error, "list the members of a group")
            elif error is not None:
                self.caller.slow_down_for(error)

        requests = {page.group_id: self._member_request(page) for page in batch}
        self.caller.batch(requests, settle, "list the members of groups")
        return answers

    def _member_request(self, page: MemberPage) -> Any:
        mask = "nextPageToken,members(id,email,type,status)"
        token = {"pageToken": page.token} if page.token else {}
        return self._service.members().list(groupKey=page.group_id, maxResults=200, fields=mask, **token)

    def _whole(self, what: str, list_method: Any, **options: Any) -> list[Row]:
        return list(self.caller.pages(what, list_method, what, customer=self._customer, **options))


def projection(custom_schemas: frozenset[str] | None) -> Row:
    """Return the parameters with which users come with these custom fields; None asks for all of them."""
    if custom_schemas is None:
        return {"projection": "full"}
    if custom_schemas:
        return {"projection": "custom", "customFieldMask": ",".join(sorted(custom_schemas))}
    return {"projection": "basic"}


def in_batches(pages: Sequence[MemberPage]) -> Iterator[Sequence[MemberPage]]:
    """Cut pages into batches of 100 to 1,000, as many as their expected rows allow in memory."""
    start, rows = 0, 0
    for end, page in enumerate(pages):
        size = end - start
        if size >= MAX_BATCH or (size >= MIN_BATCH and rows + page.rows > ROWS_PER_BATCH):
            yield pages[start:end]
            start, rows = end, 0
        rows += page.rows
    if start < len(pages):
        yield pages[start:]
