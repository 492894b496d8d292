"""The journal on Lambda: one JSON line for each run and each delivery, by the formatter that Lambda's runtime installs.

Where logs are JSON, its root handler writes the fields of a record beside the message (Lambda Developer Guide, "Log and
monitor Python Lambda functions"), and escapes what could look like another line.
"""

from __future__ import annotations

import logging

from cloud_cron.errors import CloudCronError, Outcome
from cloud_cron.runtime.logs import line

TYPE_CHECKING = False  # typing is not loaded for it
if TYPE_CHECKING:
    from typing import Final

    from cloud_cron.runtime.reports import Delivery, RunReport

LOGGER: Final = "cloud_cron"
_LEVELS: Final = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


class LambdaLog:
    """The port `Journal` over the logger `cloud_cron`, which says INFO whatever the root logger does."""

    def __init__(self) -> None:
        """Take the logger; that botocore found its credentials is no news."""
        logging.getLogger("botocore").setLevel(logging.WARNING)
        self._logger = logging.getLogger(LOGGER)
        if self._logger.level == logging.NOTSET:
            self._logger.setLevel(logging.INFO)

    def note(self, report: RunReport | Delivery) -> None:
        """Log one report; a delivery with the traceback of the user's exception, which for a run Lambda logs itself."""
        fields = line(report)
        level = _LEVELS[fields.pop("level")]
        error = report.error
        users = fields["event"] == "delivery" and not isinstance(error, (CloudCronError, Outcome))
        text = f"{fields['event']} {fields['status']}"
        self._logger.log(level, text, extra=fields, exc_info=error if users else None)
