"""sso-admin: what finds the identity store, which accounts its users and groups have been given, and as what."""

from collections.abc import Sequence
from typing import Any

from sandbox.identity_center.assignments import assignments_of
from sandbox.identity_center.instances import Instances
from sandbox.identity_center.paging import Pages
from sandbox.identity_center.store import Store
from sandbox.refusal import Refusal

Json = dict[str, Any]
ONLY_DESCRIBED = {"PermissionSetsEnabled", "EncryptionConfigurationDetails"}
PAGE = 100


class SsoAdmin:
    """Answers for all instances of a company."""

    def __init__(self, instances: Instances, pages: Pages) -> None:
        self._instances, self._pages = instances, pages

    def answer(self, operation: str, parameters: Json, region: str) -> Json:
        """Answer one call."""
        match operation:
            case "ListInstances":
                found = self._instances.listed(region)
                shown = [{k: v for k, v in row.items() if k not in ONLY_DESCRIBED} for row in found]
                return self._page("Instances", shown, shown, parameters, operation)
            case "DescribeInstance":
                return self._instance(parameters, region)
            case "ListAccountAssignmentsForPrincipal":
                return self._assignments(parameters, region)
            case "DescribePermissionSet":
                return self._permission_set(parameters, region)
        raise Refusal("bad_request", f"The sandbox does not stand in for {operation}.")

    def _instance(self, parameters: Json, region: str) -> Json:
        for instance in self._instances.listed(region):
            if instance["InstanceArn"] == parameters["InstanceArn"]:
                return instance
        raise Refusal("forbidden", "You do not have sufficient access to perform this action.")

    def _organisation(self, parameters: Json, region: str) -> Store:
        """Return the store of the organisation's instance; raises a refusal if another one is meant."""
        if self._instance(parameters, region)["InstanceArn"] != self._instances.organisation_arn:
            raise Refusal("bad_request", "This operation is not valid for account instances.")
        return self._instances.organisation

    def _permission_set(self, parameters: Json, region: str) -> Json:
        found = self._organisation(parameters, region).permission_sets.get(parameters["PermissionSetArn"])
        if found is None:
            raise Refusal("not_found", "PermissionSet not found.")
        return {"PermissionSet": found}

    def _assignments(self, parameters: Json, region: str) -> Json:
        store = self._organisation(parameters, region)
        principal, kind = parameters["PrincipalId"], parameters["PrincipalType"]
        account = (parameters.get("Filter") or {}).get("AccountId")
        rows = assignments_of(store, principal, kind)
        wanted = [row for row in rows if account in {None, row["AccountId"]}]
        listing = f"ListAccountAssignmentsForPrincipal {kind} {principal} {account}"
        return self._page("AccountAssignments", wanted, store.assignments, parameters, listing)

    def _page(self, name: str, rows: Sequence[Json], of: Sequence[Json], parameters: Json, listing: str) -> Json:
        """Cut a page of rows, each of which has its number by its place among all there are."""
        size, token = parameters.get("MaxResults") or PAGE, parameters.get("NextToken") or ""
        page, following = self._pages.cut(rows, size, token, listing, lambda row: of.index(row) + 1)
        return {name: page} | ({"NextToken": following} if following else {})
