"""The words that SCIM and the Identity Store API share for a user's attributes, and what the store calls them."""

ENTERPRISE = "aws:identitystore:enterprise"
# Members of the enterprise extension that are text; beside them there is a manager (RFC 7643, 4.3).
ENTERPRISE_TEXTS = {"employeeNumber", "costCenter", "organization", "division", "department"}
SIMPLE = {
    "userName": "UserName",
    "displayName": "DisplayName",
    "nickName": "NickName",
    "profileUrl": "ProfileUrl",
    "title": "Title",
    "userType": "UserType",
    "preferredLanguage": "PreferredLanguage",
    "locale": "Locale",
    "timezone": "Timezone",
}
NAME_PARTS = ("formatted", "familyName", "givenName", "middleName", "honorificPrefix", "honorificSuffix")
# Attributes that hold a list: what the store calls each, and the members of an item.
ITEMS = {
    "emails": ("Emails", {"value", "type", "primary"}),
    "phoneNumbers": ("PhoneNumbers", {"value", "type", "primary"}),
    "addresses": (
        "Addresses",
        {"formatted", "streetAddress", "locality", "region", "postalCode", "country", "type", "primary"},
    ),
    "roles": ("Roles", {"value", "type", "primary"}),
}
