"""What groups give: read in turn, kept in a note, and left alone where it may not be read."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from sso_sync.core.errors import PermissionMissing, SsoSyncError, StateError, TargetError
from sso_sync.core.model import Assignment, Kind
from sso_sync.reporters.access import GroupAccess, Held
from sso_sync.reporters.access_note import NOTE, AccessNote
from tests.support.memory import MemoryNotes

STORE = "d-0123456789"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FIRST, SECOND = "111111111111", "222222222222"
ARN = "arn:aws:sso:::permissionSet/ssoins-0123456789abcdef/ps-"
ADMIN, READER = f"{ARN}admin0123456789a", f"{ARN}reader0123456789"


def denied(operation: str) -> PermissionMissing:
    return PermissionMissing(f"Cannot do it: the AWS role lacks the permission {operation}.", operation)


class Center:
    """Assignments of groups, as AWS would answer; `asked` are the calls."""

    def __init__(self) -> None:
        self.now = NOW
        self.notes = MemoryNotes()
        self.given: dict[str, tuple[Assignment, ...]] = {}
        self.names = {ADMIN: "Admin", READER: "ReadOnly"}
        self.accounts: Mapping[str, str] | SsoSyncError = {FIRST: "Production", SECOND: "Sandbox", "3": "Unused"}
        self.errors: dict[str, SsoSyncError] = {}  # by what is asked for
        self.asked: list[str] = []

    def as_far_as_possible(
        self, kind: Kind, aws_ids: Collection[str]
    ) -> tuple[Mapping[str, tuple[Assignment, ...]], SsoSyncError | None]:
        assert kind == "group"
        self.asked += aws_ids
        errors = [self.errors[group] for group in aws_ids if group in self.errors]
        return {g: self.given.get(g, ()) for g in aws_ids if g not in self.errors}, errors[0] if errors else None

    def permission_set(self, arn: str) -> str:
        self.asked.append(arn)
        if arn in self.errors:
            raise self.errors[arn]
        return self.names[arn]

    def account_names(self) -> Mapping[str, str]:
        self.asked.append("accounts")
        if isinstance(self.accounts, SsoSyncError):
            raise self.accounts
        return self.accounts

    def refresh(self, *groups: str, at_once: int | None = 100, store: str = STORE) -> GroupAccess:
        note = AccessNote(self.notes, lambda _: self, self.account_names, clock=lambda: self.now)
        return note.refresh(store, groups, at_once)

    def asked_since(self) -> list[str]:
        asked, self.asked = self.asked, []
        return asked


@pytest.fixture
def center() -> Center:
    made = Center()
    made.given = {"devs": (Assignment(FIRST, ADMIN), Assignment(SECOND, READER)), "ops": (Assignment(FIRST, READER),)}
    return made


def test_groups_give_accounts_and_permission_sets_by_their_names(center: Center) -> None:
    assert center.refresh("devs", "nothing") == GroupAccess(
        groups={"devs": Held(NOW, ((FIRST, "Admin"), (SECOND, "ReadOnly"))), "nothing": Held(NOW, ())},
        account_names={FIRST: "Production", SECOND: "Sandbox"},
    )


def test_what_is_known_is_asked_for_once_a_day(center: Center) -> None:
    first = center.refresh("devs")
    assert center.asked_since() == ["devs", ADMIN, READER, "accounts"]
    center.now += timedelta(hours=23)
    assert center.refresh("devs") == first
    assert center.asked_since() == []
    center.now += timedelta(hours=2)
    assert center.refresh("devs").groups["devs"].read == center.now
    assert center.asked_since() == ["devs", "accounts"], "nobody can rename a permission set"


def test_a_group_that_gave_nothing_is_asked_for_again_soon(center: Center) -> None:
    center.refresh("devs", "new")
    center.asked_since()
    center.now += timedelta(hours=3, minutes=59)
    center.refresh("devs", "new")
    assert center.asked_since() == []
    center.now += timedelta(minutes=1)
    center.refresh("devs", "new")
    assert center.asked_since() == ["new"]


def test_a_run_reads_a_part_first_what_it_never_read_and_then_what_is_oldest(center: Center) -> None:
    center.refresh("a")
    center.now += timedelta(hours=12)
    center.refresh("a", "b")
    center.now += timedelta(hours=24)
    center.asked_since()
    assert center.refresh("a", "b", "c", "d", at_once=3).groups.keys() == {"a", "b", "c", "d"}
    assert center.asked_since() == ["c", "d", "a"]
    center.refresh("a", "b", "c", "d", at_once=3)
    assert center.asked_since() == ["b"]


def test_somebody_who_asks_for_all_waits_for_all_and_with_none_nothing_is_asked(center: Center) -> None:
    groups = [f"g{number}" for number in range(300)]
    assert center.refresh(*groups, at_once=0) == GroupAccess()
    assert center.asked_since() == []
    assert len(center.refresh(*groups).groups) == 100
    assert len(center.refresh(*groups, at_once=None).groups) == 300
    assert sorted(center.asked_since()) == sorted(groups)


def test_groups_that_are_gone_leave_the_note_and_another_store_has_its_own(center: Center) -> None:
    center.refresh("devs", "ops")
    assert center.refresh("ops").groups.keys() == {"ops"}
    assert b"devs" not in center.notes.content[NOTE]
    assert center.refresh("ops", at_once=0, store="d-9999999999") == GroupAccess()


def test_without_the_permission_it_is_said_which_is_missing_and_nothing_is_asked_for_a_day(center: Center) -> None:
    center.errors["devs"] = denied("ListAccountAssignmentsForPrincipal")
    why = "The AWS role lacks the permission sso:ListAccountAssignmentsForPrincipal."
    assert center.refresh("devs") == GroupAccess(why_not=why)
    assert center.asked_since() == ["devs"]
    assert center.refresh("devs") == GroupAccess(why_not=why)
    assert center.asked_since() == []
    center.errors.clear()
    center.now += timedelta(hours=25)
    assert center.refresh("devs").why_not == ""
    assert center.refresh("devs").groups.keys() == {"devs"}


def test_a_person_who_asks_for_all_minds_no_refusal_of_the_function_s_and_leaves_it_none(center: Center) -> None:
    center.errors["devs"] = denied("ListInstances")
    assert center.refresh("devs", at_once=None).why_not == "The AWS role lacks the permission sso:ListInstances."
    center.errors.clear()
    assert center.refresh("devs").groups.keys() == {"devs"}, "the function may"
    center.errors["ops"] = denied("ListInstances")
    center.refresh("devs", "ops")
    center.errors.clear()
    assert center.refresh("devs", "ops", at_once=None).groups.keys() == {"devs", "ops"}, "the person may"


def test_what_is_known_is_shown_for_a_month_after_the_permission_is_gone(center: Center) -> None:
    center.refresh("devs")
    center.errors["devs"] = denied("ListAccountAssignmentsForPrincipal")
    center.now += timedelta(days=29)
    shown = center.refresh("devs")
    assert (shown.groups["devs"].read, shown.why_not) == (NOW, "")
    center.now += timedelta(days=2)
    assert center.refresh("devs").groups == {}
    assert center.refresh("devs").why_not


def test_one_group_that_cannot_be_read_keeps_what_was_known_and_holds_up_no_other(center: Center) -> None:
    center.refresh("devs")
    center.now += timedelta(days=2)
    center.errors["devs"] = TargetError("AWS is away.")
    shown = center.refresh("devs", "ops")
    assert (shown.groups["devs"].read, shown.groups["ops"].read, shown.why_not) == (NOW, center.now, "")
    center.asked_since()
    center.refresh("devs", "ops")
    assert center.asked_since() == ["devs"], "it is tried again by the next run"


def test_without_names_ids_are_shown(center: Center) -> None:
    center.errors = {ADMIN: denied("DescribePermissionSet")}
    center.accounts = denied("ListAccounts")
    shown = center.refresh("devs")
    assert shown.groups["devs"].assignments == ((FIRST, "ps-admin0123456789a"), (SECOND, "ps-reader0123456789"))
    assert (shown.account_names, shown.why_not) == ({}, "")
    center.asked_since()
    center.refresh("devs", "ops")
    assert center.asked_since() == ["ops"], "neither is asked again on the same day"


def test_names_of_permission_sets_are_read_a_part_at_a_time_too_and_ids_stand_in_until_then(center: Center) -> None:
    several = {f"{ARN}{number}": f"Set {number}" for number in range(7)}
    center.names |= several
    center.given = {"devs": tuple(Assignment(FIRST, arn) for arn in several), "ops": (Assignment(FIRST, ADMIN),)}
    shown = center.refresh("devs", "ops", at_once=3)
    assert center.asked_since() == ["devs", "ops", *list(several)[:3], "accounts"]
    names = [name for _, name in shown.groups["devs"].assignments]
    assert names == ["Set 0", "Set 1", "Set 2", "ps-3", "ps-4", "ps-5", "ps-6"]
    center.refresh("devs", "ops", at_once=3)
    shown = center.refresh("devs", "ops", at_once=3)
    assert [name for _, name in shown.groups["devs"].assignments] == list(several.values())
    assert len(center.asked_since()) == 5, "no name is asked for twice"
    center.refresh("devs", at_once=None, store="d-other")
    assert len(center.asked_since()) == 1 + 7 + 1, "whoever asks for all gets all"


def test_names_that_could_not_be_read_for_now_are_asked_for_by_the_next_run(center: Center) -> None:
    center.errors = {ADMIN: TargetError("AWS is away.")}
    center.accounts = TargetError("AWS is away.")
    assert center.refresh("devs").groups["devs"].assignments[1] == (SECOND, "ReadOnly")
    center.errors, center.accounts = {}, {FIRST: "one\nname"}
    shown = center.refresh("devs")
    assert (shown.groups["devs"].assignments[0], shown.account_names) == ((FIRST, "Admin"), {FIRST: "one name"})


def test_where_no_group_has_an_account_the_organisation_is_not_asked(center: Center) -> None:
    center.refresh("nothing")
    assert center.asked_since() == ["nothing"]


@pytest.mark.parametrize(
    "damage",
    [b"", b"[]", b"\xff", b"[" * 100_000, b'{"store_id": 5}', b'{"groups": {"devs": {"read": "2026-01-01T00:00:00"}}}'],
)
def test_a_damaged_note_is_begun_anew(center: Center, damage: bytes) -> None:
    sound = center.refresh("devs")
    center.notes.content[NOTE] = damage
    assert center.refresh("devs") == sound


def test_a_note_from_the_future_is_believed_for_no_longer_than_a_day(center: Center) -> None:
    center.now += timedelta(days=900)
    center.refresh("devs")
    center.now -= timedelta(days=900)
    center.asked_since()
    assert center.refresh("devs").groups["devs"].read == NOW
    assert center.asked_since() == ["devs", "accounts"]


def test_a_state_that_fails_costs_the_memory_and_not_the_answer(center: Center) -> None:
    center.notes.error = StateError("S3 is away.")
    assert center.refresh("devs").groups.keys() == {"devs"}
