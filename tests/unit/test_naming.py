"""Who may have which unique name: user names and addresses among users, names among groups."""

from collections.abc import Mapping

from sso_sync.core.model import User
from sso_sync.core.naming import Names, settle_names
from tests.support.memory import group, user

BOTH = frozenset({"user_name", "email"})
NOT_MANAGED = "belongs to another object in Identity Center, which is left as it is"


def settle(
    existing: Mapping[str, User],
    updates: Mapping[str, User] | None = None,
    creations: Mapping[str, User] | None = None,
    leavers: frozenset[str] = frozenset(),
) -> Names:
    return settle_names(existing, updates or {}, creations or {}, leavers)


def test_names_that_nobody_else_wants_are_simply_had() -> None:
    assert settle({"U1": user("ann")}, {"U1": user("anna")}, {"bob": user("bob")}) == Names()


def test_a_user_may_keep_its_own_name_or_change_its_case() -> None:
    renamed = user("ann", user_name="Ann@Example.com")
    assert settle({"U1": user("ann")}, {"U1": renamed}) == Names()


def test_a_name_that_differs_by_case_alone_is_the_same_name() -> None:
    names = settle({"U1": user("ann")}, creations={"s": user("s", user_name="ANN@example.com")})
    assert names.blocked_creations.keys() == {"s"}


def test_two_who_swap_names_both_go_aside_first() -> None:
    names = settle({"U1": user("ann"), "U2": user("bob")}, {"U1": user("bob"), "U2": user("ann")})
    assert names == Names({}, {}, {"U1": BOTH, "U2": BOTH})


def test_three_who_swap_names_in_a_circle_all_go_aside_first() -> None:
    existing = {"U1": user("ann"), "U2": user("bob"), "U3": user("cem")}
    names = settle(existing, {"U1": user("bob"), "U2": user("cem"), "U3": user("ann")})
    assert names.renamed_aside == {"U1": BOTH, "U2": BOTH, "U3": BOTH}
    assert not names.blocked_updates


def test_only_the_attribute_that_is_claimed_is_freed() -> None:
    newcomer = user("new", email="ann@example.com")
    names = settle({"U1": user("ann")}, creations={"new": newcomer}, leavers=frozenset({"U1"}))
    assert names.renamed_aside == {"U1": {"email"}}


def test_a_leaver_gives_up_a_re_used_address() -> None:
    names = settle({"U1": user("ann")}, creations={"ann-2": user("ann")}, leavers=frozenset({"U1"}))
    assert names == Names({}, {}, {"U1": BOTH})


def test_a_leaver_whom_nobody_follows_keeps_its_names() -> None:
    assert settle({"U1": user("ann")}, creations={"bob": user("bob")}, leavers=frozenset({"U1"})) == Names()


def test_a_user_who_changes_the_address_frees_the_old_one() -> None:
    names = settle({"U1": user("ann")}, {"U1": user("anna")}, {"ann-2": user("ann")})
    assert names == Names({}, {}, {"U1": BOTH})


def test_of_several_who_want_a_name_its_holder_keeps_it() -> None:
    existing = {"U1": user("ann"), "U2": user("bob")}
    names = settle(existing, {"U1": user("ann"), "U2": user("ann")}, {"cem": user("ann")})
    assert names.blocked_updates.keys() == {"U2"}
    assert names.blocked_creations.keys() == {"cem"}
    assert not names.renamed_aside
    assert "is wanted by 3 records of the directory" in names.blocked_updates["U2"]


def test_of_several_who_want_a_free_name_none_gets_it() -> None:
    names = settle({}, creations={"s1": user("ann"), "s2": user("ann"), "bob": user("bob")})
    assert names.blocked_creations.keys() == {"s1", "s2"}


def test_a_leavers_name_that_two_want_goes_to_neither() -> None:
    names = settle({"U1": user("ann")}, creations={"s1": user("ann"), "s2": user("ann")}, leavers=frozenset({"U1"}))
    assert names.blocked_creations.keys() == {"s1", "s2"}
    assert not names.renamed_aside


def test_an_object_that_is_not_managed_keeps_its_name() -> None:
    names = settle({"U1": user("ann"), "U2": user("bob")}, {"U2": user("ann")}, {"s1": user("ann")})
    assert names.blocked_updates.keys() == {"U2"}
    assert names.blocked_creations.keys() == {"s1"}
    assert all(NOT_MANAGED in why for why in (*names.blocked_updates.values(), *names.blocked_creations.values()))
    assert not names.renamed_aside


def test_one_who_is_refused_a_name_keeps_the_old_one_from_the_next() -> None:
    """bob cannot become ann, who is not managed; so cem cannot become bob, nor dot become cem."""
    existing = {"U1": user("ann"), "U2": user("bob"), "U3": user("cem")}
    names = settle(existing, {"U2": user("ann"), "U3": user("bob")}, {"dot": user("cem")})
    assert names.blocked_updates.keys() == {"U2", "U3"}
    assert names.blocked_creations.keys() == {"dot"}
    assert not names.renamed_aside


def test_one_who_is_refused_one_name_frees_none_of_the_old_ones() -> None:
    existing = {"U1": user("ann"), "U2": user("bob")}
    half_refused = user("cem", email="ann@example.com")
    names = settle(existing, {"U2": half_refused}, {"s1": user("s1", user_name="bob@example.com")})
    assert names.blocked_updates.keys() == {"U2"}
    assert names.blocked_creations.keys() == {"s1"}


def test_two_who_each_hold_what_the_other_wants_too_stay_as_they_are() -> None:
    existing = {"U1": user("a"), "U2": user("b")}
    both_want = {"user_name": "a@example.com", "email": "b@example.com"}
    names = settle(existing, {"U1": user("s1", **both_want), "U2": user("s2", **both_want)})
    assert names.blocked_updates.keys() == {"U1", "U2"}


def test_a_user_name_and_an_address_that_look_alike_do_not_clash() -> None:
    crossed = user("b", user_name="b@example.com", email="c@example.com")
    other = user("c", user_name="c@example.com", email="b@example.com")
    assert settle({}, creations={"b": crossed, "c": other}) == Names()


def test_groups_swap_their_names_like_users() -> None:
    names = settle_names(
        {"G1": group("devs"), "G2": group("ops")},
        {"G1": group("ops"), "G2": group("devs")},
        {},
        frozenset(),
    )
    assert names.renamed_aside == {"G1": {"display_name"}, "G2": {"display_name"}}


def test_of_two_groups_of_one_name_none_is_created() -> None:
    names = settle_names({}, {}, {"g1": group("devs"), "g2": group("Devs")}, frozenset())
    assert names.blocked_creations.keys() == {"g1", "g2"}
    assert names.blocked_creations["g1"] == "the group name 'devs' is wanted by 2 records of the directory"
