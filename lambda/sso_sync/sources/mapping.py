"""From a directory's own records to values: text, and the user that the config makes of a record."""

from collections.abc import Mapping
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from sso_sync.core.model import User
from sso_sync.core.records import printable, well_formed
from sso_sync.settings import PeopleSettings

Row = dict[str, Any]


class PeopleMapping:
    """Makes users of a directory's own records, as the config maps them."""

    def __init__(self, settings: PeopleSettings) -> None:
        self._missing_name = settings.missing_name
        self._user_name = jmespath.compile(settings.user_name)
        self._attributes = {name: jmespath.compile(path) for name, path in settings.attributes.items()}

    @property
    def fields(self) -> frozenset[str]:
        """Name every field that an expression looks at, at whatever depth."""
        parsed = [expression.parsed for expression in (self._user_name, *self._attributes.values())]
        return frozenset(name for one in parsed for name in _field_names(one))

    def user(
        self,
        row: Row,
        user_id: str,
        *,
        given: object,
        family: object,
        shown: object,
        email: str,
        otherwise: str,
        active: bool,
    ) -> User:
        """Make a user of a record.

        A missing given or family name is replaced by `missing_name`; a missing display name by the names
        there are, else by what there is `otherwise`. An optional attribute that cannot be evaluated on the
        record is not managed.
        """
        first, last = printable(text_of(given)), printable(text_of(family))
        found = {name: _search(path, row) for name, path in self._attributes.items()}
        return User(
            id=user_id,
            external_id=user_id,
            user_name=_search(self._user_name, row) or "",
            given_name=first or self._missing_name,
            family_name=last or self._missing_name,
            display_name=printable(text_of(shown)) or f"{first} {last}".strip() or otherwise,
            email=email,
            active=active,
            attributes={name: value for name, value in found.items() if value is not None},
        )


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
