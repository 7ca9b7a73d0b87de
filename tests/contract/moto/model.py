"""What AWS's service model, which botocore ships, says of a call: botocore's own check, and what that leaves out."""

from collections.abc import Iterator
from typing import Any

import regex
from botocore.model import ServiceModel, Shape
from botocore.session import get_session
from botocore.validate import ParamValidator

from tests.contract.moto.calls import Call, replaced
from tests.contract.moto.pair import named

MODEL: ServiceModel = get_session().get_service_model("identitystore")


def model_problems(call: Call) -> list[str]:
    """List where a call breaks the model."""
    shape = MODEL.operation_model(call.operation).input_shape
    assert shape
    parameters = replaced(call.parameters, named)
    report = ParamValidator().validate(parameters, shape).generate_report()
    return [*report.splitlines(), *_too_long_or_unmatched(shape, parameters)]


def _too_long_or_unmatched(shape: Any, value: Any) -> Iterator[str]:
    """Check what botocore leaves to the service: the most of anything, and patterns."""
    most, pattern = shape.metadata.get("max"), shape.metadata.get("pattern")
    size = value if isinstance(value, int) else len(value) if isinstance(value, str | list | dict) else 0
    if most is not None and size > most:
        yield f"{shape.name} is more than {most}"
    if pattern and isinstance(value, str) and not regex.fullmatch(pattern, value):
        yield f"{shape.name} does not match"
    for part, item in _parts(shape, value):
        yield from _too_long_or_unmatched(part, item)


def _parts(shape: Any, value: Any) -> Iterator[tuple[Shape, Any]]:
    match shape.type_name, value:
        case "structure", dict():
            yield from ((shape.members[name], item) for name, item in value.items() if name in shape.members)
        case "map", dict():
            yield from ((shape.key, name) for name in value)
        case "list", list():
            yield from ((shape.member, item) for item in value)
