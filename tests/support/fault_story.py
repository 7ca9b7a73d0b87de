"""A small company to which everything happens between two runs, and what must come of it: computed here."""

from typing import Any

from sandbox.identity_center.store import Store
from tests.support.companies import company, expected_memberships, person, team

Json = dict[str, Any]
CONFIG = """\
sources:
  - type: google_workspace
    admin: somebody@example.com
    credentials: env:SSO_SYNC_GOOGLE_CREDENTIALS
    groups: {include: ["*"]}
    attributes: {title: "organizations[0].title"}
limits: {memberships_removed: {percent: 60}}
"""
ASIDE = "aside-u7"  # stands for the made-up name of whoever gave an address away


def _worker(number: int, title: str, **changed: object) -> Json:
    return person(number, google={"organizations": [{"title": title, "primary": True}]}, **changed)


def _people(*numbers: int) -> list[str]:
    return [f"u{number}" for number in numbers]


def beginning() -> Json:
    """Return the company of the first run."""
    users = [_worker(n, "Engineer") if n in {3, 11} else person(n) for n in (*range(1, 15), 18, 19)]
    return company(
        users,
        [
            team("staff", _people(1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 18, 19), ["g-devs", "g-ops"]),
            team("devs", _people(1, 2, 9, 11)),
            team("ops", _people(8, 9, 10)),
            team("old", _people(3, 8)),
            team("admins", _people(1, 4), description="Those who may"),
        ],
    )


def before() -> Json:
    """Return the company of the second run: two people have left, one of them long ago when the story goes on."""
    return _without(beginning(), 18, 19)


def after() -> Json:
    """Return the company of the disturbed run: every kind of change."""
    users = [
        person(1),
        _worker(3, "Director", familyName="Married"),  # other attributes
        person(4, email="renamed@example.com"),
        person(5, email="p6@example.com"),  # 5 and 6 swap their addresses
        person(6, email="p5@example.com"),
        *(person(n) for n in (8, 9, 10)),
        _worker(11, "Engineer"),
        *(person(n) for n in (12, 13, 14)),
        person(15),  # joins
        person(16, email="p7@example.com"),  # joins with the address of 7, who leaves; 2 leaves, too
        person(17),  # is there already, made by hand
        person(19),  # comes back
    ]
    return company(
        users,
        [
            team("staff", _people(1, 3, 4, 5, 6, 12, 13, 14, 16, 17, 19), ["g-devs", "g-ops"]),
            team("devs", _people(1, 9, 11, 15)) | {"name": "developers"},
            team("ops", _people(9, 10, 3)),  # 8 loses it, 3 gains it
            team("admins", _people(1, 4), description="Those who may"),
            team("new", _people(8, 9, 15), description="Just made"),
            team("manual", _people(17, 10)),  # is there already, made by hand
        ],
    )


def _without(data: Json, *gone: int) -> Json:
    ids = set(_people(*gone))
    for group in data["groups"]:
        group["members"] = [member for member in group["members"] if member["id"] not in ids]
    return data | {"users": [user for user in data["users"] if user["id"] not in ids]}


def meddle(store: Store) -> None:
    """Do by hand what people do: make what the directory will want, and change what is sso-sync's."""
    name = {"GivenName": "By", "FamilyName": "Hand"}

    def made(user_name: str) -> str:
        emails = [{"Value": user_name, "Type": "work", "Primary": True}]
        user = {"UserName": user_name, "DisplayName": "By Hand", "Name": name, "Emails": emails}
        return str(store.create_user(user, "hand")["UserId"])

    wanted, stranger = made("p17@example.com"), made("stranger@elsewhere.example")
    for group, members in {"manual": [wanted, stranger], "theirs": [stranger]}.items():
        group_id = store.create_group({"DisplayName": group}, "hand")["GroupId"]
        for user_id in members:
            store.create_membership(group_id, user_id, "hand")
    store.update_user(_user(store, 11), {"Title": "Hacker"}, "hand")
    store.delete_user(_user(store, 12))
    store.delete_membership(store.by_pair[_group(store, "staff"), _user(store, 13)])
    store.create_membership(_group(store, "ops"), _user(store, 14), "hand")
    store.update_group(_group(store, "admins"), {"DisplayName": "admins by hand"}, "hand")


def _user(store: Store, number: int) -> str:
    return store.holder("UserName", f"p{number}@example.com") or ""


def _group(store: Store, name: str) -> str:
    return store.holder("GroupDisplayName", name) or ""


def expected(*, scim: bool) -> Json:
    """Say what the store holds in the end: users with all that is written, groups, and who is in which."""
    wanted = after()
    users = {user["email"]: _row(user, scim=scim) for user in wanted["users"]}
    users["stranger@elsewhere.example"] = ("", "By", "Hand", "By Hand", "stranger@elsewhere.example", "", "ENABLED")
    if scim:  # which can switch people off; u18 has been off for so long that they are deleted
        users["p2@example.com"] = (*_row(person(2), scim=True)[:-1], "DISABLED")
        given_away = person(7, email=f"{ASIDE}@renamed.invalid")
        users[ASIDE] = (*_row(given_away, scim=True)[:-1], "DISABLED")
    groups = {group["name"]: _group_row(group, scim=scim) for group in wanted["groups"]} | {"theirs": ("", "")}
    members = expected_memberships(wanted) | {"theirs": {"stranger@elsewhere.example"}}
    return {"users": users, "groups": groups, "members": members}


def _row(user: Json, *, scim: bool) -> tuple[str, ...]:
    title = user["google"]["organizations"][0]["title"] if "google" in user else ""
    given, family = user["givenName"], user["familyName"]
    return (user["id"] if scim else "", given, family, f"{given} {family}", user["email"], title, "ENABLED")


def _group_row(group: Json, *, scim: bool) -> tuple[str, str]:
    return (group["id"], "") if scim else ("", group.get("description", ""))


def shown(store: Store, aside_id: str) -> Json:
    """Show what the store holds in the words of `expected`; `aside_id` is the AWS id of whoever is renamed aside."""

    def plain(text: str) -> str:
        return text.replace(f"aside-{aside_id}", ASIDE)

    def external(record: Json) -> str:
        return ",".join(one["Id"] for one in record.get("ExternalIds", []))

    users = [
        (
            plain(user["UserName"]),
            external(user),
            *(user["Name"][part] for part in ("GivenName", "FamilyName")),
            user["DisplayName"],
            plain(",".join(email["Value"] for email in user["Emails"])),
            user.get("Title", ""),
            user["UserStatus"],
        )
        for user in store.users.values()
    ]
    groups = store.groups.values()
    return {
        "users": {row[0]: row[1:] for row in users},
        "groups": {g["DisplayName"]: (external(g), g.get("Description", "")) for g in groups},
        "members": {
            g["DisplayName"]: {
                plain(store.users[m["MemberId"]["UserId"]]["UserName"]) for m in store.memberships_of(g["GroupId"])
            }
            for g in groups
        },
    }
