"""Lines of a host's log as a person at the terminal reads them: who, what, and nothing that only a search needs."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.local.log import spoken
from cloud_cron_cli.output import bad, dim, doubtful, good, strong
from cloud_cron_cli.tracebacks import users

if TYPE_CHECKING:
    from collections.abc import Callable

_LEFT_OUT: Final = frozenset({"run_id", "message_id", "recipient", "traceback", "stream", "logger", "stage"})
_STYLES: Final[dict[str, Callable[[str], str]]] = {"error": bad, "warning": doubtful}
_WELL: Final = frozenset({"done", "sent", "outbox", "loaded", "reloaded"})
_PARTS: Final = 3


def told(entry: dict[str, Any], *, verbose: bool = False) -> str:
    """One line, and the user's traceback below it; empty for what only `verbose` shows."""
    if entry["level"] == "debug" and not verbose:
        return ""
    shown = {name: value for name, value in entry.items() if verbose or name not in _LEFT_OUT}
    if shown.get("attempt") == 1:
        del shown["attempt"]
    message = shown.get("message")
    if message and str(shown.get("reason") or "").startswith(message):
        del shown["message"]
    local = datetime.fromisoformat(entry["time"]).astimezone()
    line = spoken({**shown, "time": local.isoformat(timespec="milliseconds")})
    parts = line.split("  ", _PARTS - 1)
    if len(parts) == _PARTS:
        time, who, what = parts
        line = f"{dim(time)}  {strong(who)}  {_styled(entry, what)}"
    return "\n".join([line, *users(entry.get("traceback") or "")])


def _styled(entry: dict[str, Any], text: str) -> str:
    status = str(entry.get("status") or "")
    if entry["level"] == "info" and status.partition(" ")[0] in _WELL and text.startswith(status):
        rest = text.removeprefix(status)
        return f"{good(status)}{dim(rest) if entry.get('event') != 'host' else rest}"
    return _STYLES.get(entry["level"], str)(text)
