"""From plain data to settings types, gathering every mistake instead of stopping at the first."""

import difflib
from collections.abc import Mapping
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import Struct

Config = TypeVar("Config", bound=Struct)
MISSING = object()


def convert_all(raw: object, into: type[Config], mistakes: list[str]) -> Config | None:
    """Convert plain data into `into`; mistakes are added as "path: what is wrong"."""
    result = _convert(raw, into, "", mistakes)
    return result if isinstance(result, into) else None


def _convert(raw: object, annotation: Any, path: str, mistakes: list[str]) -> object:
    plain = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    origin = get_origin(plain)
    if isinstance(plain, type) and issubclass(plain, Struct):
        return _convert_struct(raw, plain, path, mistakes)
    if origin in {Union, UnionType}:
        return _convert_union(raw, annotation, get_args(plain), path, mistakes)
    if origin is list and isinstance(raw, list):
        items = [_convert(item, get_args(plain)[0], f"{path}[{i}]", mistakes) for i, item in enumerate(raw)]
        _convert_leaf(raw, _with_constraints_of(annotation, list[Any]), path, mistakes)
        return items
    if origin is dict and isinstance(raw, Mapping):
        return _convert_dict(raw, get_args(plain), path, mistakes)
    return _convert_leaf(raw, annotation, path, mistakes)


def _convert_struct(raw: object, into: type[Struct], path: str, mistakes: list[str]) -> object:
    if not isinstance(raw, Mapping):
        mistakes.append(f"{path or 'the config'}: a mapping is expected here, not {_kind(raw)}")
        return MISSING
    fields = {field.encode_name: field for field in msgspec.structs.fields(into)}
    mistakes += [
        f"{_join(path, key)}: there is no such setting{did_you_mean(str(key), fields)}"
        for key in raw
        if key not in fields
    ]
    values: dict[str, object] = {}
    for key, field in fields.items():
        if key in raw:
            values[field.name] = _convert(raw[key], field.type, _join(path, key), mistakes)
        elif field.required:
            mistakes.append(f"{_join(path, key)}: this setting is required")
            values[field.name] = MISSING
    return MISSING if MISSING in values.values() else into(**values)


def _convert_union(raw: object, annotation: Any, options: tuple[Any, ...], path: str, mistakes: list[str]) -> object:
    if raw is None and NoneType in options:
        return None
    wanted = Struct if isinstance(raw, Mapping) else list if isinstance(raw, list) else None
    for option in options:
        plain = get_args(option)[0] if get_origin(option) is Annotated else option
        kind = plain if isinstance(plain, type) else get_origin(plain)
        if wanted and isinstance(kind, type) and issubclass(kind, wanted):
            return _convert(raw, option, path, mistakes)
    rest = [option for option in options if option is not NoneType and not _is_struct(option)]
    return _convert(raw, rest[0], path, mistakes) if rest else _convert_leaf(raw, annotation, path, mistakes)


def _convert_dict(raw: Mapping[Any, Any], of: tuple[Any, ...], path: str, mistakes: list[str]) -> object:
    names = get_args(of[0]) if get_origin(of[0]) is Literal else ()
    result: dict[object, object] = {}
    for key, value in raw.items():
        if names and key not in names:
            mistakes.append(f"{_join(path, key)}: there is no such name{did_you_mean(str(key), names)}")
        else:
            result[key] = _convert(value, of[1], _join(path, key), mistakes)
    return result


def _convert_leaf(raw: object, annotation: Any, path: str, mistakes: list[str]) -> object:
    try:
        return msgspec.convert(raw, annotation, strict=True)
    except msgspec.ValidationError as exc:
        said = str(exc).split(" - at ")[0]
        mistakes.append(f"{path}: {said[0].lower()}{said[1:]}")
        return MISSING


def _with_constraints_of(annotation: Any, plain: Any) -> Any:
    constraints = get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()
    return Annotated[(plain, *constraints)] if constraints else plain


def _is_struct(option: Any) -> bool:
    return isinstance(option, type) and issubclass(option, Struct)


def _kind(raw: object) -> str:
    names = {
        str: "text",
        int: "a number",
        float: "a number",
        bool: "true or false",
        list: "a list",
        NoneType: "nothing",
    }
    return names.get(type(raw), "that")


def _join(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)


def did_you_mean(word: str, known: Any) -> str:
    """Suggest the nearest known word, or list them all where none is near."""
    close = difflib.get_close_matches(word, list(known), 1, 0.6)
    return f"; did you mean '{close[0]}'?" if close else f"; known are {', '.join(sorted(known))}"
