"""One session with a mail server, and an exact answer to whether it accepted a mail.

Until the last line of the mail was sent, nothing can have been accepted. From then on, until the server's answer, it
may have been (RFC 5321, 4.2.5 and 6.1).
"""

from __future__ import annotations

import re
import ssl
from base64 import b64encode
from contextlib import contextmanager, suppress
from time import monotonic
from typing import TYPE_CHECKING, Final, NoReturn

from cloud_cron.channels.smtp_address import STARTTLS, TLS
from cloud_cron.channels.smtp_wire import Wire
from cloud_cron.errors import Ambiguous, ChannelDown, Outcome, Permanent, Retry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cloud_cron.channels.smtp_address import SmtpAddress

_READY, _LOGGED_IN, _DONE, _FORWARDED, _SAY_IT, _GO_ON, _CLOSING = 220, 235, 250, 251, 334, 354, 421
_WAYS: Final = ("PLAIN", "LOGIN")
_AUTHENTICATION: Final = frozenset({530, 534, 535, 538})
_PASSING: Final = (ssl.SSLEOFError, ssl.SSLZeroReturnError)
_LEAST: Final = 0.05
_CHECK: Final = 2.0


class Session:
    """Connected and greeted, with TLS where the address wants it. `is_usable` when another mail can follow.

    Every method has until `end` (monotonic), and raises `Retry`, `Permanent`, `Ambiguous` or `ChannelDown`.
    """

    def __init__(self, server: SmtpAddress, end: float) -> None:
        """Connect; nothing is known of users yet."""
        self.is_usable = False
        self._server = server
        self._place = f"{server.host}:{server.port}"
        _left(end)
        with self._or_retry("cannot be reached"):
            self._wire = Wire(server.host, server.port, end)
        try:
            self._greet(end)
        except BaseException:
            self.close()
            raise
        self.is_usable = True

    def transfer(self, sender: str, recipient: str, data: bytes, end: float) -> str:
        """Hand one mail over; the server's own words about it."""
        most = self._wire.esmtp_features.get("size", "").strip()
        if most.isdecimal() and 0 < int(most) < len(data):
            raise Permanent(f"the mail has {len(data):,} bytes, and the mail server {self._place} takes {int(most):,}")
        self.is_usable = False
        self._command(end, f"MAIL FROM:<{sender}>", {_DONE}, refused=ChannelDown)
        self._command(end, f"RCPT TO:<{recipient}>", {_DONE, _FORWARDED}, refused=Permanent)
        self._command(end, "DATA", {_GO_ON}, refused=Permanent)
        stuffed = re.sub(rb"(?m)^\.", b"..", data)  # a dot alone would end the mail (RFC 5321, 4.5.2)
        self._write(end, stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n")
        self._write(end, b".\r\n")
        said = self._answer_to_all()
        self.is_usable = True
        return said[:200]

    def log_in(self, user: str, password: str, end: float) -> None:
        """Authenticate, in one way only: a second try after a refusal is what servers count against us."""
        offered = self._wire.esmtp_features.get("auth", "").upper().split()
        way = next((way for way in _WAYS if way in offered), None)
        if way is None:
            raise ChannelDown(f"the mail server {self._place} takes no password (it offers neither PLAIN nor LOGIN)")
        lines = ["AUTH PLAIN " + _coded(f"\0{user}\0{password}")]
        if way == "LOGIN":
            lines = ["AUTH LOGIN", _coded(user), _coded(password)]
        for line in lines:
            code, text = self._exchange(end, line)
            if code != _SAY_IT:
                break
        if code != _LOGGED_IN:
            raise self._meaning(code, f"{text} (as {user})", ChannelDown)

    def is_alive(self, end: float) -> bool:
        """Whether the server still answers, and soon."""
        now = monotonic()
        with suppress(Retry):
            return self._exchange(now + min(_CHECK, (end - now) / 3), "RSET")[0] == _DONE
        return False

    def close(self) -> None:
        """Hang up."""
        with suppress(OSError):
            self._wire.close()

    def _greet(self, end: float) -> None:
        """EHLO, and TLS before anything else is said."""
        if self._server.scheme == TLS:
            self._secure()
        with self._or_retry("went away"):
            code, text = self._wire.getreply()
        if code != _READY:
            raise self._meaning(code, _text(text), ChannelDown)
        self._ehlo(end)
        if self._server.scheme != STARTTLS:
            return
        if not self._wire.has_extn("starttls"):
            raise ChannelDown(f"the mail server {self._place} offers no STARTTLS, and nothing is sent without it")
        self._command(end, "STARTTLS", {_READY}, refused=ChannelDown)
        self._secure()
        self._ehlo(end)

    def _secure(self) -> None:
        """TLS, verified: what another try would not change is the channel's fault."""
        with self._or_retry("went away before TLS"):
            try:
                self._wire.secure(self._server.host)
            except ssl.SSLCertVerificationError as error:
                reason = (
                    f"the certificate of the mail server {self._place} is not to be trusted: {error.verify_message}"
                )
                raise ChannelDown(reason) from None
            except ssl.SSLError as error:
                if isinstance(error, _PASSING):
                    raise
                raise ChannelDown(f"the mail server {self._place} does not speak our TLS: {_why(error)}") from None

    def _ehlo(self, end: float) -> None:
        self._wire.end = end
        with self._or_retry("went away"):
            code, text = self._wire.ehlo()
            if code // 100 == 5:  # noqa: PLR2004 - a server of old, RFC 5321, 3.2
                code, text = self._wire.helo()
        if code != _DONE:
            raise self._meaning(code, _text(text), ChannelDown)

    def _exchange(self, end: float, line: str) -> tuple[int, str]:
        """One command and its answer; nothing was accepted when that fails."""
        _left(end)
        self._wire.end = end
        with self._or_retry("went away"):
            code, text = self._wire.docmd(line)
        return code, _text(text)

    def _command(self, end: float, line: str, wanted: set[int], *, refused: type[Permanent | ChannelDown]) -> None:
        code, text = self._exchange(end, line)
        if code not in wanted:
            self._refuse(code, text, refused)

    def _write(self, end: float, data: bytes) -> None:
        """Part of the mail. When this fails, the last line has not left, so that nothing was accepted."""
        _left(end)
        with self._or_retry("went away during the mail"):
            self._wire.send(data)

    def _answer_to_all(self) -> str:
        """What the server says to a mail that it has whole."""
        try:
            code, said = self._wire.getreply()
        except OSError as error:
            raise Ambiguous(f"the mail server {self._place} did not answer to the whole mail: {_why(error)}") from None
        text = _text(said)
        if code // 100 == 2:  # noqa: PLR2004 - the class of the answer
            return text
        if code // 100 in {4, 5}:
            self._refuse(code, text, Permanent)
        raise Ambiguous(f"the mail server {self._place} answered to the whole mail with nonsense")

    def _refuse(self, code: int, text: str, kind: type[Permanent | ChannelDown]) -> NoReturn:
        """An answer other than yes; the session goes on, unless the server ends it."""
        if code != _CLOSING:
            with suppress(OSError):
                self.is_usable = self._wire.docmd("RSET")[0] == _DONE
        raise self._meaning(code, text, kind)

    def _meaning(self, code: int, text: str, kind: type[Permanent | ChannelDown]) -> Outcome:
        """What an answer other than yes means: 4xx is not now, 5xx is never (RFC 5321, 4.2.1)."""
        if code in _AUTHENTICATION:
            return ChannelDown(f"the mail server {self._place} refused the login: {code} {text}")
        if code // 100 == 5:  # noqa: PLR2004 - the class of the answer
            return kind(f"{code} {text}")
        return Retry(f"the mail server {self._place} answered {code} {text}")

    @contextmanager
    def _or_retry(self, what: str) -> Iterator[None]:
        """A connection that fails in here has accepted nothing."""
        try:
            yield
        except OSError as error:
            raise Retry(f"the mail server {self._place} {what}: {_why(error)}") from None


def _left(end: float) -> None:
    """Nothing is begun when there is no time to hear of it."""
    if end - monotonic() < _LEAST:
        raise Retry("there was no time left for the mail server")


def _coded(words: str) -> str:
    """As AUTH wants it: UTF-8 in base64 (RFC 4616)."""
    return b64encode(words.encode()).decode()


def _text(said: bytes) -> str:
    return " ".join(said.decode("utf-8", "replace").split())


def _why(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
