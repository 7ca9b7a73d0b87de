"""Entra's login: the OpenID configuration and the token endpoint of one tenant, for apps without a user."""

import secrets
from collections.abc import Collection, Sequence
from typing import Any

import jwt
from aiohttp import web

from sandbox.calls import Reply, Switchboard, send
from sandbox.clock import Clock
from sandbox.entra_id.assertions import Jwks, check_assertion
from sandbox.entra_id.errors import login_refusal, render_login_error
from sandbox.entra_id.registration import Registration
from sandbox.refusal import Refusal

Json = dict[str, Any]
SYSTEM = "entra_login"
LIFETIME = 3599  # seconds
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# Nobody but Graph reads its access tokens, so that how they are signed is nobody else's business.
ALGORITHM = "HS256"


class Login:
    """Gives access tokens for Graph to the app registration.

    Its documents name https addresses, as Entra's do, and msal takes no others; there is no TLS here, so that a
    client has to know that this machine is asked without it.
    """

    def __init__(
        self,
        url: str,
        graph_url: str,
        tenant: Collection[str],
        app: Registration,
        switchboard: Switchboard,
        clock: Clock,
        jwks: Jwks,
    ) -> None:
        self._url, self._graph_url, self._tenant, self.app = url, graph_url, list(tenant), app
        self._switchboard, self._clock, self._jwks = switchboard, clock, jwks
        self._secret = secrets.token_hex(32)

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Return the routes to add to an application."""
        return [
            web.get(f"{prefix}/{{tenant}}/v2.0/.well-known/openid-configuration", self._show_configuration),
            web.post(f"{prefix}/{{tenant}}/oauth2/v2.0/token", self._token),
        ]

    async def _show_configuration(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["tenant"]
        reply = await self._switchboard.call(
            SYSTEM, "openid-configuration", render_login_error, lambda: Reply(200, self._configuration(name))
        )
        return await send(request, reply, "application/json; charset=utf-8")

    async def _token(self, request: web.Request) -> web.StreamResponse:
        form = [(name, str(value)) for name, value in (await request.post()).items()]
        name = request.match_info["tenant"]
        reply = await self._switchboard.call(SYSTEM, "token", render_login_error, lambda: self._answer(name, form))
        return await send(request, reply, "application/json; charset=utf-8")

    def _configuration(self, name: str) -> Json:
        self._check_tenant(name)
        url = f"https://{self._url.partition('://')[2]}/{self._tenant[0]}"
        return {
            "token_endpoint": f"{url}/oauth2/v2.0/token",
            "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt", "client_secret_basic"],
            "jwks_uri": f"{url}/discovery/v2.0/keys",
            "issuer": f"{url}/v2.0",
            "authorization_endpoint": f"{url}/oauth2/v2.0/authorize",
            "device_authorization_endpoint": f"{url}/oauth2/v2.0/devicecode",
            "tenant_region_scope": "EU",
        }

    def _check_tenant(self, name: str) -> None:
        if name.casefold() not in map(str.casefold, self._tenant):
            message = f"Tenant '{name}' not found. Check to make sure you have the correct tenant ID."
            raise Refusal("bad_request", message, code=90002)

    def _answer(self, name: str, form: Sequence[tuple[str, str]]) -> Reply:
        self._check_tenant(name)
        values = dict(form)
        if len(values) < len(form):
            raise login_refusal("bad_request", 90100, "A parameter comes twice.")
        for needed in ("grant_type", "client_id", "scope"):
            if not values.get(needed):
                message = f"The request body must contain the following parameter: '{needed}'."
                raise login_refusal("bad_request", 900144, message)
        if values["grant_type"] != "client_credentials":
            raise Refusal("bad_request", "The grant is not supported.", code=70003, error="unsupported_grant_type")
        if values["scope"] != f"{self._graph_url}/.default":
            message = f"The provided value for scope {values['scope']} is not valid."
            raise Refusal("bad_request", message, code=1002012, error="invalid_scope")
        self._authenticate(values)
        token = self._issue()
        times = {"expires_in": LIFETIME, "ext_expires_in": LIFETIME}
        return Reply(200, {"token_type": "Bearer", **times, "access_token": token})

    def _authenticate(self, values: Json) -> None:
        if values["client_id"] != self.app.client_id:
            message = f"Application with identifier '{values['client_id']}' was not found in the directory."
            raise login_refusal("not_found", 700016, message)
        if self.app.disabled:
            message = f"Application '{self.app.client_id}' is disabled."
            raise login_refusal("forbidden", 7000112, message)
        if values.get("client_assertion"):
            if values.get("client_assertion_type") != ASSERTION_TYPE:
                raise login_refusal("unauthorized", 50027, "The client_assertion_type is not valid.")
            # The token endpoint, or the login itself ("aud" in the documentation of certificate credentials).
            own = self._configuration(self._tenant[0])
            check_assertion(values["client_assertion"], self.app, [own["token_endpoint"], own["issuer"]], self._jwks)
        elif values.get("client_secret"):
            self._check_secret(values["client_secret"])
        else:
            message = "'client_assertion', 'client_secret' or 'request' is required for this grant."
            raise login_refusal("unauthorized", 7000216, message)

    def _check_secret(self, text: str) -> None:
        found = next((secret for secret in self.app.secrets if secret.text == text), None)
        if found is None:
            message = (
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
            )
            raise login_refusal("unauthorized", 7000215, f"{message}value, not the client secret ID.")
        if found.ends.timestamp() < self._clock.now():
            message = f"The provided client secret keys for app '{self.app.client_id}' are expired."
            raise login_refusal("unauthorized", 7000222, message)

    def _issue(self) -> str:
        now = int(self._clock.now())
        claims = {
            "aud": self._graph_url,
            "iss": f"https://sts.windows.net/{self._tenant[0]}/",
            "iat": now,
            "exp": now + LIFETIME,
            "appid": self.app.client_id,
            "tid": self._tenant[0],
            **({"roles": sorted(self.app.roles)} if self.app.roles else {}),
        }
        return jwt.encode(claims, self._secret, algorithm=ALGORITHM)

    def roles_of(self, authorization: str) -> frozenset[str]:
        """Return what the bearer of a token may do; raises a refusal of Graph for a token that is none, or old."""
        scheme, _, token = authorization.partition(" ")
        if scheme.casefold() != "bearer" or not token.strip():
            raise Refusal("unauthorized", "Access token is empty.")
        try:
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                options={"verify_exp": False, "verify_aud": False, "verify_iat": False},
            )
        except jwt.PyJWTError as exc:
            raise Refusal("unauthorized", "CompactToken parsing failed with error code: 80049217") from exc
        if claims["exp"] < self._clock.now():
            raise Refusal("unauthorized", "Lifetime validation failed, the token is expired.")
        return frozenset(claims.get("roles", ()))
