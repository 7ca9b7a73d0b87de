"""What every source is built with beside its settings and secrets."""

from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct, field

from sso_sync.core.ports import IdentitySource
from sso_sync.http.boto import Aws
from sso_sync.http.calls import Calls
from sso_sync.http.patience import Patience


class Tools(Struct, frozen=True, kw_only=True):
    """Counts of calls, the run's patience, and AWS for credentials that AWS signs."""

    calls: Calls = field(default_factory=Calls)
    patience: Patience = field(default_factory=Patience)
    aws: Callable[[], Aws] = Aws


# What every module of a source has as `make_source`: gets settings of its type, and the texts of its
# secrets by setting; raises CredentialsError for secrets that cannot be what they are to be.
MakeSource = Callable[[Any, Mapping[str, str], Tools], IdentitySource]
