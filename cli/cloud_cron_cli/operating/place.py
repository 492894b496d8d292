"""What stands where the app runs, as far as a person looks at it and moves what is stuck."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from cloud_cron.model import TaskModel
    from cloud_cron.ports import Key, Ledger, Payloads, Received, Record
    from cloud_cron_cli.operating.letters import Heap, Letter, LostRun


class Backlog(NamedTuple):
    """What waits for a notifier: messages in its queue, in flight, and since when the oldest does (epoch seconds).

    `reason` is why the last attempt at it did not succeed, where anybody knows; `down`: the channel is out of order;
    `head` is the id of the message that blocks its group, if it is known.
    """

    waiting: int
    in_flight: int
    oldest: float | None = None
    reason: str = ""
    down: bool = False
    head: str = ""


class Idle(NamedTuple):
    """Why nothing runs at all, and the command that changes it; in a trial it does not matter."""

    message: str
    command: str
    matters: bool


class Unheard(NamedTuple):
    """Events of mails that nobody could record: how many, why in words, and the commands that do something about it."""

    total: int
    reason: str
    commands: tuple[str, ...]


class Vitals(NamedTuple):
    """How the parts of the app are.

    `paused` are names; `newest` is each task's run with the latest time; `under_way` are runs that somebody is at, or
    that wait for an attempt; `unheard` is what a provider told of mails in vain.
    """

    idle: Idle | None
    paused: Sequence[str]
    newest: Mapping[str, tuple[Key, Record]]
    under_way: Sequence[tuple[Key, Record]]
    backlogs: Mapping[str, Backlog]
    unheard: Unheard | None = None


class Coming(NamedTuple):
    """When runs that were given their turns begin: the first and the last one, where a clock begins them.

    `idle` is why they do not begin at once, in words.
    """

    first: datetime | None = None
    last: datetime | None = None
    idle: str = ""


class Turns(Protocol):
    """How runs of the past of one task are made: one after the other, each in its turn."""

    @property
    def remembers(self) -> bool:
        """Whether the ledger knows which runs of the task were made."""
        ...

    @property
    def stay(self) -> bool:
        """Whether turns that were given stay, though one after them could not be."""
        ...

    def waits(self, key: Key) -> bool:
        """Whether a run has its turn already, and the ledger does not know that."""
        ...

    def give(self, key: Key, event: Mapping[str, Any]) -> None:
        """Let the run that an event asks for be made after those before it. Safe to repeat."""
        ...

    def coming(self) -> Coming:
        """When those begin that were given their turns here."""
        ...


class Place(Protocol):
    """One stage, on this machine or on AWS. Raises `StoreError`, `BusError`, and what `asking` raises."""

    @property
    def ledger(self) -> Ledger:
        """The records of deliveries and runs."""
        ...

    @property
    def payloads(self) -> Payloads:
        """What is too large for a message."""
        ...

    def now(self) -> datetime:
        """The present instant, in UTC."""
        ...

    def token(self) -> str:
        """The mark of one change of a record."""
        ...

    def who(self) -> str:
        """Who is at the keyboard, as the place knows them."""
        ...

    def note(self, status: str, owner: str, **fields: Any) -> None:  # noqa: ANN401 - JSON
        """Keep what a person did about a task or notifier, and who that was."""
        ...

    def at_once(self) -> AbstractContextManager[object]:
        """All or nothing, where there is such a thing; elsewhere each step is safe to repeat."""
        ...

    def notifiers(self) -> Sequence[str]:
        """The notifiers that have queues here, whether or not the app still has them."""
        ...

    def takes(self, part: str) -> bool:
        """Whether a task or notifier of that name is there, to take what is moved to it."""
        ...

    def dead(self, notifier: str) -> Heap[Letter]:
        """The dead letters of a notifier; where others may look too, they are nobody else's for a while."""
        ...

    def blocking(self, notifier: str) -> Sequence[Received]:
        """What waits in the queue of a notifier; nothing where looking would hold it up."""
        ...

    def lost_runs(self, task: str | None = None) -> Heap[LostRun]:
        """Runs that nobody will make without a person, of one task or of all."""
        ...

    def put_back(self, letters: Sequence[Letter]) -> None:
        """Move letters to the queues of their notifiers; a letter goes only when its message is there."""
        ...

    def put_all_back(self, notifier: str) -> None:
        """Move every letter of a notifier, seen or not."""
        ...

    def run_again(self, run: LostRun) -> None:
        """Ask for the run by its own event, so that it is the same run; its letter goes only after that."""
        ...

    def turns(self, task: TaskModel) -> Turns:
        """The turns of a task; `NotFound` CC826 where it is not deployed."""
        ...

    def discard(self, letter: Letter | LostRun) -> None:
        """Let a letter go."""
        ...

    def pausable(self) -> Sequence[str]:
        """The tasks and notifiers that can be paused here."""
        ...

    def paused(self) -> Sequence[str]:
        """Who is paused, known to the app or not."""
        ...

    def switch(self, names: Sequence[str], *, on: bool) -> None:
        """Pause tasks and notifiers, or let them go on; what was begun is finished."""
        ...

    def obstacle(self, part: str) -> str | None:
        """Why a task or notifier does nothing at once, in words, if it does not."""
        ...

    def vitals(self) -> Vitals:
        """How the parts of the app are."""
        ...
