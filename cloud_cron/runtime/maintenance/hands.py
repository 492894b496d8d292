"""What maintenance needs of AWS beside the ports that every function has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cloud_cron.ports import Received


class Failure(NamedTuple):
    """What Lambda or Scheduler gave up: the task, its event, and why. `handle` takes it out of its queue."""

    task: str
    event: Mapping[str, Any]
    request: str
    code: str
    reason: str
    handle: str


class Beating(Protocol):
    """Somebody far away hears that all is well."""

    def beat(self, seconds: float) -> None:
        """Tell it, within so many seconds; must not raise."""
        ...


class Hands(Protocol):
    """Queues of what failed, and functions to call. Raises `BusError` for what AWS refuses."""

    def invoke(self, task: str, event: Mapping[str, Any]) -> None:
        """Call a task's function with an event, without waiting for it."""
        ...

    def failures(self) -> Iterator[Failure]:
        """Events that Lambda gave up; what cannot be read stays in the queue, and is not given."""
        ...

    def unstarted(self) -> Iterator[Failure]:
        """Events that Scheduler could not hand over, likewise."""
        ...

    def settle(self, failure: Failure) -> None:
        """Take a failure out of its queue."""
        ...

    def letters(self, notifier: str) -> tuple[int, list[Received]]:
        """How many dead letters a notifier has, and the first few of them, which stay; none before it is deployed."""
        ...
