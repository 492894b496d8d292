"""How a deploy is watched: a table of resources on a terminal, a line for each event elsewhere; beside the answer."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from cloud_cron_cli.asking import ask, somebody
from cloud_cron_cli.output import bad, dim, emit, good, is_terminal, strong, visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.live import Live
    from rich.table import Table

    from cloud_cron_cli.deploy.ports import Display
    from cloud_cron_cli.deploy.stacks import Change, Event
    from cloud_cron_cli.output import Output

_ROWS: Final = 20
"""So many resources are shown at once: those that moved last."""


@contextmanager
def watched(out: Output, *, yes: bool) -> Iterator[Display]:
    """The display for this process's stderr."""
    if out.quiet:
        yield Silence()
    elif is_terminal(sys.stderr):
        screen = Rows(yes=yes)
        try:
            yield screen
        finally:
            screen.close()
    else:
        yield Lines()


class Silence:
    """Nothing is told, nor asked."""

    def agree(self, question: str) -> None:
        """Go on."""

    def say(self, text: str) -> None:
        """Nothing."""

    def begin(self, stack: str, changes: Sequence[Change]) -> None:
        """Nothing."""

    def event(self, stack: str, event: Event) -> None:
        """Nothing."""

    def end(self, stack: str, status: str) -> None:
        """Nothing."""


class Lines:
    """A line for everything."""

    def say(self, text: str) -> None:
        """The sentence."""
        emit(visible(text), sys.stderr)
        sys.stderr.flush()

    def agree(self, question: str) -> None:
        """Nobody is there to ask: go on."""

    def begin(self, stack: str, changes: Sequence[Change]) -> None:
        """How much there is to do."""
        self.say(f"stack {stack}: {_counted(changes)}")

    def event(self, stack: str, event: Event) -> None:  # noqa: ARG002 - the port's signature
        """What happened to what, and why."""
        why = f": {event.reason}" if event.reason and event.status.endswith("FAILED") else ""
        self.say(f"  {event.status}  {event.kind}  {event.logical}{why}")

    def end(self, stack: str, status: str) -> None:
        """Where it came to rest."""
        self.say(f"stack {stack}: {status}")


class Rows:
    """A table of the resources that moved last, below the lines that stay."""

    def __init__(self, *, yes: bool) -> None:
        """Nothing is shown before the first event; with `yes`, nothing is asked."""
        self._yes = yes
        self._live: Live | None = None
        self._rows: dict[str, Event] = {}
        self._total = 0

    def say(self, text: str) -> None:
        """The sentence, above the table."""
        if self._live:
            self._live.console.print(visible(text), markup=False, highlight=False)
        else:
            emit(visible(text), sys.stderr)

    def agree(self, question: str) -> None:
        """Ask, where somebody is there to answer; raises as `ask` does."""
        if not self._yes and somebody():
            self.close()
            ask(question)

    def begin(self, stack: str, changes: Sequence[Change]) -> None:
        """How much there is to do."""
        self._total = len(changes)
        self.close()
        emit(f"{strong(stack)} {dim(_counted(changes))}", sys.stderr)

    def event(self, stack: str, event: Event) -> None:
        """One row for each resource."""
        from rich.console import Console  # noqa: PLC0415 - only a terminal pays for it
        from rich.live import Live  # noqa: PLC0415 - the same

        self._rows.pop(event.logical, None)
        self._rows[event.logical] = event
        if event.status.endswith("FAILED") and event.reason:
            self.say(f"{event.logical}: {event.reason}")
        if self._live is None:
            self._live = Live(console=Console(file=sys.stderr), refresh_per_second=4, transient=True)
            self._live.start()
        self._live.update(self._table(stack))

    def end(self, stack: str, status: str) -> None:
        """One line remains of a stack."""
        self.close()
        emit(f"{(good if status.endswith('_COMPLETE') else bad)(status)} {strong(stack)}", sys.stderr)

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._live:
            self._live.stop()
        self._live = None
        self._rows = {}

    def _table(self, stack: str) -> Table:
        from rich.table import Table  # noqa: PLC0415 - only a terminal pays for it

        done = sum(event.status.endswith("_COMPLETE") for event in self._rows.values())
        title = f"{stack}  {done} of {self._total}" if self._total else stack
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, title=title, title_justify="left")
        for header in ("STATUS", "TYPE", "RESOURCE"):
            table.add_column(header, no_wrap=True, overflow="ellipsis")
        for event in list(self._rows.values())[-_ROWS:]:
            style = "red" if event.status.endswith("FAILED") else "green" if event.status.endswith("COMPLETE") else ""
            table.add_row(event.status, event.kind, event.logical, style=style)
        return table


def _counted(changes: Sequence[Change]) -> str:
    """`3 to add, 1 to modify`."""
    counts: dict[str, int] = {}
    for change in changes:
        counts[change.action.lower()] = counts.get(change.action.lower(), 0) + 1
    return ", ".join(f"{number} to {action}" for action, number in sorted(counts.items())) or "outputs or tags alone"
