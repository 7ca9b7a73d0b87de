"""Names that moto does not keep apart, and attributes that it does not keep."""

from typing import Any

from tests.contract.moto.book import Book, emails_of, number_of
from tests.contract.moto.calls import (
    ENTERPRISE,
    GROUP,
    ONE_OF_EACH,
    TAKEN,
    USER,
    Call,
    Json,
    answer,
    by_attribute,
    call,
    crashed,
    filtered,
    made,
    new_group,
    new_user,
    not_found,
    replaced,
    shown_group,
    shown_user,
)
from tests.contract.moto.differences import Difference, Example

UNIQUE = {"CreateUser": ("User", "UserName"), "CreateGroup": ("Group", "DisplayName")}
FILTERED = {"ListUsers": ("User", "UserName"), "ListGroups": ("Group", "DisplayName")}
LOOKED_UP = {
    "userName": ("User", "UserName"),
    "emails.value": ("User", "Emails"),
    "displayName": ("Group", "DisplayName"),
}
EMAIL = [{"Value": "ann@example.com"}]
# What moto does not keep of a user.
ALSO: Json = {
    "Photos": [{"Value": "https://example.com/a.png"}],
    "Website": "https://example.com",
    "Birthdate": "2000-01-01",
    "Roles": [{"Value": "chief"}],
    "Extensions": {ENTERPRISE: {"department": "d"}},
}

# New names.


def is_complete(asked: Call) -> bool:
    name = asked.get("Name") or {}
    return all((asked.get("UserName"), asked.get("DisplayName"), name.get("GivenName"), name.get("FamilyName")))


def takes_an_email(asked: Call, book: Book) -> bool:
    return (
        asked.operation == "CreateUser"
        and is_complete(asked)
        and any(book.holders("User", "Emails", email) for email in emails_of(asked.parameters))
    )


def takes_a_folded_name(asked: Call, book: Book) -> bool:
    if asked.operation not in UNIQUE or (asked.operation == "CreateUser" and not is_complete(asked)):
        return False
    kind, path = UNIQUE[asked.operation]
    return any(held != asked.get(path) for _, held in book.holders(kind, path, asked.get(path)))


# Names that are looked for.


def sought(asked: Call, book: Book) -> tuple[Any, list[tuple[int, Any]]]:
    """Return the name that a lookup or a filter is about, and who has it."""
    unique = asked.get("AlternateIdentifier", "UniqueAttribute")
    for wanted in [unique] if unique else asked.get("Filters") or ():
        kind, path = LOOKED_UP[wanted["AttributePath"]] if unique else FILTERED[asked.operation]
        return wanted["AttributeValue"], book.holders(kind, path, wanted["AttributeValue"])
    return None, []


def is_spelled_otherwise(asked: Call, book: Book) -> bool:
    name, holders = sought(asked, book)
    return any(held != name for _, held in holders)


def as_it_is_spelled(asked: Call, book: Book) -> tuple[Call, ...]:
    name, holders = sought(asked, book)
    _, spelled = holders[0]
    parameters = {key: asked.parameters[key] for key in ("AlternateIdentifier", "Filters") if key in asked.parameters}
    return (asked.with_(**replaced(parameters, lambda leaf: spelled if leaf == name else leaf)),)


def is_by_email_and_some_have_none(asked: Call, book: Book) -> bool:
    path = asked.get("AlternateIdentifier", "UniqueAttribute", "AttributePath")
    return path == "emails.value" and any("Emails" not in user for user in book.living["User"].values())


def by_user_name(asked: Call, book: Book) -> tuple[Call, ...]:
    _, holders = sought(asked, book)
    names = [book.living["User"][number]["UserName"] for number, _ in holders]
    return (by_attribute("GetUserId", "userName", names[0] if names else "nobody"),)


# Attributes.


def as_shown(row: Json, asked: Call) -> Json:
    """Show a row as it was created, with the status that every user has and the extensions that were asked for."""
    status = {"UserStatus": "ENABLED"} if "UserName" in row else {}
    hidden = set() if ENTERPRISE in (asked.get("Extensions") or ()) else {"Extensions"}
    return {name: value for name, value in (row | status).items() if name not in hidden}


