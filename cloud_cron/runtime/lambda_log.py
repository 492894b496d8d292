"""The journal on Lambda: one JSON line on standard output for each run and each delivery.

Lambda takes such a line as it is, and reads its `timestamp` and `level` (Lambda Developer Guide, "Configuring advanced
logging controls for your Lambda function"). The names of its fields are those that Lambda's own formatter gives what
user code logs; everything that could look like another line is escaped.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime

from cloud_cron.errors import CloudCronError, Outcome
from cloud_cron.runtime.logs import line

TYPE_CHECKING = False  # typing is not loaded for it
if TYPE_CHECKING:
    from typing import Any, Final

    from cloud_cron.runtime.reports import Delivery, RunReport

LOGGER: Final = "cloud_cron"
_LEVELS: Final = {"debug": "DEBUG", "info": "INFO", "warning": "WARN", "error": "ERROR"}


class LambdaLog:
    """The port `Journal`; `request_id` is that of the invocation under way."""

    def __init__(self) -> None:
        """Let tasks say INFO whatever the root logger does; that botocore found its credentials is no news."""
        logging.getLogger("botocore").setLevel(logging.WARNING)
        logger = logging.getLogger(LOGGER)
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.INFO)
        self._is_wordy = logger.isEnabledFor(logging.DEBUG)
        self.request_id = ""

    def note(self, report: RunReport | Delivery) -> None:
        """Write one line; a delivery with the traceback of the user's exception, which for a run Lambda logs itself."""
        fields = line(report)
        if fields["level"] == "debug" and not self._is_wordy:
            return
        if report.error and fields["event"] == "delivery":
            fields |= _raised(report.error)
        self.write(message=f"{fields['event']} {fields['status']}", **fields)

    def write(self, *, level: str, message: str, **fields: Any) -> None:  # noqa: ANN401 - JSON
        """Write one line about something else, likewise; `level` is debug, info, warning or error."""
        whole = {
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": _LEVELS[level],
            "message": message,
            "logger": LOGGER,
            "requestId": self.request_id,
            **fields,
        }
        try:
            sys.stdout.write(f"{json.dumps(whole)}\n")
        except OSError:
            return  # a log must not fail who logs


def _raised(error: BaseException) -> dict[str, Any]:
    """Where the user's code raised; nothing for what needs no traceback, because it says where the mistake is."""
    if isinstance(error, (CloudCronError, Outcome)):
        return {}
    return {"errorType": type(error).__name__, "stackTrace": traceback.format_tb(error.__traceback__)}
