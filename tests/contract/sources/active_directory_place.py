"""Active Directory for the contract suite of sources: Samba behind the limits that Windows has."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from sandbox.active_directory.domain_controller import DomainController
from sandbox.active_directory.messages import MAX_PAGE_SIZE, MAX_VALUES
from sandbox.active_directory.objects import COMPANY, GROUPS, objects_of
from sandbox.active_directory.proxy import LdapProxy
from sso_sync.core.ports import IdentitySource
from sso_sync.settings import ActiveDirectorySettings
from sso_sync.settings.directories.common import SelectionSettings
from sso_sync.sources.active_directory.controller import BindAccount, Timing
from sso_sync.sources.active_directory.source import ActiveDirectorySource
from sso_sync.sources.tools import Tools
from tests.contract.sources.place import Json, What
from tests.support.samba import domain_controller

OPERATIONS: dict[What, str] = {"sign_in": "bind", "people": "list users", "groups": "list groups"}
ACCOUNT_RESTRICTIONS = "4c164200-20c0-11d0-a768-00aa006e0529"  # the property set with userAccountControl
MEMBER = "bf9679c0-0de6-11d0-a285-00aa003049e2"
KINDS = ("user", "group")
TIMING = Timing(connect=2, answer=20, pauses=(0.01, 0.01))
FIXED = 2  # the root, and the account that reads


class ActiveDirectoryPlace:
    """See `place.Place`. A company is put in place only when somebody looks."""

    name = "Active Directory"
    nests = True
    sizes: tuple[int, ...] = (1000, 1500, 1501, 3000)
    beyond = MAX_VALUES + 1

    def __init__(self, controller: DomainController, proxy: LdapProxy) -> None:
        self.controller, self.proxy = controller, proxy
        self._company: Json | None = None
        self.objects: list[Json] = []

    def load(self, company: Json) -> None:
        self.proxy.faults.clear()
        self._company = company

    def source(self, **settings: Any) -> IdentitySource:
        return self.active_directory(**settings)

    def active_directory(self, **settings: Any) -> ActiveDirectorySource:
        """Make the source, with retries that do not wait long."""
        self.settle()
        defaults = ActiveDirectorySettings(
            servers=[self.proxy.url],
            base=COMPANY,
            groups=SelectionSettings(include=["*"]),
            ca_certificate=self.controller.authority.pem,
        )
        account = msgspec.convert(settings.pop("account", self.controller.credentials), BindAccount)
        chosen = msgspec.structs.replace(defaults, **settings)
        return ActiveDirectorySource(chosen, account, chosen.ca_certificate, Tools(), TIMING)

    def settle(self) -> None:
        """Put the company in place that was loaded last."""
        if self._company is None:
            return
        self.controller.change_account(userAccountControl="512")
        self.controller.load(self._company)
        self.objects, self._company = objects_of(self._company), None

    def fail(self, what: What, kind: str, **more: Any) -> None:
        if what not in OPERATIONS or (what, kind) == ("sign_in", "truncate"):
            raise NotImplementedError("members come with their groups, and a sign-in has no rows to lose")
        self.proxy.faults.add({"kind": kind, "operation": OPERATIONS[what], **more})

    def forbid(self, what: What) -> None:
        self.settle()
        own = {
            kind: [one["dn"] for one in self.objects if one["attributes"]["objectClass"] == [kind]] for kind in KINDS
        }
        match what:
            case "sign_in":
                self.controller.change_account(userAccountControl="514")
            case "people":
                self.controller.deny(own["user"], "RP", ACCOUNT_RESTRICTIONS)
            case "groups":
                self.controller.deny([GROUPS], "LC")
            case "members":
                self.controller.deny(own["group"], "RP", MEMBER)

    def calls(self) -> int:
        counted = self.proxy.counts.total() - self.proxy.counts["bind"]
        self.proxy.counts.clear()
        return counted

    def fewest(self, company: Json) -> int:
        # A page that is full does not tell that it is the last one.
        pages = sum(len(company[kind]) // MAX_PAGE_SIZE + 1 for kind in ("users", "groups"))
        rest = sum((max(1, len(group["members"])) - 1) // MAX_VALUES for group in company["groups"])
        return FIXED + pages + rest


@contextmanager
def open_active_directory(folder: Path) -> Iterator[ActiveDirectoryPlace]:
    """Start a domain controller without anybody of the company in it."""
    with domain_controller(folder) as controller:
        certificate = controller.authority.issue(folder / "proxy", ["localhost", "127.0.0.1"])
        with LdapProxy(controller.url, controller.authority.pem, certificate) as proxy:
            yield ActiveDirectoryPlace(controller, proxy)