def with_what_moto_does_not_keep(outcome: Any, asked: Call, book: Book) -> Any:
    """Complete the users in an outcome of moto's, and take the empty external ids of groups away."""
    if isinstance(outcome, list):
        return [with_what_moto_does_not_keep(item, asked, book) for item in outcome]
    if not isinstance(outcome, dict):
        return outcome
    if "UserName" in outcome:
        row = as_shown(book.living["User"][number_of(outcome)], asked)
        return outcome | {name: row[name] for name in ("UserStatus", *ALSO) if name in row}
    kept = {name: item for name, item in outcome.items() if (name, item) != ("ExternalIds", [])}
    return {name: with_what_moto_does_not_keep(item, asked, book) for name, item in kept.items()}


ATTRIBUTES = {
    "emails": Difference(
        "Two users may have the same e-mail address.",
        'The user guide, "Users, groups, and provisioning": all user names and email addresses are unique; '
        "the model: emails.value is a unique attribute of GetUserId.",
        (Example(new_user("bob", Emails=EMAIL), made("User", 1), TAKEN, (new_user("ann", Emails=EMAIL),)),),
        applies=takes_an_email,
        ours=lambda _asked, _book: TAKEN,
    ),
    "case of new names": Difference(
        "Names that differ only in case are not the same.",
        "Not settled by AWS, and a switch of the sandbox; "
        "RFC 7643 has userName, emails and displayName as caseExact false.",
        (
            Example(new_user("Ann"), made("User", 1), TAKEN, (new_user("ann"),)),
            Example(new_group("Devs"), made("Group", 1), TAKEN, (new_group("devs"),)),
        ),
        applies=takes_a_folded_name,
        ours=lambda _asked, _book: TAKEN,
    ),
    "case of sought names": Difference(
        "Names are only found as they are spelled.",
        "As for new names.",
        (
            Example(by_attribute("GetUserId", "userName", "ANN"), not_found("User"), made("User"), ONE_OF_EACH),
            Example(by_attribute("GetGroupId", "displayName", "DEVS"), not_found("Group"), made("Group"), ONE_OF_EACH),
            Example(
                filtered("ListGroups", "DisplayName", "DEVS"),
                answer(Groups=[]),
                answer(Groups=[shown_group()]),
                ONE_OF_EACH,
            ),
        ),
        applies=is_spelled_otherwise,
        instead=as_it_is_spelled,
    ),
    "lookups by e-mail": Difference(
        "GetUserId by e-mail breaks at the first user who has none; the generated calls ask by user name.",
        "The model: Emails are not required of a user, and TypeError is no error of GetUserId.",
        (
            Example(
                by_attribute("GetUserId", "emails.value", "ann@example.com"),
                crashed("TypeError"),
                made("User", 1),
                (new_user("bob"), new_user("ann", Emails=EMAIL)),
            ),
        ),
        applies=is_by_email_and_some_have_none,
        instead=by_user_name,
    ),
    # The rest is no matter of single calls: see `with_what_moto_does_not_keep` and the operations that are generated.
    "attributes": Difference(
        "Some attributes of users are not stored, users have no status, and groups have empty external ids.",
        "The model: DescribeUser answers Photos, Website, Birthdate, Roles, Extensions and UserStatus; ExternalIds "
        "has at least one item.",
        (
            Example(
                call("DescribeUser", UserId=USER, Extensions=[ENTERPRISE]),
                answer(**shown_user()),
                answer(**shown_user(UserStatus="ENABLED", **ALSO)),
                (new_user(**ALSO),),
            ),
            Example(
                call("DescribeGroup", GroupId=GROUP),
                answer(**shown_group(ExternalIds=[])),
                answer(**shown_group()),
                ONE_OF_EACH,
            ),
        ),
    ),
    "updates": Difference(
        "Nothing can be changed.",
        "The model: UpdateUser and UpdateGroup.",
        (
            Example(
                call("UpdateUser", UserId=USER, Operations=[{"AttributePath": "title", "AttributeValue": "T"}]),
                crashed("NotImplementedError"),
                answer(UserId="User 0", IdentityStoreId="store"),
                ONE_OF_EACH,
            ),
            Example(
                call(
                    "UpdateGroup", GroupId=GROUP, Operations=[{"AttributePath": "displayName", "AttributeValue": "a"}]
                ),
                crashed("NotImplementedError"),
                answer(GroupId="Group 0", IdentityStoreId="store"),
                ONE_OF_EACH,
            ),
        ),
    ),
}
