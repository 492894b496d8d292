"""Tells services through Apprise, which says no more than yes or no; and nothing of an address leaves this module."""

from __future__ import annotations

import logging
import re
import warnings
from contextlib import contextmanager, suppress
from threading import local
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.channels import referring
from cloud_cron.channels.patience import Late, within
from cloud_cron.errors import Ambiguous, Permanent, UnsupportedError
from cloud_cron.ports import Receipt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cloud_cron.ports import Ports

_LOUD: Final = ("oauthlib", "requests_oauthlib", "urllib3")
"""Loggers that show whole addresses, or headers, to whoever asks for DEBUG."""

_STATUS: Final = re.compile(r"error[=:] ?([1-5][0-9]{2})\b")
_CONNECTING: Final = 3.0


class AppriseSender:
    """The port `Sender` over the library. A no is ambiguous: it does not say whether one of several requests was taken.

    Loading 140 services takes a second or two: it is done here, where Lambda has full CPU and no message waits.
    """

    def __init__(self, ports: Ports) -> None:
        """Load the library; CC140 when it loads no service."""
        with warnings.catch_warnings(action="ignore"):  # of what 140 services make use of
            import apprise  # noqa: PLC0415 - only what sends pays for it

            self._ports = ports
            self._library = apprise
            self._heard = _ear()
            if self._made("json://localhost") is None:
                message = f"apprise {apprise.__version__} cannot send from here: it loads none of its services"
                raise UnsupportedError("CC140", message, hint="pip install --force-reinstall 'cloud-cron[apprise]'")

    def send(self, content: Any, recipient: str, key: str, timeout: float) -> Receipt:  # noqa: ANN401 - the port
        """Tell one service within `timeout` seconds.

        Raises `Permanent` for an address that the library does not know, `Retry` when the address cannot be read,
        `Ambiguous` for everything else, because the library does not tell it apart.
        """
        service = self._made(referring.followed(self._ports, recipient))
        if service is None:
            raise Permanent(f"apprise knows no service by the address {recipient}")
        service.socket_connect_timeout = min(_CONNECTING, timeout / 2)
        service.socket_read_timeout = timeout - service.socket_connect_timeout
        try:
            trouble = within(timeout, lambda: self._tell(service, content))
        except Late:
            raise Ambiguous(f"the service {recipient} did not answer within {timeout:g} seconds") from None
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a service's own module raises
            raise Ambiguous(f"apprise raised {type(error).__name__} for {recipient}") from None
        if trouble:
            raise Ambiguous(f"the service {recipient} did not take it, as far as apprise can tell{trouble}")
        return Receipt(key)

    def _tell(self, service: Any, content: Any) -> str:  # noqa: ANN401 - the library's own types
        """What is known of a failure, empty when there is none."""
        kind, form = self._library.NotifyType.INFO, self._library.NotifyFormat.TEXT
        with self._heard.listening():
            if service.notify(title=content.subject, body=content.text, notify_type=kind, body_format=form):
                return ""
            return f" (status {self._heard.status})" if self._heard.status else " (it says no more)"

    def _made(self, address: str) -> Any:  # noqa: ANN401 - the library's own types
        """The service behind an address, None when there is none."""
        with self._heard.listening(), suppress(Exception):  # whatever a service's module raises for what it cannot read
            return self._library.Apprise.instantiate(address, asset=self._library.AppriseAsset(secure_logging=True))
        return None


class _Ear(logging.Filter):
    """Hears what the library says in a thread of ours, and remembers one number: its words may show an address."""

    def __init__(self) -> None:
        super().__init__()
        self._here = local()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Let nobody else hear what is said in this thread."""
        self._here.status = ""
        try:
            yield
        finally:
            del self._here.status

    @property
    def status(self) -> str:
        """The status of HTTP that the library last spoke of."""
        return str(self._here.status)

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record goes on to the handlers."""
        if not hasattr(self._here, "status"):
            return True
        found = _STATUS.search(record.getMessage())
        if found:
            self._here.status = found[1]
        return False


def _ear() -> _Ear:
    """The one ear at the library's logger."""
    for name in _LOUD:
        logging.getLogger(name).setLevel(max(logging.INFO, logging.getLogger(name).level))
    logger = logging.getLogger("apprise")
    made = next((each for each in logger.filters if isinstance(each, _Ear)), None) or _Ear()
    logger.addFilter(made)
    return made
