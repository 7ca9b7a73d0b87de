"""Query parameters of Graph: $select, $top and $skiptoken; whatever else would change an answer is refused.

Documented: the system query options ("Use query parameters to customize responses"), and what an unknown property
is answered. Open, and our choice: that parameters which are none are refused, and those that come twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from sandbox.refusal import Refusal

DEFAULT_PAGE, LARGEST_PAGE = 100, 999
NOT_HERE = ("$filter", "$count", "$expand", "$orderby", "$search", "$skip", "$format")


@dataclass(frozen=True)
class Query:
    """What is asked for: properties (none: the default ones), rows on a page, and where to go on."""

    select: tuple[str, ...]
    top: int
    token: str
    has_top: bool


def read_query(text: str, kind: str, known: Mapping[str, object], *, lists: bool) -> Query:
    """Read the query of a listing, or of a single object; raises a refusal."""
    values: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name in NOT_HERE:
            raise _bad(f"The sandbox does not stand in for {name}.")
        if name != "$select" and not (lists and name in {"$top", "$skiptoken"}):
            raise _bad(f"The query parameter '{name}' is not supported.")
        if name in values:
            raise _bad(f"Query option '{name}' was specified more than once, but it must be specified at most once.")
        values[name] = value
    select = tuple(values["$select"].split(",")) if "$select" in values else ()
    for name in select:
        if name not in known and name != "id":
            raise _bad(
                "Parsing OData Select and Expand failed: Could not find a property named "
                f"'{name}' on type 'microsoft.graph.{kind}'."
            )
    top = values.get("$top", str(DEFAULT_PAGE))
    if not (top.isascii() and top.isdigit()):
        raise _bad(f"Invalid value '{top}' for $top query option found. It requires a non-negative integer value.")
    if not 1 <= int(top) <= LARGEST_PAGE:
        raise Refusal("bad_request", f"Invalid page size specified: '{top}'. Must be between 1 and 999 inclusive.")
    return Query(select, int(top), values.get("$skiptoken", ""), "$top" in values)


def _bad(message: str) -> Refusal:
    return Refusal("bad_request", message, code="BadRequest")
