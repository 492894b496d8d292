"""Tells an address once a minute that all is well, so that somebody else notices when nothing is told any more."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cloud_cron.local.log import Log

TIMEOUT: Final = 10.0


def ping(address: str, log: Log) -> Thread:
    """Ask for the address, and do not wait for it; what goes wrong is logged. Redirects are not followed."""
    thread = Thread(target=_ask, args=(address, log), daemon=True)
    thread.start()
    return thread


def _ask(address: str, log: Log) -> None:
    import urllib.request  # noqa: PLC0415 - only a host with a heartbeat pays for it

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None

    try:
        with urllib.request.build_opener(Stay).open(address, timeout=TIMEOUT) as answer:
            answer.read(1024)
    except (OSError, ValueError) as error:
        log.write(event="heartbeat", level="warning", message=f"the heartbeat was not heard: {error}")
