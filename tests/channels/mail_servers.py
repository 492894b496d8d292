"""Mail servers on loopback: aiosmtpd with TLS and passwords, and one that answers by a script."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import warnings
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult

from cloud_cron.channels import find
from cloud_cron.channels.email import EmailOptions
from cloud_cron.errors import NotFound
from cloud_cron.ports import Ports

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PASSWORD = "hunter2"


class Box:
    """What a server accepted, and how many sessions it had."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, list[str], bytes]] = []
        self.sessions = 0
        self.name = ""
        self.logins: list[str] = []

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802 - aiosmtpd's name
        if not getattr(session, "counted", False):
            session.counted = True
            self.sessions += 1
        session.host_name = self.name = hostname
        return responses

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the same
        self.mails.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 queued as 7"


class Certificates:
    """An authority and a certificate of its for localhost."""

    def __init__(self) -> None:
        self.authority = trustme.CA()

    def context(self, *names: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(*names).configure_cert(context)
        return context


@contextmanager
def served(
    box: Box,
    *,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    password: str | list[str] | None = None,
    **more: Any,
) -> Iterator[int]:
    """A server that takes everything; with `password` from `ada` alone, and a list may change."""

    def check(server, session, envelope, mechanism, given):
        name, word = given.login.decode(), given.password.decode()
        box.logins.append(name)
        return AuthResult(
            handled=False,
            success=name == "ada" and word in ([password] if isinstance(password, str) else password or []),
        )

    rules: dict[str, Any] = {"tls_context": starttls, "require_starttls": starttls is not None, **more}
    if password:
        rules |= {"authenticator": check, "auth_required": True, "auth_require_tls": starttls is not None}
    loop, ready, over = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
    servers: list[asyncio.Server] = []

    def made() -> SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of passwords without TLS, which stay on this machine
            return SMTP(box, loop=loop, **rules)

    async def serve() -> None:
        servers.append(await loop.create_server(made, "127.0.0.1", 0, ssl=tls))
        ready.set()
        await over.wait()
        servers[0].close()
        others = asyncio.all_tasks(loop) - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0)

    def run() -> None:
        loop.run_until_complete(serve())
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield servers[0].sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()


@contextmanager
def scripted(*sessions: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server whose n-th session is the n-th function, the last one for all that follow; it has the bare socket."""
    listening = socket.create_server(("127.0.0.1", 0))
    seen: list[socket.socket] = []
    talks: list[threading.Thread] = []

    def serve() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listening.accept()
                seen.append(connection)
                session = sessions[min(len(seen), len(sessions)) - 1]
                talks.append(threading.Thread(target=_quietly, args=(session, connection), daemon=True))
                talks[-1].start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        for connection in seen:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        for each in (thread, *talks):
            each.join()


def _quietly(session: Callable[[socket.socket], None], connection: socket.socket) -> None:
    with suppress(OSError), connection:
        session(connection)


def answering(**answers: str | None) -> Callable[[socket.socket], None]:
    """A session that answers each command by its name, `greeting` first and `end` after the whole mail.

    An answer of None hangs up there, `wait` says nothing any more.
    """
    usual = {**dict.fromkeys(("EHLO", "HELO", "MAIL", "RCPT", "RSET", "NOOP"), "250 ok"), "greeting": "220 here"}
    usual |= {"DATA": "354 go on", "end": "250 yes", "QUIT": "221 bye"}
    told: dict[str, str | None] = {**usual, **answers}

    def session(connection: socket.socket) -> None:
        file = connection.makefile("rb")
        word = "greeting"
        while True:
            answer = told.get(word, "500 what")
            if answer is None:
                return
            if answer == "wait":
                file.read()
                return
            connection.sendall(f"{answer}\r\n".encode())
            if answer.startswith("354"):
                if b".\r\n" not in iter(file.readline, b""):
                    return
                word = "end"
                continue
            line = file.readline()
            if not line:
                return
            word = line.split()[0].decode("ascii", "replace").upper() if line.strip() else "?"

    return session


class Words:
    """Secrets that a test sets, and how often they were asked for."""

    def __init__(self, *values: str) -> None:
        self.values = list(values)
        self.asked = 0
        self.forgotten: list[str] = []

    def get(self, name: str, reference: str) -> str:
        self.asked += 1
        if not self.values:
            raise NotFound("CC507", f"secret {name!r} is not there")
        return self.values.pop(0) if len(self.values) > 1 else self.values[0]

    def forget(self, reference: str) -> None:
        self.forgotten.append(reference)


class Then:
    def now(self) -> datetime:
        return datetime(2030, 1, 1, 8, tzinfo=UTC)


@contextmanager
def sender(smtp: str, words: Words | None = None, **options: Any) -> Iterator[Any]:
    """The channel's own sender."""
    ports = Ports(None, None, Then(), None, words or Words(), None, None, payloads=None)  # type: ignore[arg-type]
    given = {"sender": "Shop <shop@example.org>", "smtp": smtp, **options}
    made: Any = find("email").sender(ports, EmailOptions(**given))
    try:
        yield made
    finally:
        made.close()
