"""Memberships, deletions and pages as moto has them."""

from tests.contract.moto.book import Book, listing, number_of
from tests.contract.moto.calls import (
    CHANGED,
    GROUP,
    INVALID,
    MEMBERSHIP,
    NEW_MEMBERSHIP,
    NO_GROUP,
    NO_MEMBERSHIP,
    NO_USER,
    ONE_OF_EACH,
    SHOWN_MEMBERSHIP,
    TAKEN,
    USER,
    Call,
    Json,
    Ref,
    answer,
    call,
    made,
    new_group,
    not_found,
    refused,
    shown_group,
)
from tests.contract.moto.differences import Difference, Example
from tests.contract.moto.differences_of_attributes import as_shown

DELETED = {"DeleteUser": "User", "DeleteGroup": "Group", "DeleteGroupMembership": "Membership"}

# Memberships.


def is_a_member_already(asked: Call, book: Book) -> bool:
    if asked.operation != "CreateGroupMembership":
        return False
    group, user = (book.memberships_of(ref) for ref in (asked.get("GroupId"), asked.get("MemberId", "UserId")))
    return not set(group).isdisjoint(user)


def joins_nobody_to_nothing(asked: Call, book: Book) -> bool:
    refs = (asked.get("GroupId"), asked.get("MemberId", "UserId"))
    return asked.operation == "CreateGroupMembership" and not any(book.lives(ref) for ref in refs)


# What is gone.


def deleted(asked: Call) -> Ref | None:
    found: Ref | None = asked.get(f"{DELETED.get(asked.operation)}Id")
    return found


def deletes_nothing(asked: Call, book: Book) -> bool:
    gone = deleted(asked)
    return gone is not None and not book.lives(gone)


def memberships_deleted(asked: Call, book: Book) -> list[int]:
    gone = deleted(asked)
    return book.memberships_of(gone) if gone else []


def one_after_the_other(asked: Call, book: Book) -> tuple[Call, ...]:
    refs = [Ref("Membership", number) for number in memberships_deleted(asked, book)]
    return (*(call("DeleteGroupMembership", MembershipId=ref) for ref in refs), asked)


def listed_under(asked: Call) -> Ref | None:
    """Return whose memberships are listed."""
    path = {"ListGroupMemberships": ("GroupId",), "ListGroupMembershipsForMember": ("MemberId", "UserId")}
    found: Ref | None = asked.get(*path[asked.operation]) if asked.operation in path else None
    return found


def lists_under_nothing(asked: Call, book: Book) -> bool:
    under = listed_under(asked)
    return under is not None and not book.lives(under)


# Pages.


def has_a_foreign_token(asked: Call, book: Book) -> bool:
    token = asked.get("NextToken")
    return token is not None and (token.number < 0 or book.pages[token.number].call != listing(asked))


def rows_left(asked: Call, book: Book) -> list[Json]:
    last = book.pages[asked.parameters["NextToken"].number].last
    return [row for row in book.rows(asked) if number_of(row) > last]


def lost_its_next_row(asked: Call, book: Book) -> bool:
    """Tell whether the row that moto's token names is gone: it was the next after the last one shown."""
    token = asked.get("NextToken")
    return token is not None and all(
        number_of(row) != book.pages[token.number].next_row for row in rows_left(asked, book)
    )


def page_of_rows_left(asked: Call, book: Book) -> Json:
    left, size = rows_left(asked, book), asked.parameters.get("MaxResults", 100)
    name = {"ListUsers": "Users", "ListGroups": "Groups"}.get(asked.operation, "GroupMemberships")
    token = {"NextToken": "more"} if len(left) > size else {}
    return answer(**{name: [as_shown(row, asked) for row in left[:size]]}, **token)


