"""The composition root: from settings to live objects. Nothing else in the program builds them."""

from sso_sync.bootstrap.building import Builder
from sso_sync.bootstrap.ground import LOCAL_NAME, LOCAL_STATE

__all__ = ["LOCAL_NAME", "LOCAL_STATE", "Builder"]
