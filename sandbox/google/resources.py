"""The company's records as Google's resources: User, Group, Member, Domain, Schema.

Which fields a resource always has follows the examples on the reference pages; all names are those of
the discovery document.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from sandbox.google.discovery import kind_of

Json = dict[str, Any]
CREATED = "2020-01-01T00:00:00.000Z"
NEVER = "1970-01-01T00:00:00.000Z"  # lastLoginTime of somebody who never signed in


def with_etag(resource: Json) -> Json:
    """Add the ETag: a quoted mark that changes with the content."""
    text = json.dumps(resource, sort_keys=True, ensure_ascii=False)
    mark = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:20]).decode().rstrip("=")
    return resource | {"etag": f'"{mark}"'}


def user_resource(user: Mapping[str, Any], customer: str, admin: str) -> Json:
    """Show a user; whatever stands under "google" is part of the resource as it is."""
    given, family = user.get("givenName", ""), user.get("familyName", "")
    name = {"givenName": given, "familyName": family, "fullName": f"{given} {family}".strip()}
    return with_etag(
        {
            "kind": kind_of("User"),
            "id": user["id"],
            "primaryEmail": user["email"],
            "name": {part: text for part, text in name.items() if text},
            "isAdmin": user["email"] == admin,
            "isDelegatedAdmin": False,
            "lastLoginTime": NEVER,
            "creationTime": CREATED,
            "agreedToTerms": True,
            "suspended": bool(user.get("suspended")),
            "archived": bool(user.get("archived")),
            "changePasswordAtNextLogin": False,
            "ipWhitelisted": False,
            "emails": [{"address": user["email"], "primary": True}],
            "customerId": customer,
            "orgUnitPath": user.get("orgUnitPath", "/"),
            "isMailboxSetup": True,
            "isEnrolledIn2Sv": False,
            "isEnforcedIn2Sv": False,
            "includeInGlobalAddressList": True,
            **({"customSchemas": user["customSchemas"]} if "customSchemas" in user else {}),
            **user.get("google", {}),
        }
    )


def group_resource(group: Mapping[str, Any]) -> Json:
    """Show a group; its direct members are counted in a string (format int64)."""
    return with_etag(
        {
            "kind": kind_of("Group"),
            "id": group["id"],
            "email": group["email"],
            "name": group["name"],
            "description": group.get("description", ""),
            "directMembersCount": str(len(group["members"])),
            "adminCreated": True,
        }
    )


def role_of(member: Mapping[str, Any]) -> str:
    """Return the role of a member: MEMBER, unless the directory has another."""
    return str(member.get("role", "MEMBER"))


def customer_member(member: Mapping[str, Any], customer: str) -> Json:
    """Show everybody as a member: the id is the customer's, and there is no address (reference of Member)."""
    return with_etag({"kind": kind_of("Member"), "id": customer, "role": role_of(member), "type": "CUSTOMER"})


def member_resource(member: Mapping[str, Any], own: Mapping[str, Any] | None, kind: str) -> Json:
    """Show a member; `own` is its user or group in the company: what comes from outside has no status."""
    shown: Json = {
        "kind": kind_of("Member"),
        "id": member["id"],
        "role": role_of(member),
        "type": kind,
    }
    address = member.get("email") or (own or {}).get("email")
    if address:
        shown["email"] = address
    if own or member.get("status"):
        suspended = bool((own or {}).get("suspended"))
        shown["status"] = member.get("status") or ("SUSPENDED" if suspended else "ACTIVE")
    return with_etag(shown)


def domain_resource(name: str, *, primary: bool) -> Json:
    """Show a domain; its creation is a number of milliseconds in a string (format int64)."""
    shown = {"kind": kind_of("Domains"), "domainName": name, "isPrimary": primary}
    return with_etag({**shown, "verified": True, "creationTime": "1577836800000"})


def schema_resource(name: str, values: Mapping[str, object]) -> Json:
    """Show a custom schema by the values that somebody has in it; ids of schemas and fields are made up of names."""
    fields = [
        with_etag(
            {
                "kind": "admin#directory#schema#fieldspec",
                "fieldId": f"{name}.{field}",
                "fieldName": field,
                "displayName": field,
                "fieldType": "BOOL" if isinstance(value, bool) else "STRING",
                "multiValued": isinstance(value, list),
            }
        )
        for field, value in sorted(values.items())
    ]
    shown = {"kind": kind_of("Schema"), "schemaId": name, "schemaName": name, "displayName": name}
    return with_etag({**shown, "fields": fields})
