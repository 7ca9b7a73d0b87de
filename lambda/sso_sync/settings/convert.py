"""From plain data to settings types, gathering every mistake instead of stopping at the first."""

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import Struct

from sso_sync.core.records import well_formed

Config = TypeVar("Config", bound=Struct)
MISSING = object()
Check = Callable[[Any, str, list[str]], None]
Checks = Mapping[type[Struct], Check]


def convert_all(raw: object, into: type[Config], checks: Checks, mistakes: list[str]) -> Config | None:
    """Convert plain data into `into`; mistakes are added as "path: what is wrong".

    `checks` holds what types alone cannot say: for a settings type, a function that adds the
    mistakes of one value of it. Each is called for every value that could be converted, wherever
    else there are mistakes.
    """
    result = _Converter(checks, mistakes).convert(raw, into, "")
    return result if isinstance(result, into) else None


class _Converter:
    """Converts one document; MISSING stands for what could not be converted."""

    def __init__(self, checks: Checks, mistakes: list[str]) -> None:
        self._checks, self._mistakes = checks, mistakes

    def convert(self, raw: object, annotation: Any, path: str) -> object:
        plain = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
        origin = get_origin(plain)
        if raw is None and (_is_struct(plain) or origin is dict):
            raw = {}  # a section in which everything is commented out
        if isinstance(plain, type) and issubclass(plain, Struct):
            return self._struct(raw, plain, path)
        if origin in {Union, UnionType}:
            return self._union(raw, annotation, get_args(plain), path)
        if origin is list and isinstance(raw, list):
            whole = self._leaf(raw, _with_constraints_of(annotation, list[Any]), path)
            items = [self.convert(item, get_args(plain)[0], f"{path}[{i}]") for i, item in enumerate(raw)]
            return MISSING if whole is MISSING or MISSING in items else items
        if origin is dict and isinstance(raw, Mapping):
            return self._dict(raw, get_args(plain), path)
        return self._leaf(raw, annotation, path)

    def _struct(self, raw: object, into: type[Struct], path: str) -> object:
        if not isinstance(raw, Mapping):
            self._mistakes.append(f"{path or 'the config'}: a mapping is expected here, not {_kind(raw)}")
            return MISSING
        fields = {field.encode_name: field for field in msgspec.structs.fields(into)}
        self._mistakes += [
            f"{_join(path, key)}: there is no such setting{did_you_mean(str(key), fields)}"
            for key in raw
            if key not in fields and key != into.__struct_config__.tag_field
        ]
        values: dict[str, object] = {}
        for key, field in fields.items():
            if key in raw:
                given = self._completed(raw[key], field)
                values[field.name] = self.convert(given, field.type, _join(path, key))
            elif field.required:
                self._mistakes.append(f"{_join(path, key)}: this setting is required")
                values[field.name] = MISSING
        if MISSING in values.values():
            return MISSING
        made = into(**values)
        if into in self._checks:
            self._checks[into](made, path, self._mistakes)
        return made

    def _completed(self, raw: object, field: msgspec.structs.FieldInfo) -> object:
        """Add to a section what its own default says, which may differ from that of its type."""
        default = field.default_factory() if field.default_factory is not msgspec.NODEFAULT else None
        if isinstance(default, Struct) and (raw is None or isinstance(raw, Mapping)):
            return {**msgspec.to_builtins(default), **(raw or {})}
        return raw

    def _union(self, raw: object, annotation: Any, options: tuple[Any, ...], path: str) -> object:
        if raw is None and NoneType in options:
            return None
        tagged = {s.__struct_config__.tag: s for s in options if _is_struct(s) and s.__struct_config__.tag is not None}
        if tagged:
            return self._tagged(raw, tagged, path)
        wanted = Struct if isinstance(raw, Mapping) else list if isinstance(raw, list) else None
        for option in options:
            plain = get_args(option)[0] if get_origin(option) is Annotated else option
            kind = plain if isinstance(plain, type) else get_origin(plain)
            if wanted and isinstance(kind, type) and issubclass(kind, wanted):
                return self.convert(raw, option, path)
        rest = [option for option in options if option is not NoneType and not _is_struct(option)]
        return self.convert(raw, rest[0], path) if rest else self._leaf(raw, annotation, path)

    def _tagged(self, raw: object, by_tag: Mapping[Any, Any], path: str) -> object:
        """Convert into the type that the data names itself."""
        if not isinstance(raw, Mapping):
            self._mistakes.append(f"{path}: a mapping is expected here, not {_kind(raw)}")
            return MISSING
        name = next(iter(by_tag.values())).__struct_config__.tag_field
        if name not in raw:
            self._mistakes.append(f"{_join(path, name)}: this setting is required; known are {', '.join(by_tag)}")
            return MISSING
        chosen = by_tag.get(raw[name]) if isinstance(raw[name], str) else None
        if chosen is None:
            said = which_of(str(raw[name]), list(by_tag))
            self._mistakes.append(f"{_join(path, name)}: {raw[name]!r} is none of {said}")
            return MISSING
        return self._struct(raw, chosen, path)

    def _dict(self, raw: Mapping[Any, Any], of: tuple[Any, ...], path: str) -> object:
        names = get_args(of[0]) if get_origin(of[0]) is Literal else ()
        result: dict[object, object] = {}
        for key, value in raw.items():
            if names and key not in names:
                self._mistakes.append(f"{_join(path, key)}: there is no such name{did_you_mean(str(key), names)}")
                result[key] = MISSING
            else:
                result[key] = self.convert(value, of[1], _join(path, key))
        return MISSING if MISSING in result.values() else result

    def _leaf(self, raw: object, annotation: Any, path: str) -> object:
        if isinstance(raw, str) and well_formed(raw) != raw:
            self._mistakes.append(f"{path}: it has half of a character (a lone surrogate)")
            return MISSING
        choices = _choices(annotation)
        if choices and type(raw) is type(choices[0]) and raw not in choices:
            self._mistakes.append(f"{path}: {raw!r} is none of {which_of(str(raw), list(map(str, choices)))}")
            return MISSING
        try:
            return msgspec.convert(raw, annotation, strict=True)
        except msgspec.ValidationError as exc:
            said = str(exc).split(" - at ")[0]
            self._mistakes.append(f"{path}: {said[0].lower()}{said[1:]}")
            return MISSING


def _with_constraints_of(annotation: Any, plain: Any) -> Any:
    constraints = get_args(annotation)[1:] if get_origin(annotation) is Annotated else ()
    return Annotated[(plain, *constraints)] if constraints else plain


def _is_struct(option: Any) -> bool:
    return isinstance(option, type) and issubclass(option, Struct)


def _choices(annotation: Any) -> tuple[Any, ...]:
    """List what alone may stand here; nothing where other values may, too."""
    plain = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    return get_args(plain) if get_origin(plain) is Literal else ()


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
    close = nearest(word, known)
    return f"; did you mean '{close}'?" if close else f"; known are {', '.join(sorted(known))}"


def which_of(word: str, choices: Sequence[str]) -> str:
    """Name all of a few choices, and the one that is nearest to a word that is none of them."""
    close = nearest(word, choices)
    return ", ".join(choices) + (f"; did you mean '{close}'?" if close else "")


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word that is nearest to a mistyped one, empty where none is near."""
    return next(iter(difflib.get_close_matches(word, list(known), 1, 0.6)), "")