ROWS = {
    "duplicate memberships": Difference(
        "A user can be in a group twice.",
        "The model: CreateGroupMembership has a ConflictException for what would violate a uniqueness claim, and "
        "GetGroupMembershipId answers one membership of a group and a member.",
        (Example(NEW_MEMBERSHIP, made("Membership", 1), TAKEN, ONE_OF_EACH),),
        applies=is_a_member_already,
        ours=lambda _asked, _book: TAKEN,
    ),
    "memberships of nobody in nothing": Difference(
        "Of two ids that are not there, the user's is complained of.",
        "Not settled: the model names no order, and both answers are right.",
        (
            Example(
                call("CreateGroupMembership", GroupId=NO_GROUP, MemberId={"UserId": NO_USER}),
                not_found("User"),
                not_found("Group"),
            ),
        ),
        applies=joins_nobody_to_nothing,
        ours=lambda _asked, _book: not_found("Group"),
    ),
    "deleting what is not there": Difference(
        "Deleting what is not there succeeds.",
        "The model: DeleteUser, DeleteGroup and DeleteGroupMembership have a ResourceNotFoundException.",
        (
            Example(call("DeleteUser", UserId=NO_USER), answer(), not_found("User")),
            Example(call("DeleteGroup", GroupId=NO_GROUP), answer(), not_found("Group")),
            Example(call("DeleteGroupMembership", MembershipId=NO_MEMBERSHIP), answer(), not_found("Membership")),
        ),
        applies=deletes_nothing,
        ours=lambda asked, _book: not_found(DELETED[asked.operation]),
    ),
    "revisions": Difference(
        "A Revision that is not the current one is ignored; none is ever answered.",
        "The model on Revision of DeleteUser and DeleteGroup: if the value doesn't match, the operation fails with a "
        "ConflictException.",
        (
            Example(call("DeleteUser", UserId=USER, Revision="99"), answer(), CHANGED, ONE_OF_EACH),
            Example(call("DeleteGroup", GroupId=GROUP, Revision="99"), answer(), CHANGED, ONE_OF_EACH),
        ),
        applies=lambda asked, _book: bool(asked.get("Revision") == "99"),
        ours=lambda _asked, _book: CHANGED,
    ),
    "cascades": Difference(
        "The memberships of a deleted user or group stay.",
        "The model: a GroupMembership holds the identifiers of a group and of a member, which are not there any more.",
        tuple(
            Example(
                call("DescribeGroupMembership", MembershipId=MEMBERSHIP),
                answer(**SHOWN_MEMBERSHIP),
                not_found("Membership"),
                (*ONE_OF_EACH, delete),
            )
            for delete in (call("DeleteUser", UserId=USER), call("DeleteGroup", GroupId=GROUP))
        ),
        applies=lambda asked, book: bool(memberships_deleted(asked, book)),
        instead=one_after_the_other,
    ),
    "memberships of what is not there": Difference(
        "The memberships of a user or group that is not there are an empty list.",
        "The model: both listings have a ResourceNotFoundException, whose ResourceType may be USER or GROUP.",
        (
            Example(call("ListGroupMemberships", GroupId=NO_GROUP), answer(GroupMemberships=[]), not_found("Group")),
            Example(
                call("ListGroupMembershipsForMember", MemberId={"UserId": NO_USER}),
                answer(GroupMemberships=[]),
                not_found("User"),
            ),
        ),
        applies=lists_under_nothing,
        ours=lambda asked, _book: not_found("Group" if asked.operation == "ListGroupMemberships" else "User"),
    ),
    "tokens of others": Difference(
        "A token that no listing gave, or another one, is an InvalidToken.",
        "The model: the errors of the listings include ValidationException and no InvalidToken.",
        (
            Example(call("ListUsers", NextToken=Ref("Token", -1)), refused("InvalidToken"), INVALID),
            Example(
                call("ListUsers", NextToken=Ref("Token", 0)),
                refused("InvalidToken"),
                INVALID,
                (new_group("a"), new_group("b"), call("ListGroups", MaxResults=1)),
            ),
        ),
        applies=has_a_foreign_token,
        ours=lambda _asked, _book: INVALID,
    ),
    "tokens of rows that are gone": Difference(
        "A token is worth nothing any more when the row that would have come next is deleted.",
        "The model on NextToken: it retrieves the next page of results; InvalidToken is no error of the listings.",
        (
            Example(
                call("ListGroups", MaxResults=1, NextToken=Ref("Token", 0)),
                refused("InvalidToken"),
                answer(Groups=[shown_group(2, DisplayName="c")]),
                (
                    *(new_group(name) for name in "abc"),
                    call("ListGroups", MaxResults=1),
                    call("DeleteGroup", GroupId=Ref("Group", 1)),
                ),
            ),
        ),
        applies=lost_its_next_row,
        ours=page_of_rows_left,
    ),
}
