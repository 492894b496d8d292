"""Asks for an address while all is well, so that whoever waits there notices when nobody asks any more.

Whoever knows the address can keep up the appearance, so that nothing written down says more of it than how the asking
ended.
"""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.channels.patience import Late, within
from cloud_cron.checks import HEARTBEAT, SECRET_SCHEMES
from cloud_cron.errors import CloudCronError, ConfigError, HeartbeatError
from cloud_cron.runtime.redacting import know
from cloud_cron.runtime.wording import told

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloud_cron.ports import Secrets

TIMEOUT: Final = 10.0
"""Seconds that all of it may take: where it is kept, its name, the connection, and the answer."""

_LEAST: Final = 0.5
_HINT: Final = "ask for it yourself; nothing but this one request is lost"


class Heartbeat:
    """One address that hears that all is well."""

    def __init__(self, given: str, secrets: Secrets, write: Callable[..., None]) -> None:
        """`given` is the address, or refers to where it is kept; `write` takes the fields of a log line."""
        self._given = given
        self._secrets = secrets
        self._write = write

    def beat(self, seconds: float = TIMEOUT) -> None:
        """Ask once, for so many seconds at most, and for no more than ten; what goes wrong is a line in the log."""
        try:
            self._ask_within(min(seconds, TIMEOUT))
        except Exception as error:  # noqa: BLE001 - whatever it is, everything else went well
            known = error if isinstance(error, CloudCronError) else _unheard(type(error).__name__)
            message = "the heartbeat was not heard"
            self._write(
                event="heartbeat",
                level="warning",
                code=known.code,
                message=message,
                reason=told(known),
                hint=known.hint,
            )

    def _ask_within(self, seconds: float) -> None:
        if seconds < _LEAST:
            raise _unheard("no time was left to ask")
        try:
            within(seconds, lambda: ask(self._address(), seconds))
        except Late:
            raise _unheard(f"there was no answer within {seconds:.0f} seconds") from None

    def _address(self) -> str:
        """The address itself, which no log shows from now on."""
        if not self._given.startswith(SECRET_SCHEMES):
            return know(self._given)
        address = know(self._secrets.get("heartbeat", self._given).strip())
        if not re.fullmatch(HEARTBEAT, address):
            message = f"{self._given} holds no https:// address for the heartbeat (it is not shown)"
            raise ConfigError("CC522", message, hint="keep the address there and nothing else, as text")
        return address


def ask(address: str, seconds: float) -> None:
    """Ask for the address; `HeartbeatError` CC640 for any answer but a good one. A redirect is not followed."""
    import urllib.request  # noqa: PLC0415 - only who has a heartbeat pays for it
    from http.client import HTTPException  # noqa: PLC0415 - the same
    from urllib.error import HTTPError, URLError  # noqa: PLC0415 - the same

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: object) -> None:
            return None

    try:
        with closing(urllib.request.build_opener(Stay).open(address, timeout=seconds)) as answer:
            answer.read(1024)
    except HTTPError as error:
        error.close()
        raise _unheard(f"it was answered with {error.code}") from None
    except URLError as error:
        raise _unheard(_why(error.reason)) from None
    except (OSError, HTTPException, ValueError) as error:
        raise _unheard(_why(error)) from None


def _unheard(why: str) -> HeartbeatError:
    return HeartbeatError("CC640", f"the address of the heartbeat: {why}", hint=_HINT)


def _why(error: Any) -> str:  # noqa: ANN401 - an exception, or what urllib says in the place of one
    """What the system says of it; what the library says may show the address."""
    if isinstance(error, TimeoutError):
        return "there was no answer in time"
    known = getattr(error, "verify_message", None) or getattr(error, "strerror", None)
    return str(known or type(error).__name__)
