"""The config that the story deploys."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec


def write_config(path: Path, environment: Mapping[str, str], filters: Sequence[str], *, schedule: str) -> None:
    """Write it as somebody would who tries the product: a few filters, SCIM, Teams."""
    include = [{"match": pattern, "description": f"Groups called {pattern}"} for pattern in filters]
    config = {
        "sources": [
            {
                "type": "google_workspace",
                "admin": environment["SSO_SYNC_GOOGLE_ADMIN"],
                "root_url": environment["SSO_SYNC_GOOGLE_ROOT_URL"],
                "groups": {"include": include},
            }
        ],
        "identity_center": {
            "region": environment["AWS_REGION"],
            "scim": {},
            "quota_scale": float(environment["SSO_SYNC_QUOTA_SCALE"]),
        },
        "teams": {},
        "deployment": {"schedule": schedule},
    }
    path.write_bytes(msgspec.json.format(msgspec.json.encode(config), indent=2))  # JSON is YAML, too
