"""Logging: to standard error, as text or as JSON."""

import logging
import sys
from enum import StrEnum

from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class Level(StrEnum):
    """How much is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Format(StrEnum):
    """How it is written."""

    TEXT = "text"
    JSON = "json"


class _TextFormatter(logging.Formatter):
    """Writes the fields of a record behind its message."""

    def format(self, record: logging.LogRecord) -> str:
        fields = " ".join(f"{key}={value!r}" for key, value in vars(record).items() if key not in STANDARD)
        return f"{super().format(record)} {fields}".rstrip()


def set_up_logging(level: Level, written_as: Format, **always: str) -> None:
    """Send this program's log to standard error; libraries speak up only about warnings.

    `always` are fields of every record, where records are JSON.
    """
    handler = logging.StreamHandler(sys.stderr)
    text = _TextFormatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    as_json = LambdaPowertoolsFormatter()
    as_json.append_keys(**always)
    handler.setFormatter(as_json if written_as is Format.JSON else text)
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("sso_sync").setLevel(level.upper())
    # These two warn of retries, which are ordinary, and googleapiclient prints addresses with ids.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
    logging.getLogger("googleapiclient").setLevel(logging.ERROR)
