"""Which groups and people are wanted: patterns, evaluated here on complete listings.

A pattern is written

    aws-*               the name or the e-mail address matches the glob
    name:Admins*        the field matches the glob, ignoring case
    name=Admins         the field is exactly this, to the letter
    org_unit:/Sales     the unit itself or any below it; org_unit=/Sales is that unit only
    custom.Schema.field=yes
    *                   everything

Globs know ``*`` and ``?``; nothing else is special. E-mail addresses never differ by case.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache

from msgspec import Struct

from sso_sync.core.model import fold

GROUP_FIELDS = ("name", "email")
USER_FIELDS = ("name", "email", "org_unit")
CUSTOM_PREFIX = "custom."

# What a record offers to patterns: field name → its values (a custom field may have several).
Fields = Mapping[str, Sequence[str]]


class Pattern(Struct, frozen=True):
    """One parsed pattern; `field` is empty for "name or e-mail"."""

    field: str
    exact: bool
    value: str

    @classmethod
    def parse(cls, text: str, fields: Sequence[str], *, custom: bool = False) -> "Pattern":
        """Read a pattern over `fields`, and over `custom.…` fields where allowed.

        Raises ValueError with a sentence for people.
        """
        text = text.strip()
        if not text:
            raise ValueError("a pattern must not be empty; write * for everything")
        match = re.match(r"([A-Za-z_][\w. -]*)\s*([:=])(.*)", text, re.DOTALL)
        if not match:
            return cls("", exact=False, value=text)
        name, operator, value = match[1].strip(), match[2], match[3].strip()
        if name not in fields and not (custom and re.fullmatch(r"custom\.[^.]+\.[^.]+", name)):
            known = [*fields, "custom.SCHEMA.FIELD"] if custom else list(fields)
            raise ValueError(f"'{name}' is not a field to match on; use one of {', '.join(known)}")
        if not value:
            raise ValueError(f"'{text}' says nothing after '{operator}'")
        if name == "org_unit" and ("*" in value or not value.startswith("/")):
            raise ValueError(f"'{text}': an organisational unit is a path such as /Sales, without wildcards")
        return cls(name, exact=operator == "=", value=value)

    def matches(self, record: Fields) -> bool:
        """Tell whether any value of the field fits."""
        names = (self.field,) if self.field else GROUP_FIELDS
        return any(self._fits(name, value) for name in names for value in record.get(name, ()))

    def _fits(self, name: str, value: str) -> bool:
        if name == "org_unit" and not self.exact:
            unit = fold(self.value).rstrip("/")
            return fold(value) == (unit or "/") or fold(value).startswith(unit + "/")
        if self.exact:
            return fold(value) == fold(self.value) if name == "email" else value == self.value
        return bool(_glob(self.value).fullmatch(value.strip()))


@lru_cache(maxsize=1024)
def _glob(pattern: str) -> re.Pattern[str]:
    first, *rest = (
        "".join("." if char == "?" else re.escape(char) for char in part) for part in re.split(r"\*+", pattern)
    )
    # What stands between two stars is looked for once, so that no name makes a pattern of many stars slow.
    between = (f"(?>.*?{part})" for part in rest[:-1])
    last = (f".*{part}" for part in rest[-1:])
    return re.compile("".join((first, *between, *last)), re.IGNORECASE | re.DOTALL)


class Filter(Struct, frozen=True, dict=True):
    """One filter of the config: every one of its patterns must match. `text` is as the config has it."""

    text: str
    patterns: tuple[Pattern, ...]
    description: str = ""

    def matches(self, record: Fields) -> bool:
        """Tell whether the record fits all patterns."""
        return all(pattern.matches(record) for pattern in self.patterns)


class Verdict(Struct, frozen=True):
    """Whether a record is wanted, and the filter that decided: an include or an exclude, none if no include matched."""

    selected: bool
    by: Filter | None = None

    def why_not(self, of: str = "") -> str:
        """Say why the record is not wanted, to follow the word "is"; `of` tells filters apart, such as "for users"."""
        filters = f"filter {of}" if of else "filter"
        return f"excluded by the {filters} '{self.by.text}'" if self.by else f"matched by no include {filters}"


class Selection(Struct, frozen=True, dict=True):
    """Include and exclude filters: selected is what any include matches and no exclude does."""

    include: tuple[Filter, ...]
    exclude: tuple[Filter, ...] = ()

    def decide(self, record: Fields) -> Verdict:
        """Tell whether the record is wanted and which filter says so; of several that match, the first."""
        chosen = next((f for f in self.include if f.matches(record)), None)
        rejected = next((f for f in self.exclude if f.matches(record)), None) if chosen else None
        return Verdict(selected=chosen is not None and rejected is None, by=rejected or chosen)

    def selects(self, record: Fields) -> bool:
        """Tell whether the record is wanted."""
        return self.decide(record).selected

    def idle(self, records: Iterable[Fields]) -> list[Filter]:
        """Return the filters that match none of the records: a typing mistake, most often."""
        left = [*self.include, *self.exclude]
        for record in records:
            if not left:
                break
            left = [candidate for candidate in left if not candidate.matches(record)]
        return left

    @cached_property
    def custom_schemas(self) -> frozenset[str]:
        """Name the custom schemas that patterns look at."""
        return frozenset(
            pattern.field.split(".")[1]
            for chosen in (*self.include, *self.exclude)
            for pattern in chosen.patterns
            if pattern.field.startswith(CUSTOM_PREFIX)
        )
