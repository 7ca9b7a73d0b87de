"""One read of one domain controller, from the root to members."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from sso_sync.core.errors import CredentialsError, SourceError
from sso_sync.core.selection import Selection
from sso_sync.core.wording import counted
from sso_sync.settings import ActiveDirectorySettings
from sso_sync.sources.active_directory.controller import Controller
from sso_sync.sources.active_directory.entries import Entry
from sso_sync.sources.active_directory.errors import ControllerError
from sso_sync.sources.active_directory.members import Found, Membership
from sso_sync.sources.active_directory.names import ObjectName, common_name, is_below, is_in_domain
from sso_sync.sources.active_directory.records import (
    GROUP_ATTRIBUTES,
    NORMAL_USER,
    Account,
    UserMapping,
    group_fields,
    object_sid,
    required_guid,
    to_group,
)
from sso_sync.sources.active_directory.strangers import Strangers
from sso_sync.sources.listing import ListedGroup, Listing

USERS = f"(sAMAccountType={NORMAL_USER})"
GROUPS = "(objectCategory=group)"


class Reading:
    """Reads what one controller has; everything raises SourceError or CredentialsError."""

    def __init__(self, controller: Controller, settings: ActiveDirectorySettings, selection: Selection) -> None:
        self._controller, self._settings, self._selection = controller, settings, selection
        self.user_base = settings.user_base or settings.base
        self.group_base = settings.group_base or settings.base
        self.warnings: list[str] = []
        self.domain = ""

    def begin(self) -> None:
        """Find the domain of the controller; one that is still being filled is not read."""
        entry = self._controller.entry("read the root", "", ["defaultNamingContext", "isSynchronized"])
        names = entry.names("defaultNamingContext") if entry else []
        if not entry or not names:
            raise ControllerError(
                f"{self._controller.host} is no domain controller of Active Directory: it names no domain.",
                passing=False,
            )
        if entry.text("isSynchronized").upper() == "FALSE":
            raise ControllerError(
                f"{self._controller.host} has not finished its first replication, so its listings are not complete."
            )
        self.domain = names[0].dn
        for base in (self.user_base, self.group_base):
            if not is_below(base, self.domain):
                raise SourceError(
                    f"'{base}' is not in the domain {self.domain} that {self._controller.host} serves; correct 'base', "
                    "'user_base' and 'group_base', or name servers of the right domain."
                )

    def groups(self) -> dict[str, Entry]:
        """List every group with its members, by objectGUID."""
        rows = self._controller.listing("list groups", self.group_base, GROUPS, GROUP_ATTRIBUTES)
        return self._by_guid(rows, "group")

    def accounts(self) -> dict[str, Account]:
        """List every user account, by objectGUID."""
        mapping = UserMapping(self._settings, self.domain, datetime.now(UTC))
        rows = self._controller.listing("list users", self.user_base, USERS, mapping.attributes)
        return {guid: mapping.account(entry) for guid, entry in self._by_guid(rows, "user").items()}

    def listing(self) -> Listing:
        """Read everything. Groups come first: whoever is in one by then is among the users that are listed later."""
        self.begin()
        entries = self.groups()
        accounts = self.accounts()
        groups = {guid: self._listed(entry) for guid, entry in entries.items()}
        start = [guid for guid, group in groups.items() if group.verdict.selected]
        self._check_unlisted(accounts, entries)
        sids = {object_sid(entry, "group"): guid for guid, entry in entries.items()}
        found = Membership(self._controller, accounts, entries, sids).walk(start)
        explained = Strangers(self._controller, self.domain, self.user_base, self.group_base).explain(found)
        self.warnings.extend(explained.warnings)
        self._check_hidden(accounts, found)
        return Listing(
            people={guid: account.person for guid, account in accounts.items()} | explained.people,
            groups=groups,
            direct=found.people,
            below=found.below,
            outside=explained.outside,
            foreign=explained.foreign,
        )

    def _listed(self, entry: Entry) -> ListedGroup:
        fields = group_fields(entry, self._settings.group_name)
        return ListedGroup(to_group(entry, self._settings.group_name), fields, self._selection.decide(fields))

    @staticmethod
    def _by_guid(rows: Iterable[Entry], what: str) -> dict[str, Entry]:
        guids = ((required_guid(entry, what), entry) for entry in rows)
        return {
            guid: Entry(ObjectName(entry.name.dn, guid, entry.name.sid), entry.values, entry.more, entry.first)
            for guid, entry in guids
        }

    def _check_unlisted(self, accounts: Mapping[str, Account], groups: Mapping[str, Entry]) -> None:
        """Raise CredentialsError if people are in groups that would be wanted and that no listing has."""
        claims = [account.groups for account in accounts.values()] + [row.names("memberOf") for row in groups.values()]
        claimed = {group.guid: group for names in claims for group in names}
        for guid in claimed.keys() - groups.keys():
            group = claimed[guid]
            is_here = is_in_domain(group.dn, self.domain) and is_below(group.dn, self.group_base)
            if is_here and self._may_be_wanted(group):
                if self._controller.entry("look at a group", f"<GUID={guid}>", ["objectGUID"]):
                    raise ControllerError(f"The group '{group.dn}' appeared while {self._controller.host} was read.")
                raise CredentialsError(
                    f"People are in the group '{group.dn}', which was not listed where it is, so the account may not "
                    "see it; grant it 'List contents' and 'Read all properties' there. Nothing was changed."
                )

    def _may_be_wanted(self, group: ObjectName) -> bool:
        """Tell by the name in its place, which is all that is known of a group that cannot be seen."""
        fields = {"name": [common_name(group.dn)]}
        return self._settings.group_name != "cn" or self._selection.decide(fields).selected

    def _check_hidden(self, accounts: Mapping[str, Account], found: Found) -> None:
        """Raise CredentialsError if nobody can tell of people who count whether they may still sign in."""
        everybody = self._settings.method == "users_groups"
        counting = accounts.keys() if everybody else set[str]().union(*found.people.values())
        hidden = [accounts[guid] for guid in sorted(counting) if accounts[guid].hidden]
        if hidden:
            raise CredentialsError(
                f"The account may not see the {hidden[0].hidden} of {counted(len(hidden), 'user')}, such as "
                f"'{hidden[0].name.dn}', so nobody can tell who is disabled; grant it 'Read Account Restrictions' on "
                "user objects there. Nothing was changed."
            )
