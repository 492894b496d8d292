"""Sends mail through any SMTP server: one recipient a transaction, on a connection that serves several mails."""

from __future__ import annotations

from contextlib import suppress
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.channels import mime
from cloud_cron.channels.smtp_session import Session
from cloud_cron.errors import ChannelDown, CloudCronError
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
        date = self._ports.clock.now()
        made = mime.message(content, self._sender, recipient, key=key, date=date, reply_to=self._options.reply_to)
        connection = self._connected(end)
        try:
            answer = connection.transfer(_bare(self._sender), recipient, made.as_bytes(), end)
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
        connection, user = Session(self._server, end), self._server.user
        if user is None:
            return connection
        if self._password is not None:
            with suppress(ChannelDown):
                connection.log_in(user, self._password, end)
                return connection
            connection.close()
            connection = Session(self._server, end)
        try:
            self._password = None
            password = self._secret()
            connection.log_in(user, password, end)
        except BaseException:
            connection.close()
            raise
        self._password = password
        return connection

    def _secret(self) -> str:
        """The password, as its reference says now."""
        try:
            return self._ports.secrets.get("smtp", self._options.secret or "")
        except CloudCronError as error:
            raise ChannelDown(f"the password of the mail server cannot be had: {error.message}") from None


def _bare(mailbox: str) -> str:
    """The address of `Weather <weather@example.org>`."""
    return mailbox.rpartition("<")[2].rstrip(">")
