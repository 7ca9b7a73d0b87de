"""sso-admin: only what finds the identity store."""

import json
from typing import Any

from aiohttp import web

from sandbox.calls import Reply, Switchboard, send
from sandbox.identity_center.identity_store import CONTENT_TYPE, check_signature, render_error
from sandbox.identity_center.shapes import check_input
from sandbox.identity_center.store import not_found
from sandbox.refusal import Refusal

Json = dict[str, Any]


class SsoAdminApi:
    """Lists instances; each is a dict in the words of InstanceMetadata, with PermissionSetsEnabled."""

    def __init__(self, instances: list[Json], switchboard: Switchboard) -> None:
        self._instances, self._switchboard = instances, switchboard

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one HTTP request."""
        operation = request.headers.get("X-Amz-Target", "").partition("SWBExternalService.")[2]
        parameters = json.loads(await request.read() or b"{}")

        def answer() -> Reply:
            check_signature(request)
            if operation == "ListInstances":
                check_input("sso-admin", operation, parameters)
                hidden = {"PermissionSetsEnabled"}
                shown = [{k: v for k, v in i.items() if k not in hidden} for i in self._instances]
                return Reply(200, {"Instances": shown})
            if operation == "DescribeInstance":
                check_input("sso-admin", operation, parameters)
                for instance in self._instances:
                    if instance["InstanceArn"] == parameters["InstanceArn"]:
                        return Reply(200, instance)
                raise not_found("INSTANCE", parameters["InstanceArn"])
            raise Refusal("bad_request", f"Unknown operation {operation}")

        return await send(
            request,
            lambda: self._switchboard.call("sso_admin", operation or "unknown", render_error, answer),
            CONTENT_TYPE,
        )
