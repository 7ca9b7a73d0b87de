"""The source of a deployment that is being removed: a directory in which nobody is wanted."""

from sso_sync.core.model import Directory


class Nobody:
    """Reads as empty; see `core.ports.IdentitySource`. Never to be run under limits, which would refuse it."""

    name = "nobody (the deployment is being removed)"

    def read(self) -> Directory:
        return Directory.of([], [], {})
