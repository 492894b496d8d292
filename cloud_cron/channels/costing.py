"""What an sms to several people costs, in what providers charge for: segments, by the region that they go to."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from cloud_cron.channels.numbers import region
from cloud_cron.errors import RecipientError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

UNKNOWN: Final = "unknown"


class Cost(NamedTuple):
    """The segments that are paid for, those of all recipients; how many recipients each region has.

    `kind` is `domestic` when all of them are in the region of the number that it is from, `abroad` when one is not, and
    `unknown` where regions cannot be told, or a messaging service chooses the number.
    """

    segments: int
    recipients: int
    regions: Mapping[str, int]
    kind: str


def cost(segments: int, people: Sequence[str], sender: str | None) -> Cost:
    """The cost of a text of so many segments, to so many people in E.164."""
    regions = dict(sorted(Counter(map(_region, people)).items()))
    return Cost(segments * len(people), len(people), regions, _kind(regions, _region(sender) if sender else UNKNOWN))


def _kind(regions: Mapping[str, int], home: str) -> str:
    if not regions or UNKNOWN in {home, *regions}:
        return UNKNOWN
    return "domestic" if set(regions) == {home} else "abroad"


def _region(number: str) -> str:
    try:
        return region(number) or UNKNOWN
    except RecipientError:
        return UNKNOWN
