"""What the config says, for readers of the pages."""

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta

from msgspec import Struct

from sso_sync.core.limits import Limit, Limits
from sso_sync.settings import AdSyncSettings, GoogleWorkspaceSettings, IdentityCenterSettings, Settings, SourceSettings
from sso_sync.settings.directories.common import SelectionSettings
from sso_sync.settings.selection import named
from sso_sync.settings.types import LeavingSettings

UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
APPROVAL = {
    "never": "never: what breaks a limit is refused",
    "on_limit": "what breaks a limit waits for approval",
    "first": "what breaks a limit, and the first run, wait for approval",
    "always": "every change waits for approval",
}


class About(Struct, frozen=True, kw_only=True):
    """A config in people's words.

    `filters` are (text, description, "include" or "exclude", "groups" or "people"), `settings` are
    (title, value). `schedule` is as the config has it, such as "15 minutes", empty if there is none.
    """

    title: str
    schedule: str = ""
    time_zone: str = ""
    filters: tuple[tuple[str, str, str, str], ...] = ()
    settings: tuple[tuple[str, str], ...] = ()

    @property
    def interval(self) -> timedelta | None:
        """Return the time from run to run, if the schedule is a rate."""
        rate = re.fullmatch(r"(\d+) (minute|hour|day)s?", self.schedule)
        return int(rate[1]) * UNITS[rate[2]] if rate else None

    @property
    def schedule_in_words(self) -> str:
        """Say when runs start by themselves, nothing if they do not."""
        if self.schedule in {"", "off"}:
            return ""
        return f"every {self.schedule.removeprefix('1 ')}" if self.interval else f"by {self.schedule}, {self.time_zone}"


def about(settings: Settings, title: str, schedule: str, time_zone: str) -> About:
    """Put a config into words; where nothing is deployed there is no schedule."""
    return About(
        title=title,
        schedule=schedule,
        time_zone=time_zone,
        filters=tuple(filters for source in settings.sources for filters in _filters(source)),
        settings=tuple(_rows(settings)),
    )


def _filters(source: SourceSettings) -> Iterator[tuple[str, str, str, str]]:
    if isinstance(source, AdSyncSettings):
        for of, synced in (("groups", source.groups), ("people", source.users)):
            yield from ((one.name, one.description, "include", of) for one in synced)
        return
    if source.groups:
        yield from _selection(source.groups, "groups")
    if source.users:
        yield from _selection(source.users, "people")


def _selection(selection: SelectionSettings, of: str) -> Iterator[tuple[str, str, str, str]]:
    for use, items in (("include", selection.include), ("exclude", selection.exclude)):
        for item in items:
            yield *named(item), use, of


def _rows(settings: Settings) -> Iterator[tuple[str, str]]:
    for source in settings.sources:
        yield "Directory", f"{source.label}{_read_as(source)}"
    center = settings.identity_center
    if isinstance(settings.sources[0], AdSyncSettings):
        kept = "keeps being synced" if settings.leaving.groups == "keep" else "is no longer synced by AWS"
        yield "Written by", "sync filters: they name users and groups, and AWS alone knows who is in the groups"
        yield "What is not named any more", kept
    else:
        yield "Written by", "SCIM" if center.scim else "the Identity Store API"
        yield "People who leave", _leavers(settings.leaving, center)
        yield "Groups that are not wanted any more", "deleted" if settings.leaving.groups == "delete" else "kept"
    yield "Made by others", "kept" if settings.leaving.unmanaged == "keep" else "deleted if they match nobody"
    yield "Never touched", ", ".join(center.protected) or "nothing"
    yield "Limits of one run", "; ".join(_limits(settings.limits)) or "none"
    yield "Approval", APPROVAL[settings.approval]


def _read_as(source: SourceSettings) -> str:
    if isinstance(source, AdSyncSettings):
        return f", of which AWS syncs what the filters name ({source.domain})"
    who = "people in the selected groups" if source.method == "groups" else "people whom their own filters select"
    return f", read as {source.admin}: {who}" if isinstance(source, GoogleWorkspaceSettings) else f": {who}"


def _leavers(leaving: LeavingSettings, center: IdentityCenterSettings) -> str:
    match leaving.users or ("deactivate" if center.scim else "delete"):
        case "deactivate":
            return f"switched off at once, deleted after {leaving.delete_after_days} days"
        case "delete":
            return "deleted at once"
        case "keep":
            return "lose their groups and are kept"


def _limits(limits: Limits) -> Iterable[str]:
    for name in limits.__struct_fields__:
        limit = getattr(limits, name)
        if isinstance(limit, Limit):
            most = [f"{limit.percent} %"] if limit.percent is not None else []
            most += [str(limit.count)] if limit.count is not None else []
            if most:
                yield f"{name.replace('_', ' ')} {' or '.join(most)}"
