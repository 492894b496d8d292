"""Sends mail through any SMTP server: one recipient a transaction, on a connection that serves several mails."""

from __future__ import annotations

from contextlib import suppress
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.channels import mime
from cloud_cron.channels.smtp_session import Session
from cloud_cron.errors import ChannelDown, CloudCronError, Permanent
from cloud_cron.ports import Receipt

if TYPE_CHECKING:
    from cloud_cron.channels.email import EmailOptions
    from cloud_cron.channels.smtp_address import SmtpAddress
    from cloud_cron.ports import Ports

IDLE: Final = 20.0
"""Seconds for which a connection is kept; servers give up after minutes (RFC 5321, 4.5.3.2), and some far sooner."""


class SmtpSender:
    """The port `Sender` over one server; several threads may send at a time, each on a connection of its own."""

    def __init__(self, ports: Ports, options: EmailOptions, server: SmtpAddress, sender: str) -> None:
        """Nothing is connected, and no secret is read, before the first mail."""
        self._ports = ports
        self._options = options
        self._server = server
        self._sender = sender
        self._idle: list[tuple[float, Session]] = []
        self._lock = Lock()
        self._password: str | None = None

    def send(self, content: Any, recipient: str, key: str, timeout: float) -> Receipt:  # noqa: ANN401 - the port
        """Send one mail within `timeout` seconds.

        Raises `Retry` for what was certainly not accepted, `Permanent` for what never will be, `Ambiguous` when the
        answer to a whole mail was lost, `ChannelDown` when the server does not let us in.
        """
        end = monotonic() + timeout
        data = self._made(content, recipient, key)
        connection = self._connected(end)
        try:
            answer = connection.transfer(_bare(self._sender), recipient, data, end)
        except BaseException:
            if not connection.is_usable:
                connection.close()
            else:
                self._keep(connection)
            raise
        self._keep(connection)
        return Receipt(answer)

    def close(self) -> None:
        """Hang up every connection that waits for another mail."""
        with self._lock:
            idle, self._idle = self._idle, []
        for _, connection in idle:
            connection.close()

    def _made(self, content: Any, recipient: str, key: str) -> bytes:  # noqa: ANN401 - the port
        date, options = self._ports.clock.now(), self._options
        more = {"reply_to": options.reply_to, "unsubscribe": options.unsubscribe}
        try:
            return mime.message(content, self._sender, recipient, key=key, date=date, **more).as_bytes()
        except Exception as error:
            raise Permanent(f"the mail cannot be put together: {type(error).__name__}: {error}") from error

    def _connected(self, end: float) -> Session:
        """A connection that is alive: a kept one, or a new one."""
        while True:
            with self._lock:
                kept = self._idle.pop() if self._idle else None
            if kept is None:
                return self._new(end)
            since, connection = kept
            if monotonic() - since < IDLE and connection.is_alive(end):
                return connection
            connection.close()

    def _keep(self, connection: Session) -> None:
        with self._lock:
            self._idle.append((monotonic(), connection))

    def _new(self, end: float) -> Session:
        """Connect and log in; a password that is refused is read once more, because it may have been changed."""
        if self._server.user is None:
            return Session(self._server, end)
        known = self._password
        if known is not None:
            with suppress(ChannelDown):
                return self._admitted(self._server.user, known, end)
            self._ports.secrets.forget(self._options.secret or "")
        password = self._secret()
        session = self._admitted(self._server.user, password, end)
        self._password = password
        return session

    def _admitted(self, user: str, password: str, end: float) -> Session:
        session = Session(self._server, end)
        try:
            session.log_in(user, password, end)
        except BaseException:
            session.close()
            raise
        return session

    def _secret(self) -> str:
        """The password, as its reference says now."""
        try:
            return self._ports.secrets.get("smtp", self._options.secret or "")
        except Exception as error:  # noqa: BLE001 - whatever keeps secrets may raise; nothing was sent
            why = error.message if isinstance(error, CloudCronError) else type(error).__name__
            raise ChannelDown(f"the password of the mail server cannot be had: {why}") from None


def _bare(mailbox: str) -> str:
    """The address of `Weather <weather@example.org>`."""
    return mailbox.rpartition("<")[2].rstrip(">")
