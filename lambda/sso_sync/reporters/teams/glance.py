"""A run in large numbers: what a card says before anybody reads it."""

from collections import Counter
from collections.abc import Iterable, Mapping

from sso_sync.core.outcomes import Result
from sso_sync.reporters.stories import Plot, Story

# What a number of stories comes to: of one and of more that happened, and of those that were to happen.
TITLES: Mapping[Plot, tuple[str, str, str]] = {
    Plot.LEFT: ("left", "left", "to leave"),
    Plot.JOINED: ("joined", "joined", "to join"),
    Plot.GROUPS_CHANGED: ("in other groups", "in other groups", "to be in other groups"),
    Plot.PERSON_CHANGED: ("person changed", "people changed", "people to change"),
    Plot.GROUP_DELETED: ("group deleted", "groups deleted", "groups to delete"),
    Plot.GROUP_CREATED: ("new group", "new groups", "groups to create"),
    Plot.GROUP_CHANGED: ("group changed", "groups changed", "groups to change"),
}
OF_GROUPS = (Plot.GROUP_DELETED, Plot.GROUP_CREATED, Plot.GROUP_CHANGED)


def at_a_glance(stories: Iterable[Story]) -> list[tuple[int, str]]:
    """Count what was made, or if nothing was, what was to be: (number, what), in the order for readers."""
    told = list(stories)
    result = Result.DONE if any(story.result is Result.DONE for story in told) else None
    counts = Counter(story.plot for story in told if story.result is result)
    if len(groups := [plot for plot in OF_GROUPS if counts[plot]]) > 1:  # one number is enough to look at
        counts[Plot.GROUP_CHANGED] = sum(counts.pop(plot) for plot in groups)
    return [(counts[plot], TITLES[plot][2 if result is None else counts[plot] > 1]) for plot in Plot if counts[plot]]
