"""What each operation of the Directory API answers, once who asks and what for were found good."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sandbox.company import Company
from sandbox.google import parameters
from sandbox.google.discovery import kind_of, schema_of
from sandbox.google.fields import cut, parse
from sandbox.google.paging import GooglePages
from sandbox.google.resources import domain_resource, role_of, schema_resource, with_etag
from sandbox.google.roles import assignments_of, is_super, role_resources
from sandbox.refusal import Refusal
from sandbox.switches import Switches

Json = dict[str, Any]
Query = Mapping[str, str]
ORDERS: dict[str, Callable[[Json], str]] = {
    "email": lambda row: str(row.get("primaryEmail") or row.get("email", "")).casefold(),
    "familyName": lambda row: str(row["name"].get("familyName", "")).casefold(),
    "givenName": lambda row: str(row["name"].get("givenName", "")).casefold(),
}


class Listings:
    """Answers from one company's directory."""

    def __init__(self, company: Callable[[], Company], admin: str, pages: GooglePages, switches: Switches) -> None:
        self._company, self._admin, self._pages, self._switches = company, admin, pages, switches
        self._answers: dict[str, Callable[[str, Query], Json]] = {
            "users.list": self._users,
            "users.get": self._user,
            "groups.list": self._groups,
            "groups.get": self._group,
            "members.list": self._members,
            "domains.list": self._domains,
            "roleAssignments.list": self._role_assignments,
            "roles.list": self._roles,
            "schemas.list": self._schemas,
        }

    def answer(self, operation: str, key: str, text: str) -> Json:
        """Answer an operation on a key (of a user, group or customer) with a query; raises a refusal."""
        query = parameters.read(operation, text)
        mask = parse(query["fields"], schema_of(operation)) if query.get("fields") else {}
        answer: Json = cut(self._answers[operation](key, query), mask)
        return answer

    def _users(self, _key: str, query: Query) -> Json:
        domain = self._domain_asked(query)
        # Who may look at one organisational unit only gets a shorter list, and no error.
        users = self._company().google_users()
        if domain or self._switches.google_admin_unit:  # else all of them: no need to look at each for each page
            users = [user for user in users if _is_in(user["primaryEmail"], domain) and self._visible(user)]
        page, rest = self._pages.cut(_ordered(users, query), "users.list", "", query)
        return self._listing("Users", "users", [self._shown(user, query) for user in page], rest)

    def _user(self, key: str, query: Query) -> Json:
        user = self._company().google_user(key)
        if user is None:
            if self._company().google_group(key):
                # Seen in the wild, not documented: a group's address as userKey is not "not found".
                raise Refusal("bad_request", "Type not supported: userKey", reason="badRequest")
            raise Refusal("not_found", "Resource Not Found: userKey")
        if not self._visible(user):
            # Open whether Google says 403 or 404: our choice is what it says of all that one may not see.
            raise not_authorized()
        return self._shown(user, query)

    def _groups(self, _key: str, query: Query) -> Json:
        domain = self._domain_asked(query)
        groups = self._company().google_groups()
        if domain:
            groups = [group for group in groups if _is_in(group["email"], domain)]
        page, rest = self._pages.cut(_ordered(groups, query), "groups.list", "", query)
        return self._listing("Groups", "groups", [self._counted(group) for group in page], rest)

    def _group(self, key: str, _query: Query) -> Json:
        group = self._company().google_group(key)
        if group is None:
            raise Refusal("not_found", "Resource Not Found: groupKey")
        return self._counted(group)

    def _counted(self, group: Json) -> Json:
        """Count direct members as the switch has it: the discovery document speaks of users only."""
        if not self._switches.google_counts_users_only:
            return group
        members = self._company().members_of(group["id"], derived=False) or []
        people = sum(member["type"] != "GROUP" for member in members)
        return group | {"directMembersCount": str(people)}

    def _members(self, key: str, query: Query) -> Json:
        company, typed = self._company(), self._switches.google_typed_externals
        members = company.members_of(key, derived=query.get("includeDerivedMembership") == "true")
        if members is None:
            raise Refusal("not_found", "Resource Not Found: groupKey")
        if query.get("roles"):
            roles = query["roles"].split(",")
            members = [member for member in members if role_of(member) in roles]
        page, rest = self._pages.cut(members, "members.list", key, query)
        rows = [company.google_member(member, typed_externals=typed) for member in page]
        return self._listing("Members", "members", rows, rest)

    def _domains(self, key: str, _query: Query) -> Json:
        self._check_customer(key)
        names = self._company().domains
        domains = [domain_resource(name, primary=number == 0) for number, name in enumerate(names)]
        return self._listing("Domains2", "domains", domains, {})

    def _role_assignments(self, key: str, query: Query) -> Json:
        """Show what the administrator has been given: nobody else has a role here."""
        self._check_customer(key)
        admin = self._company().google_user(self._admin)
        rows = assignments_of(admin["id"] if admin else self._admin, self._switches)
        asked = query.get("userKey", self._admin)
        if asked.casefold() not in {self._admin.casefold(), rows[0]["assignedTo"].casefold()}:
            if not self._company().google_user(asked) and not self._company().google_group(asked):
                raise Refusal("not_found", "Resource Not Found: userKey")
            rows = []
        if query.get("roleId"):
            rows = [row for row in rows if row["roleId"] == query["roleId"]]
        page, rest = self._pages.cut(rows, "roleAssignments.list", key, query)
        return self._listing("RoleAssignments", "items", page, rest)

    def _roles(self, key: str, query: Query) -> Json:
        self._check_customer(key)
        page, rest = self._pages.cut(role_resources(), "roles.list", key, query)
        return self._listing("Roles", "items", page, rest)

    def _schemas(self, key: str, _query: Query) -> Json:
        """Show the custom schemas that anybody has values of."""
        self._check_customer(key)
        fields: dict[str, dict[str, object]] = {}
        for user in self._company().google_users():
            for name, values in user.get("customSchemas", {}).items():
                fields.setdefault(name, {}).update(values)
        rows = [schema_resource(name, values) for name, values in sorted(fields.items())]
        return self._listing("Schemas", "schemas", rows, {})

    def _shown(self, user: Json, query: Query) -> Json:
        """Show a user as the projection wants it, and the administrator as what the switches make of it."""
        if user["isAdmin"] and not is_super(self._switches):
            user = with_etag({**user, "isAdmin": False, "isDelegatedAdmin": True})
        return _projected(user, query)

    def _listing(self, schema: str, key: str, rows: Sequence[Json], rest: Json) -> Json:
        """Wrap rows; Google leaves an empty list out, or so it was seen: a switch has it the other way."""
        listing = {"kind": kind_of(schema), key: rows, **rest}
        etag = with_etag({"rows": [row["etag"] for row in rows]})["etag"]
        shown = {name: value for name, value in listing.items() if value or self._switches.google_empty_lists}
        return shown | {"etag": etag}

    def _visible(self, user: Json) -> bool:
        unit = self._switches.google_admin_unit.rstrip("/")
        return not unit or f"{user['orgUnitPath'].rstrip('/')}/".startswith(f"{unit}/")

    def _domain_asked(self, query: Query) -> str:
        """Return the domain that is asked for, or nothing for the whole customer; raises a refusal.

        Documented: one of the two is needed. Open, and our choice: both together are refused.
        """
        customer, domain = query.get("customer", ""), query.get("domain", "")
        if bool(customer) == bool(domain):
            raise Refusal("bad_request", "Bad Request: either customer or domain is required", reason="badRequest")
        if customer:
            self._check_customer(customer)
        elif "." not in domain:
            raise Refusal("bad_request", "Bad Request: domain", reason="badRequest", parameter="domain")
        elif domain.casefold() not in map(str.casefold, self._company().domains):
            raise not_authorized()
        return domain

    def _check_customer(self, customer: str) -> None:
        """Refuse what is no customer's id (400), and another customer's id (403), as the pages on errors say."""
        if customer in {"my_customer", self._company().customer_id}:
            return
        if not customer.startswith("C") or not customer.isalnum():
            raise Refusal("bad_request", "Bad Request: customer", reason="badRequest", parameter="customer")
        raise not_authorized()


def not_authorized() -> Refusal:
    return Refusal("forbidden", "Not Authorized to access this resource/api", reason="forbidden")


def _is_in(address: str, domain: str) -> bool:
    return not domain or address.rpartition("@")[2].casefold() == domain.casefold()


def _ordered(rows: list[Json], query: Query) -> list[Json]:
    """Sort, ignoring case; without orderBy a sortOrder is of no use (reference of groups.list)."""
    if "orderBy" not in query:
        return rows
    return sorted(rows, key=ORDERS[query["orderBy"]], reverse=query.get("sortOrder") == "DESCENDING")


def _projected(user: Json, query: Query) -> Json:
    """Leave out the custom fields that the projection leaves out: by default all of them."""
    projection = query.get("projection", "basic")
    if projection == "full" or "customSchemas" not in user:
        return user
    wanted = set(query.get("customFieldMask", "").split(",")) if projection == "custom" else set()
    schemas = {name: values for name, values in user["customSchemas"].items() if name in wanted}
    return {k: v for k, v in user.items() if k != "customSchemas"} | ({"customSchemas": schemas} if schemas else {})
