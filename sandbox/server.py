"""All stand-ins of the sandbox as one web application."""

import secrets
from typing import Any

from aiohttp import web

from sandbox.calls import Switchboard
from sandbox.control import Control
from sandbox.directory import Company
from sandbox.faults import Faults
from sandbox.google.directory_api import DirectoryApi
from sandbox.google.token import TokenEndpoint
from sandbox.identity_center.identity_store import IdentityStoreApi
from sandbox.identity_center.scim import ScimApi
from sandbox.identity_center.sso_admin import SsoAdminApi
from sandbox.identity_center.store import Store
from sandbox.quotas import Quotas
from sandbox.teams.inbox import Inbox
from sandbox.teams.webhook import TeamsWebhook

Json = dict[str, Any]
MAX_BODY = 64 * 1024 * 1024  # a directory of a large company is put in one request


class Sandbox:
    """One company, one Identity Center instance, and every way to them."""

    def __init__(self, directory: Json, base_url: str, *, quota_scale: float, latency: float) -> None:
        self._directory = directory
        self._company = Company(directory)
        self.switchboard = Switchboard(Quotas(quota_scale), Faults(), latency)
        self.store = Store()
        self.scim_token = secrets.token_urlsafe(32)
        self.tenant = secrets.token_hex(8)
        self._base_url = base_url
        self.tokens = TokenEndpoint(f"{base_url}/google/token", self._company.admin, self.switchboard)
        self.teams = TeamsWebhook(base_url, self.switchboard)

    @property
    def admin(self) -> str:
        """Return the Google administrator."""
        return self._company.admin

    @property
    def scim_endpoint(self) -> str:
        """Return the URL of the SCIM endpoint."""
        return f"{self._base_url}/scim/{self.tenant}/scim/v2/"

    @property
    def teams_webhook(self) -> str:
        """Return the URL of the Teams webhook."""
        return self.teams.url

    def application(self) -> web.Application:
        """Build the application."""
        google = DirectoryApi(lambda: self._company, self.tokens, self.switchboard)
        scim = ScimApi(self.store, self.scim_token, self.switchboard)
        instances = [
            {
                "InstanceArn": "arn:aws:sso:::instance/ssoins-0123456789abcdef",
                "IdentityStoreId": self.store.store_id,
                "OwnerAccountId": "000000000000",
                "Name": "sandbox",
                "Status": "ACTIVE",
                "PermissionSetsEnabled": True,
            }
        ]
        application = web.Application(client_max_size=MAX_BODY)
        application.add_routes(
            Control(self.switchboard, self.replace_directory, lambda: self._directory, self.store).routes()
        )
        application.add_routes([*self.teams.routes(), *Inbox(self.teams).routes()])
        application.add_routes(
            [
                web.post("/google/token", self.tokens.handle),
                web.post("/google/batch", google.handle_batch),
                web.get("/google/admin/directory/v1/{path:.*}", google.handle),
                web.post("/identitystore", IdentityStoreApi(self.store, self.switchboard).handle),
                web.post("/identitystore/", IdentityStoreApi(self.store, self.switchboard).handle),
                web.post("/sso-admin", SsoAdminApi(instances, self.switchboard).handle),
                web.post("/sso-admin/", SsoAdminApi(instances, self.switchboard).handle),
                web.route("*", f"/scim/{self.tenant}/scim/v2/{{resource}}", scim.handle),
                web.route("*", f"/scim/{self.tenant}/scim/v2/{{resource}}/{{id}}", scim.handle),
            ]
        )
        return application

    def replace_directory(self, directory: Json) -> None:
        """Put another directory in place; the administrator stays who it was."""
        self._directory = directory
        self._company = Company(directory)
