"""The wire of AWS JSON 1.1: one operation for each X-Amz-Target, errors by name."""

import uuid
from collections.abc import Callable, Collection
from typing import Any

from aiohttp import web

from sandbox.calls import Reply, Switchboard, send
from sandbox.identity_center.shapes import check_input, service_model
from sandbox.identity_center.signature import signed_region
from sandbox.json_body import parse
from sandbox.refusal import Refusal

Json = dict[str, Any]
CONTENT_TYPE = "application/x-amz-json-1.1"
CODES = {
    "bad_request": (400, "ValidationException"),
    "conflict": (400, "ConflictException"),
    "not_found": (400, "ResourceNotFoundException"),
    "quota": (400, "ServiceQuotaExceededException"),
    "throttle": (400, "ThrottlingException"),
    "unauthorized": (400, "UnrecognizedClientException"),
    "forbidden": (400, "AccessDeniedException"),
    "error": (500, "InternalServerException"),
    "unavailable": (503, "ServiceUnavailableException"),
}
Answer = Callable[[str, Json, str], Json]  # operation, parameters, Region → answer


class AwsJsonApi:
    """Serves one AWS service; what an operation does is up to `answer`."""

    def __init__(
        self,
        service: str,
        system: str,
        switchboard: Switchboard,
        answer: Answer,
        changes: Callable[[str, Json], Collection[str]] = lambda _operation, _parameters: (),
    ) -> None:
        self._service, self._system, self._switchboard = service, system, switchboard
        self._answer, self._changes = answer, changes
        model = service_model(service)
        self._prefix, self._signing_name = f"{model.metadata['targetPrefix']}.", model.signing_name

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one HTTP request."""
        target = request.headers.get("X-Amz-Target", "")
        operation = target.removeprefix(self._prefix) if target.startswith(self._prefix) else ""
        if operation not in service_model(self._service).operation_names or request.content_type != CONTENT_TYPE:
            operation = "unknown"
        body = await request.read()
        parameters = _parsed(body)

        def answer() -> Reply:
            region = signed_region(request, body, self._signing_name)
            if operation == "unknown":
                raise Refusal("bad_request", "UnknownOperationException", code="UnknownOperationException")
            if parameters is None:
                raise Refusal("bad_request", "The request is not a JSON object", code="SerializationException")
            check_input(self._service, operation, parameters)
            return Reply(200, self._answer(operation, parameters, region))

        reply = await self._switchboard.call(
            self._system,
            operation,
            self._render_error,
            answer,
            changes=self._changes(operation, parameters or {}),
        )
        return await send(request, reply, CONTENT_TYPE)

    def _render_error(self, refusal: Refusal) -> Reply:
        """Write an error with the members that its shape has; errors of AWS's front door have no shape."""
        status, code = CODES[refusal.kind]
        code = refusal.details.get("code", code)
        known = {
            "Message": refusal.message,
            "RequestId": str(uuid.uuid4()),
            "RetryAfterSeconds": refusal.details.get("retry_after", 1),
            **refusal.details,
        }
        if refusal.kind == "conflict":
            known.setdefault("Reason", "CONCURRENT_MODIFICATION")
        shape = next((shape for shape in service_model(self._service).error_shapes if shape.name == code), None)
        names = shape.members if shape else ()  # type: ignore[attr-defined] # errors are structures
        members = {name: known[name] for name in names if name in known}
        body = {"__type": code, **(members or {"message": refusal.message})}
        return Reply(status, body, {"x-amzn-errortype": code})


def _parsed(body: bytes) -> Json | None:
    try:
        parsed = parse(body or b"{}")
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None
