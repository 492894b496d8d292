"""The shortest list of faults that still breaks what a longer one broke."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from cloud_cron.testing.simulator.faults import CallPoint, Fault


def shortest(
    faults: Mapping[CallPoint, Fault], breaks: Callable[[Mapping[CallPoint, Fault]], bool], *, tries: int = 300
) -> dict[CallPoint, Fault]:
    """Leave out whatever can be left out, halves first, then smaller pieces; `breaks` plays a list again.

    After so many plays the shortest list so far is good enough.
    """
    kept = list(faults.items())
    size = len(kept)
    while size and tries > 0:
        start = 0
        while start < len(kept) and tries > 0:
            fewer = kept[:start] + kept[start + size :]
            tries -= 1
            if breaks(dict(fewer)):
                kept = fewer
            else:
                start += size
        size //= 2
    return dict(kept)
