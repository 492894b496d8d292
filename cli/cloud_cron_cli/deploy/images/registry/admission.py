"""How one registry lets us in: what it asked for, now or the last time, and the tokens that it gave for that."""

from __future__ import annotations

import json
import re
from threading import RLock
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlencode

from cloud_cron_cli.deploy.images.registry.challenges import BasicChallenge, BearerChallenge, parse
from cloud_cron_cli.deploy.images.registry.credentials import Identity, Login
from cloud_cron_cli.deploy.images.registry.refusals import not_admitted, refused
from cloud_cron_cli.deploy.images.registry.web import Call

if TYPE_CHECKING:
    from cloud_cron_cli.deploy.images.ports import Cache
    from cloud_cron_cli.deploy.images.registry.challenges import Challenge
    from cloud_cron_cli.deploy.images.registry.credentials import Credentials
    from cloud_cron_cli.deploy.images.registry.patience import Patience
    from cloud_cron_cli.deploy.images.registry.web import Web

_LIFE: Final = 60.0  # of a token that does not say (Distribution, "Token Authentication Specification")
_USED: Final = 0.75  # of its life, after which a token is renewed
_OK: Final = 200
_SAYABLE: Final = r"[!-~]+"
_FACT: Final = "challenge"
"""By the name of a registry: that it asks for a name and a password."""
_BASIC: Final = "basic"

Scopes = tuple[str, ...]
"""What a request needs, such as `repository:owner/app:pull`."""


class _Token(NamedTuple):
    word: str
    until: float


class Admission:
    """One registry's door; safe for threads.

    It is not known what is asked for until the registry has refused once. A registry that asked for name and password
    is told them at once the next time, if there is a cache to remember that.
    """

    def __init__(self, host: str, web: Web, patience: Patience, credentials: Credentials, cache: Cache | None) -> None:
        """Nothing is asked yet."""
        self._host = host
        self._web = web
        self._patience = patience
        self._credentials = credentials
        self._cache = cache
        self._challenge: Challenge | None = None
        self._asked_before = cache is not None and cache.recall(_FACT, host) == _BASIC
        self._tokens: dict[Scopes, _Token] = {}
        self._lock = RLock()

    def word(self, scopes: Scopes) -> str | None:
        """The header Authorization for a request, None while nothing was asked for.

        `ImageError` CC870 to CC873, CC878 or CC879 when it cannot be had.
        """
        with self._lock:
            match self._challenge:
                case None:
                    return self._foreseen()
                case BearerChallenge() as challenge:
                    return f"Bearer {self._token(challenge, scopes)}"
                case _:
                    login = self._credentials.of(self._host)
                    if not isinstance(login, Login):
                        raise not_admitted(self._host, scopes[0])
                    return login.basic

    def renew(self, header: str, used: str | None, scopes: Scopes) -> str | None:
        """After a refusal with this WWW-Authenticate: another Authorization, None when there is no other."""
        with self._lock:
            self._asked_before = False
            self._challenge = parse(header) or self._challenge
            if self._cache is not None and self._challenge is not None:
                asks = _BASIC if isinstance(self._challenge, BasicChallenge) else "bearer"
                self._cache.remember(_FACT, self._host, asks)
            known = self._tokens.get(scopes)
            if known and used == f"Bearer {known.word}":
                del self._tokens[scopes]
            word = self.word(scopes)
            return None if word == used else word

    def _foreseen(self) -> str | None:
        """What it asked for the last time; who has no name now is perhaps let in without."""
        login = self._credentials.of(self._host) if self._asked_before else None
        return login.basic if isinstance(login, Login) else None

    def _token(self, challenge: BearerChallenge, scopes: Scopes) -> str:
        known = self._tokens.get(scopes)
        now = self._patience.now()
        if known is None or known.until <= now:
            word, life = self._given(challenge, scopes)
            known = self._tokens[scopes] = _Token(word, now + _USED * life)
        return known.word

    def _given(self, challenge: BearerChallenge, scopes: Scopes) -> tuple[str, float]:
        """A token and the seconds of its life: for a login, for an identity, or for nobody."""
        asked = [("service", challenge.service), *(("scope", scope) for scope in scopes)]
        match self._credentials.of(self._host):
            case Identity(token):
                form = {"grant_type": "refresh_token", "client_id": "cloud-cron", "refresh_token": token}
                body = urlencode([*form.items(), ("service", challenge.service), ("scope", " ".join(scopes))]).encode()
                call = Call("POST", challenge.realm, {"Content-Type": "application/x-www-form-urlencoded"}, body)
            case Login() as login:
                call = Call("GET", _with(challenge.realm, asked), {"Authorization": login.basic})
            case None:
                call = Call("GET", _with(challenge.realm, asked), {})
        what = f"a token for {', '.join(scopes)}"
        answer = self._patience.ask(self._host, what, lambda: self._web.send(call))
        if answer.status != _OK:
            raise refused(self._host, what, answer, self._patience.now())
        try:
            plain = json.loads(answer.data)
            return _sayable(plain.get("token") or plain["access_token"]), float(plain.get("expires_in") or _LIFE)
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            raise not_admitted(self._host, f"{what}: the answer has none") from error


def _sayable(token: object) -> str:
    """The token, if a header can say it (RFC 6750, 2.1); ValueError otherwise."""
    if not re.fullmatch(_SAYABLE, str(token)):
        message = "a header cannot say this token"
        raise ValueError(message)
    return str(token)


def _with(url: str, asked: list[tuple[str, str]]) -> str:
    """The URL with more in its query."""
    return f"{url}{'&' if '?' in url else '?'}{urlencode(asked)}"
