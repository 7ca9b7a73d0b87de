"""STS over the AWS Query protocol: GetWebIdentityToken is answered here, and every other operation by the local AWS.

`AWS_ENDPOINT_URL_STS` moves all of a client's calls of STS. The local AWS answers the others well, but signs tokens
with a key that nobody publishes.
"""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

import aiohttp
from aiohttp import web

from sandbox.calls import Reply, Switchboard, send
from sandbox.identity_center.shapes import check_input, service_model
from sandbox.identity_center.signature import signed_region
from sandbox.refusal import Refusal
from sandbox.sts.issuer import ALGORITHM, TokenIssuer
from sandbox.switches import Switches

SYSTEM, OPERATION, XML = "sts", "GetWebIdentityToken", "text/xml"
NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
DEFAULT_SECONDS = 300
# Status and code: the errors that all AWS services of this protocol share ("Common errors" of the STS API reference).
ERRORS = {
    "bad_request": (400, "ValidationError"),
    "unauthorized": (403, "InvalidClientTokenId"),
    "forbidden": (403, "AccessDenied"),
    "not_found": (404, "NoSuchEntity"),
    "conflict": (409, "ConcurrentModification"),
    "throttle": (400, "Throttling"),
    "error": (500, "InternalFailure"),
    "unavailable": (503, "ServiceUnavailable"),
}

# What other protocols call otherwise.
OWN_NAMES = {
    "InvalidSignatureException": "SignatureDoesNotMatch",
    "IncompleteSignatureException": "IncompleteSignature",
    "MissingAuthenticationTokenException": "MissingAuthenticationToken",
}


class StsApi:
    """Serves STS; `local_aws` is where everything else is answered, if there is such a place."""

    def __init__(self, issuer: TokenIssuer, switchboard: Switchboard, switches: Switches) -> None:
        self._issuer, self._switchboard, self._switches = issuer, switchboard, switches
        self.local_aws = ""

    def routes(self, path: str) -> list[web.RouteDef]:
        """Return the routes to add to an application."""
        return [web.post(path, self._handle), web.post(f"{path}/", self._handle)]

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        form = dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
        if form.get("Action") != OPERATION and self.local_aws:
            return await self._relay(request, body)

        def answer() -> Reply:
            region = signed_region(request, body, SYSTEM)
            if form.get("Action") != OPERATION:
                message = f"Could not find operation {form.get('Action', '')}: there is no local AWS to ask for it."
                raise Refusal("bad_request", message, code="InvalidAction")
            return self._token(_parameters(form), region)

        operation = OPERATION if form.get("Action") == OPERATION else "unknown"
        reply = await self._switchboard.call(SYSTEM, operation, render_error, answer)
        return await send(request, reply, XML)

    async def _relay(self, request: web.Request, body: bytes) -> web.Response:
        """Hand a call on to the local AWS as it is; it looks at who asks, not at signatures."""
        headers = {
            name: value for name, value in request.headers.items() if name.lower() not in {"host", "content-length"}
        }
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.local_aws, data=body, headers=headers) as answer,
        ):
            kind = answer.headers.get("Content-Type", XML)
            return web.Response(status=answer.status, body=await answer.read(), headers={"Content-Type": kind})

    def _token(self, parameters: Mapping[str, Any], region: str) -> Reply:
        check_input(SYSTEM, OPERATION, parameters)
        if parameters["SigningAlgorithm"] not in {"RS256", "ES384"}:
            message = "Value at 'signingAlgorithm' failed to satisfy constraint: Member must satisfy enum value set"
            raise Refusal("bad_request", f"1 validation error detected: {message}")
        if parameters["SigningAlgorithm"] != ALGORITHM:
            raise Refusal("bad_request", f"The sandbox does not stand in for {parameters['SigningAlgorithm']}.")
        if not self._switches.account_outbound_federation or not region:
            message = "Outbound web identity federation is not enabled for this account."
            raise Refusal("forbidden", message, code="OutboundWebIdentityFederationDisabledException")
        seconds = parameters.get("DurationSeconds", DEFAULT_SECONDS)
        token, ends = self._issuer.sign(parameters["Audience"], seconds)
        at = datetime.fromtimestamp(ends, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        result = f"<WebIdentityToken>{escape(token)}</WebIdentityToken><Expiration>{at}</Expiration>"
        return _xml(200, f"{OPERATION}Response", f"<{OPERATION}Result>{result}</{OPERATION}Result>{_metadata()}")


def _parameters(form: Mapping[str, str]) -> dict[str, Any]:
    """Read members of lists and numbers as the Query protocol writes them; raises a refusal for what is unknown."""
    parameters: dict[str, Any] = {}
    shape = service_model(SYSTEM).operation_model(OPERATION).input_shape
    known = shape.members if shape else {}
    for name, value in form.items():
        head, _, rest = name.partition(".")
        if head == "Audience" and rest.startswith("member."):
            parameters.setdefault("Audience", []).append(value)
        elif head == "DurationSeconds":
            parameters[head] = int(value) if value.isdecimal() else value
        elif head in known and not rest:
            parameters[head] = value
        elif name not in {"Action", "Version"}:
            raise Refusal("bad_request", f"The sandbox does not stand in for the parameter {name}.")
    return parameters


def render_error(refusal: Refusal) -> Reply:
    """Write an error as the Query protocol does."""
    status, code = ERRORS[refusal.kind]
    code = refusal.details.get("code", code)
    code = OWN_NAMES.get(code, code)
    sender = "Sender" if status < 500 else "Receiver"
    error = f"<Type>{sender}</Type><Code>{code}</Code><Message>{escape(refusal.message)}</Message>"
    return _xml(status, "ErrorResponse", f"<Error>{error}</Error><RequestId>{uuid.uuid4()}</RequestId>")


def _metadata() -> str:
    return f"<ResponseMetadata><RequestId>{uuid.uuid4()}</RequestId></ResponseMetadata>"


def _xml(status: int, name: str, inner: str) -> Reply:
    return Reply(status, None, raw=f'<{name} xmlns="{NAMESPACE}">{inner}</{name}>'.encode())
