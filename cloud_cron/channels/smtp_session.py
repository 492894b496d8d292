"""One session with a mail server, and an exact answer to whether it accepted a mail.

Until the last line of the mail was sent, nothing can have been accepted. From then on, until the server's answer, it
may have been (RFC 5321, 4.2.5 and 6.1).
"""

from __future__ import annotations

import re
import smtplib
import ssl
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Final, NoReturn

from cloud_cron.channels.smtp_address import STARTTLS, TLS
from cloud_cron.errors import Ambiguous, ChannelDown, Outcome, Permanent, Retry

if TYPE_CHECKING:
    from cloud_cron.channels.smtp_address import SmtpAddress

_OK: Final = 250
_WAYS: Final = {"PLAIN": "auth_plain", "LOGIN": "auth_login", "CRAM-MD5": "auth_cram_md5"}
_AUTHENTICATION: Final = frozenset({530, 534, 535, 538})
_LEAST: Final = 0.05


class Session:
    """Connected and greeted, with TLS where the address wants it. `is_usable` when another mail can follow.

    Every method has until `end` (monotonic), and raises `Retry`, `Permanent`, `Ambiguous` or `ChannelDown`.
    """

    def __init__(self, server: SmtpAddress, end: float) -> None:
        """Connect; nothing is known of users yet."""
        self.is_usable = False
        self._server = server
        self._smtp = self._opened(end)
        try:
            self._greet(end)
        except BaseException:
            self.close()
            raise
        self.is_usable = True

    def transfer(self, sender: str, recipient: str, data: bytes, end: float) -> str:
        """Hand one mail over; the server's own words about it."""
        self.is_usable = False
        self._command(end, f"MAIL FROM:<{sender}>", refused=ChannelDown)
        self._command(end, f"RCPT TO:<{recipient}>", refused=Permanent)
        self._command(end, "DATA", refused=Permanent, wanted=354)
        stuffed = re.sub(rb"(?m)^\.", b"..", data)  # a dot alone would end the mail (RFC 5321, 4.5.2)
        self._write(end, stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n")
        code, text = self._answer_to_all(end)
        if code != _OK:
            self._refused(code, text, Permanent)
        self.is_usable = True
        return text[:200]

    def log_in(self, user: str, password: str, end: float) -> None:
        """Authenticate, in one way only: a second try after a refusal is what servers count against us."""
        self._patience(end)
        offered = self._smtp.esmtp_features.get("auth", "").upper().split()
        way = next((way for way in _WAYS if way in offered), None)
        if way is None:
            raise ChannelDown(f"the mail server {self._place} takes no password")
        self._smtp.user, self._smtp.password = user, password
        try:
            self._smtp.auth(way, getattr(self._smtp, _WAYS[way]))
        except smtplib.SMTPAuthenticationError as error:
            text = _text(error.smtp_error)
            if error.smtp_code in _AUTHENTICATION or error.smtp_code >= 500:  # noqa: PLR2004 - the class of the answer
                raise ChannelDown(f"the mail server refused the password of {user}: {error.smtp_code} {text}") from None
            raise Retry(f"the mail server cannot authenticate now: {error.smtp_code} {text}") from None
        except (OSError, smtplib.SMTPException) as error:
            raise Retry(f"the mail server {self._place} went away: {_why(error)}") from None

    def is_alive(self, end: float) -> bool:
        """Whether the server still answers."""
        with suppress(Retry, OSError, smtplib.SMTPException):
            self._patience(end)
            return self._smtp.docmd("RSET")[0] == _OK
        return False

    def close(self) -> None:
        """Hang up."""
        with suppress(OSError):
            self._smtp.close()

    @property
    def _place(self) -> str:
        return f"{self._server.host}:{self._server.port}"

    def _opened(self, end: float) -> smtplib.SMTP:
        seconds = _left(end)
        try:
            if self._server.scheme == TLS:
                context = ssl.create_default_context()
                return smtplib.SMTP_SSL(self._server.host, self._server.port, timeout=seconds, context=context)
            return smtplib.SMTP(self._server.host, self._server.port, timeout=seconds)
        except ssl.SSLCertVerificationError as error:
            raise _untrusted(self._place, error) from None
        except smtplib.SMTPConnectError as error:
            raise _answer(self._place, error.smtp_code, _text(error.smtp_error), ChannelDown) from None
        except (OSError, smtplib.SMTPException) as error:
            raise Retry(f"the mail server {self._place} cannot be reached: {_why(error)}") from None

    def _greet(self, end: float) -> None:
        """EHLO, and TLS before anything else is said."""
        self._ehlo(end)
        if self._server.scheme != STARTTLS:
            return
        if not self._smtp.has_extn("starttls"):
            raise ChannelDown(f"the mail server {self._place} offers no STARTTLS, and nothing is sent without it")
        self._patience(end)
        try:
            code, text = self._smtp.starttls(context=ssl.create_default_context())
        except ssl.SSLCertVerificationError as error:
            raise _untrusted(self._place, error) from None
        except (OSError, smtplib.SMTPException) as error:
            raise Retry(f"TLS with the mail server {self._place} failed: {_why(error)}") from None
        if code != 220:  # noqa: PLR2004 - "ready to start TLS", RFC 3207
            self._refused(code, _text(text), ChannelDown)
        self._ehlo(end)

    def _ehlo(self, end: float) -> None:
        self._patience(end)
        try:
            code, text = self._smtp.ehlo()
            if 400 <= code < 500 or code == -1:  # noqa: PLR2004 - not now
                raise Retry(f"the mail server {self._place} answered {code} {_text(text)}")
            if code != _OK:
                code, text = self._smtp.helo()
        except (OSError, smtplib.SMTPException) as error:
            raise Retry(f"the mail server {self._place} went away: {_why(error)}") from None
        if code != _OK:
            self._refused(code, _text(text), ChannelDown)

    def _command(self, end: float, line: str, *, refused: type[Permanent | ChannelDown], wanted: int = _OK) -> None:
        """One command; nothing was accepted when it fails."""
        self._patience(end)
        try:
            code, text = self._smtp.docmd(line)
        except (OSError, smtplib.SMTPException) as error:
            raise Retry(f"the mail server {self._place} went away: {_why(error)}") from None
        if code != wanted and not (wanted == _OK and code == 251):  # noqa: PLR2004 - will forward, RFC 5321
            self._refused(code, _text(text), refused)

    def _write(self, end: float, body: bytes) -> None:
        """Everything but the last line; nothing was accepted when this fails."""
        self._patience(end)
        try:
            self._smtp.send(body)
        except (OSError, smtplib.SMTPException) as error:
            raise Retry(f"the mail server {self._place} went away during the mail: {_why(error)}") from None

    def _answer_to_all(self, end: float) -> tuple[int, str]:
        """Say that the mail is whole; from here on it may be accepted."""
        self._patience(end)
        try:
            self._smtp.send(b".\r\n")
            code, text = self._smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            raise Ambiguous(f"the mail server {self._place} did not answer to the whole mail: {_why(error)}") from None
        if code == -1:
            raise Ambiguous(f"the mail server {self._place} answered to the whole mail with nonsense")
        return code, _text(text)

    def _refused(self, code: int, text: str, kind: type[Permanent | ChannelDown]) -> NoReturn:
        """An answer other than yes; the session goes on, unless the server ends it with 421."""
        if code != 421:  # noqa: PLR2004 - the server hangs up
            with suppress(OSError, smtplib.SMTPException):
                self.is_usable = self._smtp.docmd("RSET")[0] == _OK
        raise _answer(self._place, code, text, kind)

    def _patience(self, end: float) -> None:
        """Give the next exchange what is left of the call's time."""
        seconds = _left(end)
        if self._smtp.sock:
            self._smtp.sock.settimeout(seconds)


def _left(end: float) -> float:
    seconds = end - monotonic()
    if seconds < _LEAST:
        raise Retry("there was no time left for the mail server")
    return seconds


def _answer(place: str, code: int, text: str, kind: type[Permanent | ChannelDown]) -> Outcome:
    """What an answer other than yes means: 4xx is not now, 5xx is never (RFC 5321, 4.2.1)."""
    if code in _AUTHENTICATION:
        return ChannelDown(f"the mail server {place} wants another login: {code} {text}")
    if 500 <= code < 600:  # noqa: PLR2004 - the class of the answer
        return kind(f"{code} {text}")
    return Retry(f"the mail server {place} answered {code} {text}")


def _untrusted(place: str, error: ssl.SSLCertVerificationError) -> ChannelDown:
    return ChannelDown(f"the certificate of the mail server {place} is not to be trusted: {error.verify_message}")


def _text(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(text.split())


def _why(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
