"""From filter settings to the selection that sources evaluate."""

from collections.abc import Sequence

from sso_sync.core.selection import Filter, Pattern, Selection
from sso_sync.settings.directories.common import FilterItem, FilterSettings, SelectionSettings

NOTHING = Selection(())
EVERYTHING = Selection((Filter("*", (Pattern("", exact=False, value="*"),)),))


def build_selection(
    settings: SelectionSettings, fields: Sequence[str], *, custom: bool, path: str, mistakes: list[str]
) -> Selection:
    """Parse every pattern; mistakes are added as "path: what is wrong"."""

    def parse(items: Sequence[FilterItem], where: str) -> tuple[Filter, ...]:
        filters = []
        for number, item in enumerate(items):
            texts, (text, description) = _patterns(item), named(item)
            patterns = []
            for pattern in texts:
                try:
                    patterns.append(Pattern.parse(pattern, fields, custom=custom))
                except ValueError as exc:
                    mistakes.append(f"{path}.{where}[{number}]: {exc}")
            filters.append(Filter(text, tuple(patterns), description))
        return tuple(filters)

    return Selection(parse(settings.include, "include"), parse(settings.exclude, "exclude"))


def named(item: FilterItem) -> tuple[str, str]:
    """Return what a filter is called everywhere, and what it is for."""
    return " and ".join(_patterns(item)), item.description if isinstance(item, FilterSettings) else ""


def _patterns(item: FilterItem) -> list[str]:
    match = item.match if isinstance(item, FilterSettings) else item
    return match if isinstance(match, list) else [match]
