"""From filter settings to the selection that sources evaluate."""

from collections.abc import Sequence

from sso_sync.core.selection import Filter, Pattern, Selection
from sso_sync.settings.directories import FilterItem, FilterSettings, SelectionSettings

EVERYTHING = Selection((Filter("*", (Pattern("", exact=False, value="*"),)),))


def build_selection(
    settings: SelectionSettings, fields: Sequence[str], *, custom: bool, path: str, mistakes: list[str]
) -> Selection:
    """Parse every pattern; mistakes are added as "path: what is wrong"."""

    def parse(items: Sequence[FilterItem], where: str) -> tuple[Filter, ...]:
        filters = []
        for number, item in enumerate(items):
            matches = item.match if isinstance(item, FilterSettings) else item
            texts = matches if isinstance(matches, list) else [matches]
            patterns = []
            for text in texts:
                try:
                    patterns.append(Pattern.parse(text, fields, custom=custom))
                except ValueError as exc:
                    mistakes.append(f"{path}.{where}[{number}]: {exc}")
            description = item.description if isinstance(item, FilterSettings) else ""
            filters.append(Filter(" and ".join(texts), tuple(patterns), description))
        return tuple(filters)

    return Selection(parse(settings.include, "include"), parse(settings.exclude, "exclude"))
