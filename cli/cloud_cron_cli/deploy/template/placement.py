"""Which stack each topic, notifier and task stands in: where it is already, else the first with room.

A stack has at most 500 resources and 200 outputs, and a role 10,240 characters of policy (CloudFormation User Guide,
"Quotas"; IAM User Guide, "IAM and AWS STS quotas"). Stacks are deployed in order, so that nothing may stand before what
it needs: a notifier not before its topics, a task not before its topics and those who hear them.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from cloud_cron_cli.deploy.template import identities, mail_events, notifiers, tasks
from cloud_cron_cli.deploy.template.scope import MAIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cloud_cron.config import Settings
    from cloud_cron.model import AppModel

RESOURCES: Final = 450
OUTPUTS: Final = 180
FUNCTIONS: Final = 75
"""So many exact ARNs of functions, 123 characters at their longest, that a role's policy holds beside the rest."""
_MAIN_RESOURCES: Final = 20
_MAIN_OUTPUTS: Final = 12


class Size(NamedTuple):
    """Resources, outputs, and functions that a schedule calls."""

    resources: int
    outputs: int
    functions: int

    def plus(self, other: Size) -> Size:
        """Both together."""
        return Size(self.resources + other.resources, self.outputs + other.outputs, self.functions + other.functions)

    def fits(self) -> bool:
        """Whether one stack holds that much."""
        return self.resources <= RESOURCES and self.outputs <= OUTPUTS and self.functions <= FUNCTIONS

    def has_room(self, other: Size) -> bool:
        """Whether one stack holds both."""
        return self.resources + other.resources <= RESOURCES and self.plus(other).fits()


_EMPTY: Final = Size(2, 1, 0)
"""A stack beside the main one has a scheduler's role, a policy for maintenance or a few, and a digest."""


class Wish(NamedTuple):
    """A piece that wants a place, after the pieces it needs."""

    key: str
    size: Size
    after: tuple[str, ...]


def placed(model: AppModel, settings: Settings, existing: Mapping[str, str]) -> dict[str, str]:
    """The stack of every piece, in the order of declaration; what `existing` knows stays where it is.

    Topics come first, then notifiers, then tasks: `{"topic:reports": "main", "task:morning": "main"}`.
    """
    made = len(identities.wanted(model))
    heard = mail_events.weight(model)
    parts = [Size(_MAIN_RESOURCES + made + heard, _MAIN_OUTPUTS + made * identities.TOKENS + bool(heard), 1)]
    wishes = list(_wishes(model, settings))
    places: dict[str, int] = {wish.key: number(existing[wish.key]) for wish in wishes if wish.key in existing}
    parts += [_EMPTY] * (max(places.values(), default=0) + 1 - len(parts))
    for wish in wishes:
        if wish.key in places:
            parts[places[wish.key]] = parts[places[wish.key]].plus(wish.size)
    for wish in wishes:
        if wish.key in places:
            continue
        first = max((places[needed] for needed in wish.after if needed in places), default=0)
        index = next((i for i in range(first, len(parts)) if parts[i].has_room(wish.size)), len(parts))
        if index == len(parts):
            parts.append(_EMPTY)
        parts[index] = parts[index].plus(wish.size)
        places[wish.key] = index
    return {wish.key: part(places[wish.key]) for wish in wishes}


def part(index: int) -> str:
    """The name of a stack by its place in the order: `main`, `p1`, `p2`."""
    return f"p{index}" if index else MAIN


def number(name: str) -> int:
    """The place of a stack in the order, by its name."""
    return 0 if name == MAIN else int(name.removeprefix("p"))


def _wishes(model: AppModel, settings: Settings) -> Iterator[Wish]:
    """Topics, then those who hear them, then those who publish to them."""
    hearers: dict[str, list[str]] = {}
    for notifier in model.notifiers:
        for topic in notifier.topics:
            hearers.setdefault(topic, []).append(f"notifier:{notifier.name}")
    for topic in model.topics:
        yield Wish(f"topic:{topic}", Size(1, 1, 0), ())
    for notifier in model.notifiers:
        needed = tuple(f"topic:{topic}" for topic in notifier.topics)
        yield Wish(f"notifier:{notifier.name}", Size(notifiers.weight(notifier, settings), 1, 0), needed)
    for task in model.tasks:
        heard = chain.from_iterable(hearers.get(topic, ()) for topic in task.topics)
        needed = (*(f"topic:{topic}" for topic in task.topics), *heard)
        yield Wish(f"task:{task.name}", Size(tasks.weight(task, settings), 1, 1 if task.schedules else 0), needed)
