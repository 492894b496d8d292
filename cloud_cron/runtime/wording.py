"""What went wrong, in one line that a ledger, a log and a message attribute can carry."""

from __future__ import annotations

from cloud_cron.errors import CloudCronError, Outcome
from cloud_cron.runtime.redacting import redacted

TYPE_CHECKING = False  # typing is not loaded for it
if TYPE_CHECKING:
    from typing import Final

LONGEST: Final = 1000


def told(error: BaseException) -> str:
    """An exception in one line, with the place that a person would look at: the last frame of the traceback."""
    match error:
        case CloudCronError(where=None):
            return line(error.message)
        case CloudCronError():
            return line(f"{error.message} ({error.where})")
        case Outcome():
            return line(error.reason or type(error).__name__)
    place = _place(error)
    return f"{line(f'{type(error).__name__}: {_text(error)}', LONGEST - len(place))}{place}"


def line(text: str, limit: int = LONGEST) -> str:
    """Text without secrets, and without line breaks and control characters, which SQS refuses; cut at `limit`."""
    cut = redacted(text)[:limit]
    return cut if cut.isprintable() else "".join(char if char.isprintable() else " " for char in cut)


def _place(error: BaseException) -> str:
    """Where it was raised: file and line of the last frame, if it has any."""
    frame = error.__traceback__
    if frame is None:
        return ""
    while frame.tb_next:
        frame = frame.tb_next
    file = frame.tb_frame.f_code.co_filename.replace("\\", "/").rpartition("/")[2]
    return f" at {file}:{frame.tb_lineno}"


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - the user's own __str__
        return "(its text cannot be made)"
