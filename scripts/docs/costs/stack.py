"""The resources of an app as its templates have them: found by type, joined by what they refer to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.schedules import Schedule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cloud_cron_cli.deploy.template import Part

HOURS: Final = 730
"""Hours of a month, as AWS counts it."""

_FIRST: Final = datetime(2030, 1, 1, tzinfo=UTC) - timedelta(seconds=1)


class Stack(NamedTuple):
    """The resources of all stacks of an app by their logical ids."""

    resources: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, *parts: Part) -> Stack:
        """Those of several parts; logical ids of parts differ."""
        return cls({name: each for part in parts for name, each in part.template["Resources"].items()})

    def typed(self, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Logical id and properties of every resource of a type."""
        for name, each in self.resources.items():
            if each["Type"] == kind:
                yield name, each["Properties"]


def fired(schedule: Mapping[str, Any]) -> int:
    """How often a schedule fires in a month."""
    if schedule["State"] != "ENABLED":
        return 0
    return _times(schedule["ScheduleExpression"], schedule.get("ScheduleExpressionTimezone", "UTC"))


@cache
def _times(expression: str, timezone: str) -> int:
    return sum(1 for _ in Schedule(expression, timezone).fires(_FIRST, _FIRST + timedelta(hours=HOURS)))


def referred(value: Any) -> str:  # noqa: ANN401 - an intrinsic function, or a string
    """The logical id that a value refers to; nothing for one that exists already."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), _]}:
            return name
        case _:
            return ""
