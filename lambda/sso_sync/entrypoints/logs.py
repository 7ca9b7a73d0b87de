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


class _StandardError(logging.Handler):
    """Writes to what standard error is at that moment: while a picture is drawn there, lines go above it."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            if sys.stderr:  # None where the caller closed it
                sys.stderr.write(f"{self.format(record)}\n")
                sys.stderr.flush()
        except Exception:  # noqa: BLE001 # a log that cannot be written must not end a run
            self.handleError(record)


def set_up_logging(level: Level, written_as: Format, **always: str) -> None:
    """Send this program's log to standard error; libraries speak up only about warnings.

    `always` are fields of every record, where records are JSON.
    """
    handler = _StandardError()
    text = _TextFormatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    as_json = LambdaPowertoolsFormatter()
    as_json.append_keys(**always)
    handler.setFormatter(as_json if written_as is Format.JSON else text)
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("sso_sync").setLevel(level.upper())
    # These two warn of retries, which are ordinary, and googleapiclient prints addresses with ids.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
    logging.getLogger("googleapiclient").setLevel(logging.ERROR)
