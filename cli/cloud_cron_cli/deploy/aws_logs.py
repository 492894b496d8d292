"""The log of a stage on AWS: the log groups of its functions, read together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cloud_cron_cli import runs
from cloud_cron_cli.deploy.aws_log_group import LogGroup, Source
from cloud_cron_cli.deploy.template.retention import LOG_RETENTION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from cloud_cron_cli.deploy.aws_log_group import Line
    from cloud_cron_cli.deploy.aws_session import AwsSession
    from cloud_cron_cli.deploy.deployed import Deployed
    from cloud_cron_cli.deploy.ports import Time

_HOUR: Final = 3_600_000
_DAY: Final = 24 * _HOUR
SPANS: Final = (_HOUR, _DAY, 7 * _DAY, LOG_RETENTION[-1] * _DAY)
"""How far back is looked for lines that are wanted, in milliseconds: no farther than there are enough of them."""
PAUSE: Final = 3.0
RATE: Final = 2.5
"""Calls a second, half of what an account may make where it is least (CloudWatch Logs quotas, FilterLogEvents)."""
_OF_THE_STAGE: Final = frozenset({"maintenance", "events"})


class AwsLogs:
    """Reads alone; raises what `asking` raises."""

    def __init__(self, session: AwsSession, sources: Iterable[Source], time: Time) -> None:
        """No call is made yet."""
        self._time = time
        self._groups = [LogGroup(session, source, time) for source in sources]

    def past(self, count: int, wants: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
        """The last lines that are wanted, as many as `count`, oldest first."""
        now = int(self._time.now() * 1000)
        begin = now - SPANS[0]
        found = [*filter(wants, _merged(group.since(begin) for group in self._groups))]
        for span in SPANS[1:]:
            if len(found) >= count:
                break
            end, begin = begin - 1, now - span
            older = _merged(group.between(begin, end) for group in self._groups)
            found = [*filter(wants, older), *found]
        return found[-count:] if count else []

    def more(self) -> list[dict[str, Any]]:
        """What came since, by its time as far as it came together."""
        return _merged(group.more() for group in self._groups)

    def wait(self) -> None:
        """Until it is worth to look again."""
        self._time.sleep(max(PAUSE, len(self._groups) / RATE))


def sources(found: Deployed, names: Sequence[str] = ()) -> list[Source]:
    """The log groups where lines about any of these names may be; all of them without names.

    A name is a task, a notifier, the id of a run, or one of the stage's own functions: `@maintenance`, `@events`.
    """
    made = [_source(said["kind"], said["name"], said["log_group_name"]) for said in _functions(found)]
    return [source for source in made if not names or any(_may_hold(source, name) for name in names)]


def _functions(found: Deployed) -> Iterable[Any]:
    return (said for said in found.pieces.values() if "log_group_name" in said)


def _source(kind: str, name: str, group: str) -> Source:
    return Source(group, {"function": f"@{kind}"} if kind in _OF_THE_STAGE else {kind: name})


def _may_hold(source: Source, name: str) -> bool:
    """A run leaves lines wherever it is heard of, and the stage's own functions are at work for every part."""
    if runs.part(name) != name:
        return True
    return name in source.about.values() or ("function" in source.about and not name.startswith("@"))


def _merged(lines: Iterable[Sequence[Line]]) -> list[dict[str, Any]]:
    return [line.entry for line in sorted((line for several in lines for line in several), key=lambda line: line.at)]
