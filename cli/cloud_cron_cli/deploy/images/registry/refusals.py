"""What the refusals of registries mean, and what a person is told to do about them."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from cloud_cron.errors import CloudCronError, ImageError, NotFound

if TYPE_CHECKING:
    from email.message import Message

    from cloud_cron_cli.deploy.images.registry.answers import Answer

BUSY: Final = 429
RETRIED: Final = frozenset({408, BUSY, 500, 502, 503, 504})
UNAUTHORIZED: Final = 401
FORBIDDEN: Final = 403
MISSING: Final = 404
REFUSED: Final = frozenset({UNAUTHORIZED, FORBIDDEN})
SKEW: Final = 300.0
"""Seconds between two clocks that signatures and tokens still bear."""

_NOT_YET_VALID: Final = 9  # X509_V_ERR_CERT_NOT_YET_VALID
_EXPIRED: Final = 10  # X509_V_ERR_CERT_HAS_EXPIRED
_ECR: Final = re.compile(r"\.dkr[.-]ecr[.-]")
_CLOCK: Final = "set this machine's clock, for instance by NTP"


class Broken(Exception):  # noqa: N818 - says what it is
    """No answer came, or not all of it: it may come at the next attempt."""


def unreachable(host: str, reason: object) -> ImageError:
    """A registry that gave no answer."""
    hint = "check the name and the network; behind a proxy set HTTPS_PROXY"
    return ImageError("CC870", f"the registry cannot be reached, or breaks off: {reason}", where=host, hint=hint)


def untrusted(host: str, why: str, code: int = 0) -> ImageError:
    """A registry whose certificate proves nothing; `code` is OpenSSL's."""
    if code == _NOT_YET_VALID:
        return ImageError("CC879", f"the certificate of the registry is not valid yet ({why})", where=host, hint=_CLOCK)
    hint = "where your organisation inspects TLS, name its authority: SSL_CERT_FILE=/path/to/authorities.pem"
    if code == _EXPIRED:
        hint = "renew it at the registry; or this machine's clock is ahead"
    return ImageError("CC875", f"the registry is not trusted: {why}", where=host, hint=hint)


def refused(host: str, what: str, answer: Answer, now: float) -> CloudCronError:
    """An answer that is no success; `what` was asked for, `now` is the time here."""
    said = words(answer)
    told = f"{what}: {said}" if said else what
    if answer.status in REFUSED:
        return late(host, told, answer.headers, now) or not_admitted(host, told)
    if answer.status == MISSING:
        hint = "check the name and the tag; a repository must be there before something is pushed to it"
        return NotFound("CC872", f"the registry has no {told}", where=host, hint=hint)
    if answer.status == BUSY:
        hint = "wait some minutes; signing in (docker login) often raises the limit"
        return ImageError("CC873", f"the registry is being asked too often for {told}", where=host, hint=hint)
    return ImageError("CC870", f"the registry answers {answer.status} for {told}", where=host, hint="try again later")


def not_admitted(host: str, what: str) -> ImageError:
    """Credentials that are missing, wrong, or not enough."""
    hint = f"docker login {host}; some registries say so of a repository that is not there, too"
    if _ECR.search(host):
        hint = (
            "the policies of the AWS credentials and of the repository must allow it: ecr:BatchGetImage, ecr:PutImage"
        )
    return ImageError(
        "CC871", f"the registry refuses the credentials, or wants some, for {what}", where=host, hint=hint
    )


def outdated(host: str, what: str) -> ImageError:
    """A manifest of Docker's first schema, which no function of Lambda runs and no tool writes any more."""
    hint = "it was pushed by a Docker before 1.10: docker pull and docker push write it anew"
    return ImageError("CC881", f"{what} is an image of Docker's schema 1, of 2016 or before", where=host, hint=hint)


def late(host: str, what: str, headers: Message, now: float) -> ImageError | None:
    """The refusal as one of clocks, when they are so far apart that it must be that."""
    with suppress(KeyError, ValueError, TypeError):
        theirs = parsedate_to_datetime(headers["Date"]).replace(tzinfo=UTC).timestamp()
        if abs(theirs - now) > SKEW:
            apart = f"this clock is {abs(theirs - now):.0f} s {'behind' if theirs > now else 'ahead of'} the registry's"
            return ImageError("CC879", f"{apart}, which refuses {what}", where=host, hint=_CLOCK)
    return None


def words(answer: Answer) -> str:
    """What the registry says about it, in one line."""
    with suppress(ValueError, LookupError, TypeError):
        first = json.loads(answer.data)["errors"][0]
        return " ".join(str(first.get("message") or first["code"]).split())[:300]
    return ""
