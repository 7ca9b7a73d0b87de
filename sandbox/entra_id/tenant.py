"""One tenant of Microsoft Entra ID: its login, its Graph, and the app registration that may read it."""

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from sandbox.calls import Switchboard
from sandbox.clock import Clock
from sandbox.entra_id.assertions import Jwks
from sandbox.entra_id.company import APPLICATION_ID, EntraCompany, guid
from sandbox.entra_id.graph import GraphApi
from sandbox.entra_id.login import Login
from sandbox.entra_id.registration import FederatedCredential, Registration
from sandbox.switches import Switches

PREFIX = "/entra"


class EntraTenant:
    """Serves one company below `/entra`; `app` may be changed."""

    def __init__(
        self,
        base_url: str,
        data: Callable[[], Mapping[str, Any]],
        domain: str,
        switchboard: Switchboard,
        switches: Switches,
        clock: Clock,
        jwks: Jwks,
        trusted: FederatedCredential,
    ) -> None:
        self.graph_url, self.login_url = f"{base_url}{PREFIX}/graph", f"{base_url}{PREFIX}/login"
        self.tenant_id, self.application_id = guid("the tenant"), APPLICATION_ID
        self.app = Registration()
        self.app.federated.append(trusted)
        self._data = data
        names = (self.tenant_id, domain)
        self._login = Login(self.login_url, self.graph_url, names, self.app, switchboard, clock, jwks)
        self._graph = GraphApi(self.graph_url, f"{PREFIX}/graph", self._company, self._login, switchboard, switches)
        self._shown: tuple[Mapping[str, Any], EntraCompany] | None = None

    def routes(self) -> list[web.RouteDef]:
        """Return the routes to add to an application."""
        return [*self._login.routes(f"{PREFIX}/login"), *self._graph.routes()]

    def _company(self) -> EntraCompany:
        """Return the company as it is now; one that stays the same is looked at once."""
        data = self._data()
        if self._shown is None or self._shown[0] is not data:
            self._shown = (data, EntraCompany(data))
        return self._shown[1]
