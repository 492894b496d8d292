"""CloudFormation as values, and the port through which a deploy works with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Stack(NamedTuple):
    """A stack as it was described: `updated` is the end of its last change, in seconds since 1970."""

    name: str
    id: str
    status: str
    reason: str
    outputs: Mapping[str, str]
    tags: Mapping[str, str]
    protected: bool
    updated: float


class Proposal(NamedTuple):
    """What a change set is asked for: `kind` is CREATE or UPDATE; `template` JSON text, or its https URL."""

    stack: str
    name: str
    kind: str
    template: str
    parameters: Mapping[str, str]
    tags: Mapping[str, str]


class Change(NamedTuple):
    """What would become of one resource: `action` is Add, Modify or Remove; `replacement` True, False, Conditional.

    `physical` is empty for one that is added.
    """

    action: str
    logical: str
    kind: str
    replacement: str
    physical: str = ""


class ChangeSet(NamedTuple):
    """A change set: `status` and `reason`, whether it can be executed, and what it would change."""

    status: str
    reason: str
    executable: bool
    changes: tuple[Change, ...]


class Event(NamedTuple):
    """One thing that happened to a resource, or to the stack itself: then `physical` is the stack's id."""

    id: str
    logical: str
    physical: str
    kind: str
    status: str
    reason: str
    token: str


class Resource(NamedTuple):
    """A resource that a stack holds."""

    logical: str
    physical: str
    kind: str
    status: str


class Stacks(Protocol):
    """What a deploy asks of CloudFormation. Every call may raise an error of CC801 to CC809.

    The events of an operation carry the `token` that it was asked for with.
    """

    def find(self, stack: str) -> Stack | None:
        """The stack of that name or id; None when there is none, or it is deleted."""

    def all(self) -> Iterable[Stack]:
        """Every stack of account and region."""

    def template(self, stack: str) -> dict[str, Any]:
        """The template that the stack was last given."""

    def resources(self, stack: str) -> list[Resource]:
        """What the stack holds."""

    def events(self, stack: str) -> Iterable[Event]:
        """What happened to it, newest first, read as far as it is asked for."""

    def propose(self, proposal: Proposal) -> None:
        """Create a change set."""

    def change_set(self, stack: str, name: str) -> ChangeSet:
        """What has become of a change set."""

    def execute(self, stack: str, name: str, token: str, *, keep: bool) -> None:
        """Carry it out; with `keep`, what was made stays when something fails."""

    def discard(self, stack: str, name: str) -> None:
        """Delete a change set."""

    def delete(self, stack: str, token: str, *, force: bool) -> None:
        """Delete the stack; with `force`, even if some resource of it cannot be."""

    def roll_back(self, stack: str, token: str) -> None:
        """Take a failed change that was kept back to the last good state; without one the stack is deleted."""

    def go_on_rolling_back(self, stack: str, token: str, *, force: bool) -> None:
        """Try a failed rollback again; with `force`, without the resources that it failed on."""

    def protect(self, stack: str, *, on: bool) -> None:
        """Switch termination protection."""
