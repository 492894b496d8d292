"""How many texts a stage may send in a day: a count in the ledger, which all its functions and processes share."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from cloud_cron.errors import ChannelDown, StoreError
from cloud_cron.ports import Key, Record

if TYPE_CHECKING:
    from cloud_cron.ports import Ports

PARTITION: Final = "C#sms"
_STATE: Final = "COUNT"
_STORE_PAUSE: Final = 30.0
_TRIES: Final = 20
"""Workers that count at the same moment, before one gives up and comes again."""


class Daily:
    """A place for each text of a day of UTC, taken before it is sent.

    A worker that dies in between leaves its place taken, so that a day never has more texts than its limit.
    """

    def __init__(self, ports: Ports, limit: int | None) -> None:
        """Without a limit nothing is counted."""
        self._ports = ports
        self._limit = limit

    def take(self) -> None:
        """Take a place; raises `ChannelDown` until midnight when there is none."""
        if self._limit is None:
            return
        try:
            taken = self._moved(1)
        except StoreError as error:
            raise ChannelDown(f"the texts of the day cannot be counted: {error.message}", after=_STORE_PAUSE) from None
        if not taken:
            now = self._ports.clock.now()
            midnight = datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
            reason = (
                f"the daily limit of {self._limit:,} texts is reached; it begins anew at {midnight:%Y-%m-%d %H:%M} UTC"
            )
            raise ChannelDown(reason, after=(midnight - now).total_seconds())

    def give_back(self) -> None:
        """Leave the place of a text that was certainly not sent; when that fails, the day is shorter by one text."""
        if self._limit is not None:
            try:
                self._moved(-1)
            except (ChannelDown, StoreError):
                return

    def _moved(self, step: int) -> bool:
        """Count, by comparing and swapping; False when that would be beyond the limit."""
        ledger, now = self._ports.ledger, self._ports.clock.now().astimezone(UTC)
        key, token = Key(PARTITION, f"{now:%Y-%m-%d}"), self._ports.ids.token()
        mine = Record(_STATE, token=token, attempts=step, at=now.timestamp())
        found = ledger.get(key)
        for _ in range(_TRIES):
            if found is None:
                if step < 0 or (found := ledger.create(key, mine)) is None:
                    return True
                continue
            if found.token == token:
                return True
            if not 0 <= found.attempts + step <= (self._limit or 0):
                return False
            if ledger.swap(key, found, mine._replace(attempts=found.attempts + step)):
                return True
            found = ledger.get(key)
        raise ChannelDown("too many texts at once to count them", after=1.0)
