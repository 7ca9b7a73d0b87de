"""sso-admin: only what finds the identity store."""

from typing import Any

from sandbox.identity_center.instances import Instances
from sandbox.identity_center.paging import Pages
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
        found = self._instances.listed(region)
        match operation:
            case "ListInstances":
                rows, token = self._pages.cut(
                    found,
                    parameters.get("MaxResults", PAGE),
                    parameters.get("NextToken", ""),
                    operation,
                    lambda instance: found.index(instance) + 1,
                )
                shown = [{k: v for k, v in row.items() if k not in ONLY_DESCRIBED} for row in rows]
                return {"Instances": shown} | ({"NextToken": token} if token else {})
            case "DescribeInstance":
                for instance in found:
                    if instance["InstanceArn"] == parameters["InstanceArn"]:
                        return instance
                raise Refusal("forbidden", "You do not have sufficient access to perform this action.")
        raise Refusal("bad_request", f"The sandbox does not stand in for {operation}.")
