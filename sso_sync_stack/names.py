"""Names of resources that appear in templates, logs and messages."""


def in_camel_case(name: str) -> str:
    """Turn google-credentials into GoogleCredentials, as construct ids are written."""
    return "".join(part.capitalize() for part in name.replace("_", "-").split("-"))
