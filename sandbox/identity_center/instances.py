"""The instances of IAM Identity Center of one company, and the identity store of each."""

from typing import Any

from sandbox.clock import Clock
from sandbox.identity_center.store import Store, not_found
from sandbox.refusal import Refusal
from sandbox.switches import Switches

Json = dict[str, Any]
ACCOUNT = "000000000000"


class Instances:
    """The organisation's instance, and as many account instances as the switches want."""

    def __init__(self, switches: Switches, clock: Clock) -> None:
        self._switches, self._clock = switches, clock
        self._created = clock.now()
        self.organisation = Store(switches, clock)
        self._others: list[Store] = []

    def listed(self, region: str) -> list[Json]:
        """List the instances of a Region in the words of DescribeInstance."""
        switches = self._switches
        while len(self._others) < switches.account_instances:
            self._others.append(Store(switches, self._clock))
        if region not in {switches.region, *switches.additional_regions}:
            return []
        return [
            *(self._shown(store, "account", "ACTIVE") for store in self._others[: switches.account_instances]),
            self._shown(self.organisation, "organization", switches.instance_status),
        ]

    def store(self, store_id: str, region: str, *, writing: bool) -> Store:
        """Find a store by id or ARN; raises a refusal if it is not in this Region, or not to be written there."""
        wanted = store_id.removeprefix(f"arn:aws:identitystore::{ACCOUNT}:identitystore/")
        found = {instance["IdentityStoreId"] for instance in self.listed(region)}
        if wanted not in found:
            raise not_found("IDENTITY_STORE", wanted, f"IdentityStore not present for IdentityStoreId: {wanted}")
        if writing and region != self._switches.region:
            raise Refusal("forbidden", "This operation is only supported in the primary Region.")
        return next(store for store in (self.organisation, *self._others) if store.store_id == wanted)

    @property
    def organisation_arn(self) -> str:
        """Return the ARN of the organisation's instance."""
        return _arn(self.organisation)

    def empty(self) -> None:
        """Delete every user, group, membership and assignment."""
        for store in (self.organisation, *self._others):
            store.empty()

    def _shown(self, store: Store, kind: str, status: str) -> Json:
        regions = [self._switches.region, *self._switches.additional_regions]
        shown: Json = {
            "InstanceArn": _arn(store),
            "IdentityStoreId": store.store_id,
            "IdentityStoreArn": f"arn:aws:identitystore::{ACCOUNT}:identitystore/{store.store_id}",
            "OwnerAccountId": ACCOUNT,
            "Name": f"sandbox-{kind}",
            "CreatedDate": self._created,
            "Status": status,
            "PrimaryRegion": self._switches.region,
            "Regions": [{"RegionName": region, "Status": "ACTIVE"} for region in regions],
        }
        return shown | (
            {"PermissionSetsEnabled": kind == "organization"} if self._switches.permission_sets_shown else {}
        )


def _arn(store: Store) -> str:
    return f"arn:aws:sso:::instance/ssoins-{store.store_id.removeprefix('d-')}{store.store_id[-6:]}"
