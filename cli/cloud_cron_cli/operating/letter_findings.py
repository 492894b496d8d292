"""Findings about dead letters: why each is dead, and what a person can do about it.

Letters of one notifier that are dead for one reason are one finding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from cloud_cron.runtime import claims
from cloud_cron_cli import words
from cloud_cron_cli.operating.findings import ERROR, NOTE, Finding, command
from cloud_cron_cli.operating.reading import deliveries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud_cron_cli.operating.letters import Letter
    from cloud_cron_cli.operating.place import Place
    from cloud_cron_cli.operating.reading import Delivery
    from cloud_cron_cli.project import Project

ORPHANED: Final = "orphaned"
UNDELIVERED: Final = "undelivered"
UNREADABLE: Final = "unreadable"
DOUBT: Final = "doubt"
STALE: Final = "stale"
WORN_OUT: Final = "worn-out"
REJECTED: Final = "rejected"
SETTLED: Final = "settled"

_DAY: Final = 86_400


class _Case(NamedTuple):
    """A letter with what the ledger says of its message."""

    letter: Letter
    known: Sequence[Delivery]

    def is_settled(self) -> bool:
        """Whether everybody has it by now: the provider said so later, or a person did."""
        return bool(self.known) and all(each.record.state in {claims.SENT, claims.SKIPPED} for each in self.known)

    def in_state(self, state: str) -> int:
        return sum(delivery.record.state == state for delivery in self.known)


def find(project: Project, place: Place, letters: Sequence[Letter]) -> list[Finding]:
    """One for each notifier and reason, in the order in which the first letter of each came."""
    cases: dict[tuple[str, str], list[_Case]] = {}
    for letter in letters:
        case = _Case(letter, deliveries(project, place, letter.notifier, letter.id))
        cases.setdefault((letter.notifier, _kind(place, case)), []).append(case)
    days = round(project.settings.horizon / _DAY)
    return [_told(kind, name, several, days) for (name, kind), several in cases.items()]


def _kind(place: Place, case: _Case) -> str:
    """What matters most about a letter."""
    if not place.takes(case.letter.notifier):
        return ORPHANED
    if case.letter.undelivered:
        return UNDELIVERED
    if case.in_state(claims.DOUBT):
        return DOUBT
    if case.in_state(claims.STALE):
        return STALE
    if case.letter.message is None:
        return UNREADABLE
    if case.is_settled():
        return SETTLED
    return WORN_OUT if case.letter.code == "receives" else REJECTED


def _told(kind: str, name: str, cases: Sequence[_Case], days: int) -> Finding:
    first = cases[0].letter
    count = sum(case.in_state(claims.DOUBT) for case in cases) if kind == DOUBT else len(cases)
    show = command("dlq", "show", name, first.short)
    drop = command("dlq", "resolve", name, first.short, "--drop")
    redrive = command("dlq", "redrive", name)
    said, commands = _WORDS[kind], [show, redrive, drop]
    match kind:
        case "doubt":
            resolve = command("dlq", "resolve", name, first.short)
            commands = [show, f"{resolve} --sent", f"{resolve} --resend"]
        case "orphaned" | "stale":
            commands = [show, drop]
        case "undelivered" | "worn-out" | "settled":
            commands = [redrive, show]
    noun = "delivery" if kind == DOUBT else "message"
    message = said.format(what=words.count(count, noun), name=name, reason=_reason(kind, cases), days=days)
    return Finding(kind, NOTE if kind == SETTLED else ERROR, name, message, tuple(commands), count)


def _reason(kind: str, cases: Sequence[_Case]) -> str:
    """Why: what the ledger says of the first that is in doubt, else what the letter says."""
    if kind == DOUBT:
        found = (each.record.reason for each in cases[0].known if each.record.state == claims.DOUBT)
        return next(found)
    return cases[0].letter.reason


_WORDS: Final = {
    ORPHANED: "{what} of {name}, a notifier that is not there any more, can be delivered by nobody: {reason}",
    UNDELIVERED: "{what} never reached the queue of {name}, and nobody was told: {reason}",
    UNREADABLE: "{what} of {name} cannot be read: {reason}",
    DOUBT: "{what} of {name} may have been sent, and may not, so that it was not tried again: {reason}",
    STALE: "{what} of {name} came later than the ledger remembers ({days} days), so that it may have been told before",
    WORN_OUT: "{what} of {name} came back again and again, and nobody knows who was told: {reason}",
    SETTLED: "{what} of {name} reached everybody after all; a redrive uses the letter up, and tells nobody",
    REJECTED: "{what} of {name} did not reach somebody, and will not without a change: {reason}",
}

KINDS: Final = tuple(_WORDS)
