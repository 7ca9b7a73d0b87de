"""What somebody changed in Identity Center is put right and called drift; what the directory changed is not."""

from datetime import UTC, datetime

import msgspec

from sso_sync.core.change_keys import key_of
from sso_sync.core.changes import is_drift, name_of
from sso_sync.core.ledger import Entry, Ledger, Origin
from sso_sync.core.model import Directory
from sso_sync.core.plan import Plan
from sso_sync.core.planner import make_plan
from sso_sync.core.sightings import sight
from tests.support.memory import directory, group, user

NOW, LATER = datetime(2026, 11, 22, 12, tzinfo=UTC), datetime(2026, 11, 23, 12, tzinfo=UTC)
COMPANY = directory([user("ann"), user("bob")], {group("devs"): ["ann"]})
STORE = directory([user("ann", id="U1"), user("bob", id="U2")], {group("devs", id="G1"): ["U1"]})


def in_step() -> Ledger:
    """Return the ledger after a run that left nothing to do."""
    users = {"ann": Entry("U1", Origin.CREATED), "bob": Entry("U2", Origin.CREATED)}
    ledger = Ledger(store_id="d-1", users=users, groups={"id-devs": Entry("G1", Origin.CREATED)})
    assert sight(ledger, COMPANY, STORE, NOW)
    return ledger


def plan(desired: Directory, actual: Directory, ledger: Ledger | None = None) -> Plan:
    return make_plan(desired, actual, ledger or in_step())


def with_user(held: Directory, user_id: str, **changed: str) -> Directory:
    users = dict(held.users)
    users[user_id] = msgspec.structs.replace(users[user_id], **changed)
    return msgspec.structs.replace(held, users=users)


def test_an_attribute_that_was_changed_in_identity_center_is_drift() -> None:
    (update,) = plan(COMPANY, with_user(STORE, "U1", given_name="Anne")).changes
    assert (is_drift(update), update.reason) == (True, "changed in Identity Center, not by sso-sync")


def test_an_attribute_that_was_changed_in_the_directory_is_not() -> None:
    (update,) = plan(with_user(COMPANY, "ann", given_name="Anne"), STORE).changes
    assert (is_drift(update), update.reason) == (False, "differs from the directory")


def test_a_member_who_was_put_in_or_taken_out_by_hand_is_drift() -> None:
    swapped = msgspec.structs.replace(STORE, members={"G1": frozenset({"U2"})})
    taken, given = plan(COMPANY, swapped).changes
    assert (name_of(taken), is_drift(taken), taken.reason) == (
        "delete_membership",
        True,
        "added in Identity Center, not by sso-sync",
    )
    assert (name_of(given), is_drift(given), given.reason) == (
        "create_membership",
        True,
        "removed in Identity Center, not by sso-sync",
    )


def test_a_member_who_changed_in_the_directory_is_not() -> None:
    swapped = msgspec.structs.replace(COMPANY, members={"id-devs": frozenset({"bob"})})
    assert [is_drift(change) for change in plan(swapped, STORE).changes] == [False, False]


def test_an_object_that_was_deleted_by_hand_is_created_anew_and_that_is_drift() -> None:
    without = directory([user("bob", id="U2")], {group("devs", id="G1"): []})
    created, membership = plan(COMPANY, without).changes
    assert (name_of(created), is_drift(created)) == ("create_user", True)
    assert (name_of(membership), is_drift(membership)) == ("create_membership", False)


def test_a_run_notes_since_when_a_membership_is_known_and_the_day_somebody_was_seen() -> None:
    ledger = in_step()
    assert ledger.memberships == {"G1": {"U1": NOW}}
    assert ledger.users["ann"].seen == NOW.date()
    both = msgspec.structs.replace(COMPANY, members={"id-devs": frozenset({"ann", "bob"})})
    held = msgspec.structs.replace(STORE, members={"G1": frozenset({"U1", "U2"})})
    assert sight(ledger, both, held, LATER)
    assert ledger.memberships == {"G1": {"U1": NOW, "U2": LATER}}
    assert ledger.users["ann"].seen == LATER.date()


def test_a_second_run_of_the_day_that_changes_nothing_leaves_the_ledger_as_it_is() -> None:
    assert not sight(in_step(), COMPANY, STORE, NOW.replace(hour=18))


def test_a_leaver_is_noted_once_and_forgotten_on_coming_back() -> None:
    ledger = in_step()
    gone = directory([user("bob")], {group("devs"): []})
    assert sight(ledger, gone, STORE, LATER)
    assert (ledger.users["ann"].left, ledger.users["ann"].seen) == (LATER, NOW.date())
    assert not sight(ledger, gone, STORE, LATER.replace(hour=18))
    assert sight(ledger, COMPANY, STORE, LATER)
    assert ledger.users["ann"].left is None


def test_a_group_is_complete_only_with_all_its_members() -> None:
    ledger = Ledger(store_id="d-1", users={"ann": Entry("U1", Origin.CREATED)})
    ledger.groups["id-devs"] = Entry("G1", Origin.CREATED)
    sight(ledger, COMPANY, msgspec.structs.replace(STORE, members={"G1": frozenset()}), NOW)
    assert ledger.groups["id-devs"].synced == ""
    sight(ledger, COMPANY, STORE, NOW)
    assert ledger.groups["id-devs"].synced


def test_the_key_of_a_change_does_not_depend_on_its_reason_or_on_being_drift() -> None:
    drift = plan(COMPANY, with_user(STORE, "U1", given_name="Anne")).changes[0]
    ledger = in_step()
    ledger.users["ann"] = Entry("U1", Origin.CREATED)
    plain = plan(COMPANY, with_user(STORE, "U1", given_name="Anne"), ledger).changes[0]
    assert (is_drift(drift), is_drift(plain)) == (True, False)
    assert key_of(drift) == key_of(plain)
    other = plan(with_user(COMPANY, "ann", given_name="Anna"), STORE).changes[0]
    assert key_of(other) != key_of(drift)
