"""The sandbox's stand-ins on a real port, in a thread of the test's own process."""

import asyncio
import json
import os
import socket
import threading
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Any

from aiohttp import web

from sandbox.identity_center.signature import ACCESS_KEY, SECRET_KEY
from sandbox.server import Sandbox
from tests.support.witnesses import Witnesses

Json = dict[str, Any]
CONFIG = """\
sources:
  - type: google_workspace
    admin: somebody@example.com
    credentials: env:SSO_SYNC_GOOGLE_CREDENTIALS
    groups: {include: ["*"]}
"""


WRITES = ("Create", "Update", "Delete", "Patch", "Put")


def writes_in(calls: Json) -> dict[str, int]:
    """Pick the calls that wrote to Identity Center, by operation, from `LiveSandbox.calls`."""
    made: Counter[str] = Counter(calls.get("scim", {})) + Counter(calls.get("identity_store", {}))
    return {operation: count for operation, count in made.items() if operation.startswith(WRITES)}


class LiveSandbox:
    """Serves one company and one identity store while the context lasts."""

    def __init__(self, company: Json, folder: Path, *, quota_scale: float = 1000.0, latency: float = 0.0) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.folder = folder
        self.sandbox = Sandbox(company, self.url, quota_scale=quota_scale, latency=latency)
        self.witnesses = Witnesses()
        self.sandbox.switchboard.witnesses.append(self.witnesses)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._runner = web.AppRunner(self.sandbox.application(), access_log=None, shutdown_timeout=1)

    def __enter__(self) -> "LiveSandbox":
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    async def _start(self) -> None:
        await self._runner.setup()
        await web.SockSite(self._runner, self._listener).start()

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
        assert not self.witnesses.complaints, "\n".join(self.witnesses.complaints)

    @property
    def key(self) -> str:
        """Return the service account's key as JSON text."""
        return json.dumps(self.sandbox.tokens.key_file())

    def environment(self, *, scim: bool, config: str = CONFIG) -> dict[str, str]:
        """Return the variables under which the program reaches this sandbox alone."""
        file = self.folder / "sso-sync.yaml"
        file.write_text(config, encoding="utf-8")
        variables = {
            "AWS_ENDPOINT_URL_IDENTITYSTORE": f"{self.url}/identitystore",
            "AWS_ENDPOINT_URL_SSO_ADMIN": f"{self.url}/sso-admin",
            "AWS_ENDPOINT_URL_IDENTITY_SYNC": f"{self.url}/identity-sync",
            "AWS_ENDPOINT_URL_DIRECTORY_SERVICE": f"{self.url}/directory-service",
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "SSO_SYNC_CONFIG": str(file),
            "SSO_SYNC_GOOGLE_CREDENTIALS": self.key,
            "SSO_SYNC_GOOGLE_ADMIN": self.sandbox.admin,
            "SSO_SYNC_GOOGLE_ROOT_URL": f"{self.url}/google/",
            "SSO_SYNC_OKTA_URL": self.sandbox.okta.url,
            "SSO_SYNC_OKTA_API_TOKEN": self.sandbox.okta.api_token,
            "SSO_SYNC_ENTRA_TENANT": self.sandbox.entra.tenant_id,
            "SSO_SYNC_ENTRA_CLIENT_ID": self.sandbox.entra.app.client_id,
            "SSO_SYNC_ENTRA_CLIENT_SECRET": self.sandbox.entra.app.secrets[0].text,
            "SSO_SYNC_ENTRA_GRAPH_URL": self.sandbox.entra.graph_url,
            "SSO_SYNC_ENTRA_LOGIN_URL": self.sandbox.entra.login_url,
            "SSO_SYNC_QUOTA_SCALE": "1000",
        }
        if scim:
            variables["SSO_SYNC_SCIM_ENDPOINT"] = self.sandbox.scim_endpoint
            variables["SSO_SYNC_SCIM_TOKEN"] = self.sandbox.scim_token
        return variables

    def fail(self, system: str, operation: str, kind: str, **more: object) -> None:
        """Ask for a fault."""
        self.sandbox.switchboard.faults.add({"system": system, "operation": operation, "kind": kind, **more})

    def switch(self, **wanted: object) -> None:
        """Set switches."""
        self.sandbox.switches.change(wanted)

    def calls(self) -> dict[str, dict[str, int]]:
        """Return the counts since they were last taken, and start anew."""
        counts = {system: dict(counter) for system, counter in self.sandbox.switchboard.counts.items()}
        self.sandbox.switchboard.counts.clear()
        return counts

    def replace(self, company: Json) -> None:
        """Put another directory in place."""
        self.sandbox.replace_directory(company)

    def emails_by_group(self) -> dict[str, set[str]]:
        """Show who is in which group of the identity store."""
        store = self.sandbox.store
        return {
            group["DisplayName"]: {
                store.users[m["MemberId"]["UserId"]]["UserName"] for m in store.memberships_of(group["GroupId"])
            }
            for group in store.groups.values()
        }
