"""Where a mail server is, and how it is spoken to: `smtp://user@host:587` as a value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Final
from urllib.parse import unquote

from cloud_cron.channels.characters import breaking
from cloud_cron.channels.options import kind
from cloud_cron.errors import DeclarationError

STARTTLS: Final = "smtp"
TLS: Final = "smtps"
PLAIN: Final = "smtp+plain"
PORTS: Final = {STARTTLS: 587, TLS: 465, PLAIN: 25}

_LABEL: Final = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_URL: Final = re.compile(
    r"(?P<scheme>[a-z+]+)://(?:(?P<user>[^@/:\s]+)@)?"
    rf"(?P<host>\[[0-9A-Fa-f:.]+\]|{_LABEL}(?:\.{_LABEL})*)(?::(?P<port>[0-9]{{1,5}}))?/?"
)
_HINT: Final = 'such as smtp="smtp://user@mail.example.org:587"'
_LAST_PORT: Final = 65_535


@dataclass(frozen=True)
class SmtpAddress:
    """One server. `scheme` smtp: STARTTLS before anything else; smtps: TLS from the start; smtp+plain: no TLS."""

    scheme: str
    host: str
    port: int
    user: str | None = None


def read(text: object) -> SmtpAddress:
    """The server that a URL names: CC132 for one that names none, CC506 for one with a password, which is not shown.

    Without TLS only a server on this very machine is spoken to, because everybody on the way would read along.
    """
    if isinstance(text, str) and re.match(r"[a-z+]+://[^@/]*:[^@]*@", text):
        message = "smtp holds a password, which does not belong there (it is not shown)"
        hint = 'write smtp="smtp://user@host:587" and secret="env:SMTP_PASSWORD", or another reference'
        raise DeclarationError("CC506", message, hint=hint)
    if not isinstance(text, str):
        raise DeclarationError("CC132", f"smtp must be a string, not {kind(text)}", hint=_HINT)
    found = _URL.fullmatch(text)
    if found is None:
        raise DeclarationError("CC132", "smtp must be the address of a mail server", hint=_HINT)
    scheme, host, user = found["scheme"], found["host"].strip("[]").lower(), unquote(found["user"] or "")
    if (found["host"].startswith("[") and not _is_ipv6(host)) or breaking(user):
        raise DeclarationError("CC132", "smtp must be the address of a mail server", hint=_HINT)
    if scheme not in PORTS:
        message = f"smtp={scheme}:// is no way to speak to a mail server"
        raise DeclarationError("CC132", message, hint="write smtp:// (STARTTLS), smtps:// (TLS) or smtp+plain://")
    port = int(found["port"]) if found["port"] else PORTS[scheme]
    if not 0 < port <= _LAST_PORT:
        raise DeclarationError("CC132", f"smtp names port {port}, which there is not", hint=_HINT)
    if scheme == PLAIN and not _is_here(host):
        message = f"smtp+plain:// sends mail and password readable to everybody on the way to {host}"
        raise DeclarationError(
            "CC132", message, hint="use smtp:// or smtps://; without TLS only a local server will do"
        )
    return SmtpAddress(scheme, host, port, user or None)


def _is_ipv6(host: str) -> bool:
    try:
        IPv6Address(host)
    except ValueError:
        return False
    return True


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
