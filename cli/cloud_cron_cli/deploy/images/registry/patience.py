"""How long a registry is given: pauses that grow, are never the same for two machines, and obey Retry-After."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from cloud_cron_cli.deploy.images.registry.refusals import RETRIED, Broken, refused, unreachable

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloud_cron.errors import CloudCronError
    from cloud_cron_cli.deploy.images.registry.answers import Answer

ATTEMPTS: Final = 5
LONGEST: Final = 60.0
_FIRST: Final = 0.5
_CEILING: Final = 16.0


class Patience(NamedTuple):
    """`sleep` waits for seconds, `chance` is a number from 0 to 1, `now` the seconds since 1970."""

    sleep: Callable[[float], None]
    chance: Callable[[], float]
    now: Callable[[], float]

    def ask(self, host: str, what: str, attempt: Callable[[], Answer]) -> Answer:
        """The first answer that is no passing trouble; `ImageError` CC870 or CC873 when there is none."""
        failure: CloudCronError
        for count in range(ATTEMPTS):
            after = None
            try:
                answer = attempt()
            except Broken as broken:
                failure = unreachable(host, broken)
            else:
                if answer.status not in RETRIED:
                    return answer
                failure = refused(host, what, answer, self.now())
                after = self.wished(answer)
            if count == ATTEMPTS - 1 or (after or 0) > LONGEST:
                break
            self.pause(count, after)
        raise failure

    def pause(self, count: int, after: float | None = None) -> None:
        """Wait before the attempt after this one, which counts from 0; `after` is what the registry asked for."""
        grown = min(_CEILING, _FIRST * 2**count)
        self.sleep(grown * (0.5 + self.chance() / 2) if after is None else after)

    def wished(self, answer: Answer) -> float | None:
        """The seconds of Retry-After, which may be a date (RFC 9110, 10.2.3)."""
        text = answer.headers.get("Retry-After", "").strip()
        if text.isdecimal():
            return float(text)
        try:
            then = parsedate_to_datetime(text)
        except (ValueError, TypeError):
            return None
        return max(0.0, (then.astimezone(UTC) - datetime.fromtimestamp(self.now(), UTC)).total_seconds())
