"""Answers of AWS JSON services against botocore's service models."""

import json
from functools import cache

from botocore.model import ServiceModel, Shape
from botocore.parsers import create_parser
from botocore.session import get_session
from botocore.validate import ParamValidator

from sandbox.calls import Reply
from sandbox.identity_center.shapes import shape_problems

# What AWS's front door answers before a service sees the call; no service model has it.
FRONT_DOOR = {
    "IncompleteSignatureException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "SerializationException",
    "ServiceUnavailableException",
    "UnknownOperationException",
    "UnrecognizedClientException",
}
STATUS = {"InternalServerException": 500, "ServiceUnavailableException": 503}  # and 400 for all others
ALWAYS = {"ListUsers": {"Users"}, "ListGroups": {"Groups"}, "ListInstances": {"Instances"}}


@cache
def model(service: str) -> ServiceModel:
    """Load a service's model."""
    found: ServiceModel = get_session().get_service_model(service)
    return found


def problems(service: str, operation: str, reply: Reply) -> list[str]:
    """List what an answer has that its shape has not, and the other way round."""
    if operation not in model(service).operation_names:
        return []
    if reply.body is None:
        return ["an answer without a body"]
    if reply.status == 200:
        shape = model(service).operation_model(operation).output_shape
        lacking = ALWAYS.get(operation, set()) - reply.body.keys()
        return [f"{name} is missing" for name in lacking] + _against(shape, reply.body)
    return _error_problems(service, operation, reply)


def _against(shape: Shape | None, body: dict[str, object]) -> list[str]:
    if shape is None:
        return [f"{body} where there is nothing"] if body else []
    report = ParamValidator().validate(body, shape).generate_report()
    return [*report.splitlines(), *shape_problems(shape, body)]


def _error_problems(service: str, operation: str, reply: Reply) -> list[str]:
    assert reply.body is not None
    code = str(reply.body.get("__type"))
    status = STATUS.get(code, 400)
    wrong = [] if reply.status == status else [f"{code} with status {reply.status} instead of {status}"]
    if reply.headers.get("x-amzn-errortype") != code:
        wrong.append(f"{code} is not in the header x-amzn-errortype")
    if code in FRONT_DOOR:
        return wrong if reply.body.keys() == {"__type", "message"} else [*wrong, f"{code} with {sorted(reply.body)}"]
    shapes = {shape.name: shape for shape in model(service).operation_model(operation).error_shapes}
    if code not in shapes:
        return [f"{code} is no error of this operation"]
    body = {name: value for name, value in reply.body.items() if name != "__type"}
    if body.get("ResourceType") == "IDENTITY_STORE":
        # The service puts the id of a store here, which the pattern of ResourceId does not allow (awslabs/ssosync#221).
        del body["ResourceId"]
    # As a client would read it: botocore's own parser has to find the code and every member.
    response = {"body": json.dumps(reply.body).encode(), "headers": reply.headers, "status_code": reply.status}
    parser = create_parser("json")
    members = parser.parse(response, shapes[code])
    lost = [f"{name} is not read by botocore" for name in body if name not in members]
    output = model(service).operation_model(operation).output_shape
    read = parser.parse(response, output or shapes[code]).get("Error", {}).get("Code")
    return [*wrong, *_against(shapes[code], body), *lost, *([] if read == code else [f"botocore reads {read}"])]
