"""Sends texts through Twilio: one recipient a call, with credentials that may be changed at any time."""

from __future__ import annotations

from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.channels import twilio_account
from cloud_cron.channels.daily import Daily
from cloud_cron.channels.twilio_answers import Unauthorised
from cloud_cron.errors import ChannelDown, CloudCronError, Permanent, Retry
from cloud_cron.ports import Receipt

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloud_cron.channels.sms import SmsOptions
    from cloud_cron.channels.twilio_line import Http, Line
    from cloud_cron.ports import Ports

IDLE: Final = 20.0
"""Seconds for which a connection is kept: one that has died in silence would make the next text a doubtful one.

By the clock on the wall, because the other one may stand still while Lambda freezes a function.
"""


class TwilioSender:
    """The port `Sender` over an account of Twilio; several threads may send at a time, each on a line of its own.

    The credentials are asked for with each text: whoever keeps them does so for at most five minutes.
    """

    def __init__(self, ports: Ports, options: SmsOptions, connect: Callable[[], Http] | None = None) -> None:
        """Nothing is connected, and no secret is read, before the first text; `connect` makes another HTTP client."""
        self._ports = ports
        self._options = options
        self._more = () if connect is None else (connect,)
        self._daily = Daily(ports, options.daily_limit)
        self._idle: list[tuple[float, str, Line]] = []
        self._lock = Lock()

    def send(self, content: Any, recipient: str, key: str, timeout: float) -> Receipt:  # noqa: ANN401, ARG002 - the port; Twilio takes no key
        """Send one text within `timeout` seconds; the receipt is the SID of Twilio's message.

        Raises `Retry` for what was certainly not accepted, `Permanent` for what never will be, `Ambiguous` when the
        answer was lost, `ChannelDown` when the account or the sender is refused, or the day's texts are sent.
        """
        end = monotonic() + timeout
        self._daily.take()
        try:
            return Receipt(self._sent(content.text, recipient, end))
        except (Retry, Permanent, ChannelDown):
            self._daily.give_back()
            raise

    def close(self) -> None:
        """Hang up every line that waits for another text."""
        with self._lock:
            idle, self._idle = self._idle, []
        for _, _, line in idle:
            line.close()

    def _sent(self, text: str, recipient: str, end: float) -> str:
        """The SID; refused credentials are read once more, because they may have been changed."""
        secret = self._secret()
        try:
            return self._called(secret, text, recipient, end)
        except Unauthorised:
            self._ports.secrets.forget(self._options.secret or "")
            renewed = self._secret()
            if renewed == secret:
                raise
        return self._called(renewed, text, recipient, end)

    def _called(self, secret: str, text: str, recipient: str, end: float) -> str:
        options, left = self._options, end - monotonic()
        if left <= 0:
            raise Retry("no time was left to send")
        line = self._line(secret)
        service, number = options.messaging_service_sid, options.from_number
        sender = {"messaging_service_sid": service} if service else {"from_": number or ""}
        try:
            sid = line.send(recipient, sender, text, left)
        except Unauthorised:
            line.close()
            raise
        except BaseException:
            self._keep(secret, line)
            raise
        self._keep(secret, line)
        return sid

    def _line(self, secret: str) -> Line:
        """A line with these credentials: one that was used a moment ago, or a new one."""
        now = self._ports.clock.now().timestamp()
        while True:
            with self._lock:
                kept = self._idle.pop() if self._idle else None
            if kept is None:
                break
            since, known, line = kept
            if known == secret and now - since < IDLE:
                return line
            line.close()
        from cloud_cron.channels.twilio_line import Line  # noqa: PLC0415 - loads Twilio's client

        return Line(twilio_account.read(secret), *self._more)

    def _keep(self, secret: str, line: Line) -> None:
        with self._lock:
            self._idle.append((self._ports.clock.now().timestamp(), secret, line))

    def _secret(self) -> str:
        """The credentials, as their reference says now."""
        try:
            return self._ports.secrets.get("sms", self._options.secret or "")
        except Exception as error:  # noqa: BLE001 - whatever keeps secrets may raise; nothing was sent
            why = error.message if isinstance(error, CloudCronError) else type(error).__name__
            raise ChannelDown(f"the credentials of Twilio cannot be had: {why}") from None
