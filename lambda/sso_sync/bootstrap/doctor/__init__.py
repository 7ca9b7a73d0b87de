"""Looks at everything that a run needs, one by one; see docs/doctor.md."""

from sso_sync.bootstrap.doctor.examination import Examination

__all__ = ["Examination"]
