"""All stand-ins of the sandbox as one web application."""

import secrets
from typing import Any

from aiohttp import web

from sandbox.calls import Switchboard
from sandbox.clock import Clock
from sandbox.company import Company
from sandbox.control import Control
from sandbox.entra_id.registration import FederatedCredential
from sandbox.entra_id.tenant import EntraTenant
from sandbox.faults import Faults
from sandbox.google.directory_api import DirectoryApi
from sandbox.google.iam_credentials import IamCredentials
from sandbox.google.project import Project
from sandbox.google.security_token_service import SecurityTokenService
from sandbox.google.token import TokenEndpoint
from sandbox.identity_center.aws_json import AwsJsonApi
from sandbox.identity_center.identity_store import IdentityStore
from sandbox.identity_center.instances import ACCOUNT, Instances
from sandbox.identity_center.paging import Pages
from sandbox.identity_center.scim import ScimApi
from sandbox.identity_center.sso_admin import SsoAdmin
from sandbox.identity_center.store import Store
from sandbox.identity_sync.api import IdentitySyncApi
from sandbox.identity_sync.directory_service import DirectoryService
from sandbox.identity_sync.profile import SyncProfile
from sandbox.okta.management_api import Okta
from sandbox.quotas import Quotas
from sandbox.sts.issuer import TokenIssuer
from sandbox.sts.service import StsApi
from sandbox.switches import Switches
from sandbox.teams.inbox import Inbox
from sandbox.teams.webhook import TeamsWebhook

Json = dict[str, Any]
MAX_BODY = 64 * 1024 * 1024  # a directory of a large company is put in one request


class Sandbox:
    """One company, its Identity Center, and every way to them."""

    def __init__(
        self,
        directory: Json,
        base_url: str,
        *,
        quota_scale: float = 1.0,
        latency: float = 0.0,
        switches: Switches | None = None,
    ) -> None:
        self._directory = directory
        self._company = Company(directory)
        self._base_url = base_url
        self.switches, self.clock = switches or Switches(), Clock()
        quotas, faults = Quotas(quota_scale, self.clock.now), Faults(self.clock.now)
        self.switchboard = Switchboard(quotas, faults, latency)
        self.instances = Instances(self.switches, self.clock)
        self.sync_profile = SyncProfile(lambda: self._directory, self.store, self.switches, self.clock)
        self.scim_token = secrets.token_urlsafe(32)
        self.tenant = secrets.token_hex(8)
        self.google_project = Project()
        self.tokens = TokenEndpoint(
            f"{base_url}/google/token", self._company.admin, self.switchboard, self.clock, self.google_project
        )
        self.okta = Okta(lambda: self._directory, base_url, self.switchboard, self.switches, self.clock)
        self.issuer = TokenIssuer(f"{base_url}/sts-issuer", ACCOUNT)
        self.sts = StsApi(self.issuer, self.switchboard, self.switches)
        self.entra = EntraTenant(
            base_url,
            lambda: self._directory,
            self._company.domains[0],
            self.switchboard,
            self.switches,
            self.clock,
            self.issuer.jwks,
            FederatedCredential(self.issuer.url, self.issuer.subject),
        )
        self.teams = TeamsWebhook(base_url, self.switchboard)

    @property
    def store(self) -> Store:
        """Return the identity store of the organisation."""
        return self.instances.organisation

    @property
    def admin(self) -> str:
        """Return the Google administrator."""
        return self._company.admin

    @property
    def directory(self) -> Json:
        """Return the company's directory."""
        return self._directory

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
        application = web.Application(client_max_size=MAX_BODY)
        application.add_routes(Control(self).routes())
        application.add_routes([*self.teams.routes(), *Inbox(self.teams).routes()])
        application.add_routes([*self.entra.routes(), *self.sts.routes("/sts"), *self.issuer.routes("/sts-issuer")])
        application.add_routes([*self._google(), *self.okta.routes(), *self._identity_center()])
        return application

    def _google(self) -> list[web.RouteDef]:
        directory = DirectoryApi(lambda: self._company, self.tokens, self.switchboard, self.switches, self.clock)
        federated = SecurityTokenService(self.switchboard, self.switches, self.clock)
        iam = IamCredentials(self.google_project, federated, self.switchboard, self.switches)
        return [
            web.post("/google/token", self.tokens.handle),
            web.post("/google/oauth2.googleapis.com/token", self.tokens.handle),
            web.post("/google/sts.googleapis.com/v1/token", federated.handle),
            web.post("/google/iamcredentials.googleapis.com/v1/{path:.*}", iam.handle),
            web.post("/google/batch", directory.handle_batch),
            web.route("*", "/google/admin/directory/v1/{path:.*}", directory.handle),
        ]

    def _identity_center(self) -> list[web.RouteDef]:
        pages = Pages(self.switches, self.clock)
        identity_store = IdentityStore(self.instances, pages, self.switches)
        sso_admin = SsoAdmin(self.instances, pages)
        directories = DirectoryService(self.sync_profile, self.switches)
        apis = {
            "identitystore": AwsJsonApi(
                "identitystore", "identity_store", self.switchboard, identity_store.answer, identity_store.changes
            ),
            "sso-admin": AwsJsonApi("sso-admin", "sso_admin", self.switchboard, sso_admin.answer),
            "directory-service": AwsJsonApi("ds", "directory_service", self.switchboard, directories.answer),
        }
        identity_sync = IdentitySyncApi(self.sync_profile, self.switchboard, pages, self.switches)
        scim = ScimApi(self.store, self.scim_token, self.switchboard, pages)
        return [
            *(web.post(f"/{name}{end}", api.handle) for name, api in apis.items() for end in ("", "/")),
            *scim.routes(self.tenant),
            web.route("*", "/identity-sync/{path:.*}", identity_sync.handle),
        ]

    def replace_directory(self, directory: Json) -> None:
        """Put another directory in place; the administrator stays who it was."""
        self._directory = directory
        self._company = Company(directory)
