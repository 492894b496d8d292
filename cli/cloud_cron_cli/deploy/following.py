"""Waiting for CloudFormation: a look every second and a half, each event told once, never beyond a deadline."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from cloud_cron.errors import DeployError
from cloud_cron_cli.deploy import causes, statuses

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloud_cron_cli.deploy.ports import Tools
    from cloud_cron_cli.deploy.stacks import ChangeSet, Event, Stack

PERIOD: Final = 1.5
_LOOKS: Final = 20
"""After so many looks, nothing will begin any more."""


class Patience:
    """A deadline for a whole command; `timeout` is in seconds."""

    def __init__(self, tools: Tools, timeout: float) -> None:
        """It begins now."""
        self._tools = tools
        self._timeout = timeout
        self._end = tools.time.now() + timeout

    def wait(self, what: str, seconds: float = PERIOD) -> None:
        """Wait a while; `DeployError` CC821 when there is no time left."""
        if self._tools.time.now() >= self._end:
            message = f"{what} after {self._timeout / 60:g} minutes"
            hint = "it goes on by itself: the same command again waits for it; --timeout waits longer"
            raise DeployError("CC821", message, hint=hint)
        self._tools.time.sleep(seconds)


def operate(
    tools: Tools, patience: Patience, stack: Stack, ask: Callable[[str], None]
) -> tuple[Stack | None, list[Event]]:
    """Ask for an operation, by a token that marks its events, and wait until it is over: as `until_rest`."""
    since = next((event.id for event in tools.stacks.events(stack.id)), "")
    asked = causes.Operation(since, tools.time.token())
    ask(asked.token)
    return until_rest(tools, patience, stack, asked)


def until_rest(
    tools: Tools, patience: Patience, stack: Stack, asked: causes.Operation | None = None
) -> tuple[Stack | None, list[Event]]:
    """The stack once nothing happens to it any more, None when it is gone; and the events of what was asked for.

    That may begin a moment later. Without it, they are those of the last change. The stack is looked up by its id: a
    deleted one, and one made anew under the name, are not taken for it.
    """
    teller = Teller(tools, stack.name)
    operation = partial(causes.of, asked) if asked else causes.last
    has_begun = asked is None
    looks = 0
    while True:
        looks += 1
        has_begun = has_begun or looks > _LOOKS or bool(operation(tools.stacks.events(stack.id)))
        current = tools.stacks.find(stack.id)
        if current is None:
            return None, []
        events = operation(tools.stacks.events(stack.id)) if has_begun else []
        teller.tell(events)
        if has_begun and statuses.resting(current.status):
            tools.display.end(stack.name, current.status)
            return current, events
        patience.wait(f"stack {stack.name} is still {current.status}")


def until_made(tools: Tools, patience: Patience, stack: str, name: str) -> ChangeSet:
    """A change set once it is ready or has failed."""
    while True:
        found = tools.stacks.change_set(stack, name)
        if found.status not in {"CREATE_PENDING", "CREATE_IN_PROGRESS"}:
            return found
        patience.wait(f"the change set of stack {stack} is still {found.status}")


def until_true(patience: Patience, probe: Callable[[], str | None]) -> None:
    """Wait until `probe` has nothing more to say."""
    while text := probe():
        patience.wait(text)


class Teller:
    """Tells each event once."""

    def __init__(self, tools: Tools, stack: str) -> None:
        """Nothing was told yet."""
        self._display = tools.display
        self._stack = stack
        self._told: set[str] = set()

    def tell(self, events: list[Event]) -> None:
        """Tell what is new in them."""
        for event in events:
            if event.id not in self._told:
                self._told.add(event.id)
                self._display.event(self._stack, event)
