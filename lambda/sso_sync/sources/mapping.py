"""From a directory's own records to values: text, and what JMESPath expressions of the config make of a record."""

from collections.abc import Mapping
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from sso_sync.core.model import AttributeName
from sso_sync.core.records import well_formed

Row = dict[str, Any]


class Expressions:
    """The expressions of one config over the records of people."""

    def __init__(self, user_name: str, attributes: Mapping[AttributeName, str]) -> None:
        self._user_name = jmespath.compile(user_name)
        self._attributes = {name: jmespath.compile(path) for name, path in attributes.items()}

    @property
    def fields(self) -> frozenset[str]:
        """Name every field that an expression looks at, at whatever depth."""
        parsed = [expression.parsed for expression in (self._user_name, *self._attributes.values())]
        return frozenset(name for one in parsed for name in _field_names(one))

    def user_name(self, row: Row) -> str:
        """Return the user name of a record, empty if there is none."""
        return _search(self._user_name, row) or ""

    def attributes(self, row: Row) -> dict[str, str]:
        """Return the optional attributes of a record; one that cannot be evaluated on it is not managed."""
        found = {name: _search(path, row) for name, path in self._attributes.items()}
        return {name: value for name, value in found.items() if value is not None}


def text_of(value: Any) -> str:
    """Return text for a scalar, nothing for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return well_formed(str(value)).strip() if isinstance(value, str | int | float) else ""


def object_of(value: Any) -> Mapping[str, Any]:
    """Return an object as it is, and nothing for anything else: one bad record is not a bad read."""
    return value if isinstance(value, dict) else {}


def _search(path: Any, row: Row) -> str | None:
    """Evaluate a JMESPath; None if it cannot be evaluated on this record, which then costs only that value."""
    try:
        return text_of(path.search(row))
    except (JMESPathError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return None  # JMESPath's functions let Python's own errors out, such as that of a slice whose step is 0


def _field_names(parsed: Mapping[str, Any]) -> set[str]:
    names = {parsed["value"]} if parsed.get("type") == "field" else set()
    return names.union(*(_field_names(child) for child in parsed.get("children", [])))
