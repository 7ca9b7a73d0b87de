"""Where moto is known to be wrong: what a row says, and all rows.

Sources that the rows name: "the model" is the service model that botocore ships, which the Identity Store API
reference is made from; "the user guide" and "the SCIM guide" are those of IAM Identity Center.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.contract.moto.book import Book
from tests.contract.moto.calls import Call, Json


@dataclass(frozen=True)
class Example:
    """After some calls, one that the two answer differently."""

    asked: Call
    moto: Json
    ours: Json
    after: tuple[Call, ...] = ()


@dataclass(frozen=True)
class Difference:
    """One row. A generated call to which it `applies` is compared in another way, and never left out.

    With `ours`, the sandbox alone is asked, and must answer that. With `instead`, moto is asked other calls, and its
    last answer must be the sandbox's. With neither, see `Comparison`.
    """

    sentence: str
    source: str
    examples: tuple[Example, ...]
    applies: Callable[[Call, Book], bool] = lambda _asked, _book: False
    ours: Callable[[Call, Book], Json] | None = None
    instead: Callable[[Call, Book], tuple[Call, ...]] | None = None
