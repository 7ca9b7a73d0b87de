"""Checks requests against AWS's own service model, as botocore ships it."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import botocore.loaders
import regex
from botocore.model import ListShape, MapShape, ServiceModel, Shape, StructureShape

from sandbox.refusal import Refusal

Json = dict[str, Any]


@cache
def service_model(service: str) -> ServiceModel:
    """Load the newest model of a service."""
    return ServiceModel(botocore.loaders.Loader().load_service_model(service, "service-2"), service)


def check_input(service: str, operation: str, parameters: Any) -> None:
    """Raise a refusal if the parameters break the operation's input shape."""
    shape = service_model(service).operation_model(operation).input_shape
    problems = list(_problems(shape, parameters, "")) if shape else []
    if problems:
        count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected"
        raise Refusal("bad_request", f"{count}: {'; '.join(problems)}")


def shape_problems(shape: Shape, value: Any) -> list[str]:
    """List where a value breaks its shape: members, lengths, characters, choices."""
    return list(_problems(shape, value, ""))


def fits(shape_name: str, value: str) -> bool:
    """Tell whether text fits a named shape of the Identity Store API: its length and its characters."""
    return not list(_problems(service_model("identitystore").shape_for(shape_name), value, ""))


def _problems(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if shape.metadata.get("document") or shape.type_name == "timestamp":
        return
    expected = {"structure": dict, "map": dict, "list": list, "string": str, "boolean": bool, "integer": int}
    wanted = expected.get(shape.type_name)
    if wanted and (not isinstance(value, wanted) or (wanted is int and isinstance(value, bool))):
        yield f"Value at '{path}' failed to satisfy constraint: Member must be a {shape.type_name}"
        return
    if isinstance(shape, StructureShape):
        yield from _structure_problems(shape, value, path)
    elif isinstance(shape, ListShape):
        yield from _size_problems(shape, len(value), path)
        for number, item in enumerate(value, 1):
            yield from _problems(shape.member, item, f"{path}.{number}")
    elif isinstance(shape, MapShape):
        yield from _size_problems(shape, len(value), path)
        for key, item in value.items():
            yield from _problems(shape.key, key, path)
            yield from _problems(shape.value, item, f"{path}.{key}")
    elif isinstance(value, str):
        yield from _size_problems(shape, len(value), path)
        yield from _text_problems(shape, value, path)
    elif isinstance(value, int) and not isinstance(value, bool):
        yield from _size_problems(shape, value, path)


def _structure_problems(shape: StructureShape, value: Json, path: str) -> Iterator[str]:
    if shape.is_tagged_union and len(value) != 1:
        yield f"Value at '{path}' failed to satisfy constraint: Member must have exactly one member"
    for name in shape.required_members:
        if value.get(name) is None:
            yield f"Value at '{_join(path, name)}' failed to satisfy constraint: Member must not be null"
    for name, item in value.items():
        if name not in shape.members:
            yield f"Value at '{_join(path, name)}' is not a known member"
        elif item is not None:
            yield from _problems(shape.members[name], item, _join(path, name))


def _size_problems(shape: Shape, size: int, path: str) -> Iterator[str]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and size < low:
        yield f"Value at '{path}' failed to satisfy constraint: Member must have a length or value of at least {low}"
    if high is not None and size > high:
        yield f"Value at '{path}' failed to satisfy constraint: Member must have a length or value of at most {high}"


def _text_problems(shape: Shape, value: str, path: str) -> Iterator[str]:
    pattern = shape.metadata.get("pattern")
    if pattern and not regex.fullmatch(pattern, value):
        yield f"Value at '{path}' failed to satisfy constraint: Member must satisfy regular expression pattern"
    choices = shape.metadata.get("enum")
    if choices and value not in choices:
        yield f"Value at '{path}' failed to satisfy constraint: Member must be one of {choices}"


def _join(path: str, name: str) -> str:
    lower = name[:1].lower() + name[1:]
    return f"{path}.{lower}" if path else lower
