"""Moves of dead letters: back to their queue, or settled by somebody who knows what became of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from cloud_cron import channels
from cloud_cron.errors import NotFound
from cloud_cron.local import queues
from cloud_cron.runtime import claims, logs
from cloud_cron_cli import letters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud_cron.model import NotifierModel
    from cloud_cron_cli.letters import Delivery, Letter
    from cloud_cron_cli.machine import Machine
    from cloud_cron_cli.project import Project

Verdict = Literal["sent", "resend"]

_WELL: Final = frozenset({claims.SENT, claims.SKIPPED})
_REASON: Final = {"sent": "a person says that it was sent", "resend": "a person wants it sent once more"}


class Redriven(NamedTuple):
    """The letters that were moved, and how many of them have deliveries in doubt, which are not sent again."""

    moved: list[Letter]
    doubtful: int


class Resolved(NamedTuple):
    """The message, the deliveries that were in doubt, and whether its letter still lies where it was."""

    id: str
    deliveries: list[Delivery]
    stays: bool


def redrive(project: Project, machine: Machine, notifier: NotifierModel, ids: Sequence[str]) -> Redriven:
    """Move dead letters back to their queue: those of these messages, without ids all.

    Raises `NotFound` (CC741, CC742) for an id, and then moves none.
    """
    with machine.store.transaction():
        every = letters.dead(project, machine, notifier)
        moved = [letter for begin in ids for letter in letters.chosen(every, notifier, begin)] if ids else every
        moved = list({letter.received.id: letter for letter in moved}.values())
        doubtful = sum(bool(_in_doubt(letters.deliveries(project, machine, letter))) for letter in moved)
        _move(project, machine, notifier, moved)
    if moved:
        machine.note("redriven", notifier=notifier.name, messages=[letter.id for letter in moved])
    return Redriven(moved, doubtful)


def resolve(  # noqa: PLR0913, PLR0917 - where, what, whom, how
    project: Project, machine: Machine, notifier: NotifierModel, begin: str, recipient: str | None, verdict: Verdict
) -> Resolved:
    """Settle the deliveries of one message that are in doubt, or the one to `recipient`.

    `sent`: nobody is told again, and the letter goes when nothing else is wrong with the message. `resend`: each is
    tried once more, however often it was; the letter goes back to its queue. Raises `NotFound`: CC741 and CC742 for the
    id, CC743 when nothing is in doubt; `RecipientError` for what is no address.
    """
    address = channels.find(notifier.channel).normalise(recipient) if recipient else None
    with machine.store.transaction():
        every = [*letters.dead(project, machine, notifier), *letters.blocking(project, machine, notifier)]
        found = letters.chosen(every, notifier, begin)
        known = letters.deliveries(project, machine, found[0], [address] if address else [])
        doubts = [delivery for delivery in _in_doubt(known) if address is None or delivery.address == address]
        if not doubts:
            raise _nothing(found[0], known, address)
        for delivery in doubts:
            _settle(machine, delivery, verdict)
        after = letters.deliveries(project, machine, found[0])
        stays = verdict == "sent" and not _is_over(found, after, doubts[0].record.source)
        if verdict == "resend":
            _move(project, machine, notifier, found)
        elif not stays:
            _discard(project, machine, notifier, found)
    for delivery in doubts:
        hashed = logs.hashed(delivery.address) if delivery.address else None
        named = {"notifier": notifier.name, "message_id": found[0].id, "recipient": hashed, "key": delivery.key.sort}
        machine.note(f"resolved as {verdict}", level="warning", **named)
    return Resolved(found[0].id, doubts, stays)


def _in_doubt(deliveries: Sequence[Delivery]) -> list[Delivery]:
    return [delivery for delivery in deliveries if delivery.record.state == claims.DOUBT]


def _settle(machine: Machine, delivery: Delivery, verdict: Verdict) -> None:
    """What was spent of `max_ambiguous` stays spent: one more ambiguous answer, and it is in doubt again."""
    state = claims.SENT if verdict == "sent" else claims.RETRY
    token = machine.ids.token()
    after = replace(delivery.record, state=state, token=token, not_before=0.0, forwarded=False, reason=_REASON[verdict])
    machine.ledger.swap(delivery.key, delivery.record, after)


def _is_over(found: Sequence[Letter], after: Sequence[Delivery], source: str) -> bool:
    """Whether nothing is left to say about the message as its queue handed it out the last time."""
    latest = [delivery for delivery in after if delivery.record.source == source]
    return all(delivery.record.state in _WELL for delivery in latest) and not any(
        letter.is_worn_out for letter in found
    )


def _move(project: Project, machine: Machine, notifier: NotifierModel, found: Sequence[Letter]) -> None:
    if found:
        queue = queues.dead_letters(project.model.name, project.stage, notifier.name)
        machine.bus.redrive(queue, ids={letter.received.id for letter in found})


def _discard(project: Project, machine: Machine, notifier: NotifierModel, found: Sequence[Letter]) -> None:
    queue = queues.dead_letters(project.model.name, project.stage, notifier.name)
    machine.bus.discard(queue, {letter.received.id for letter in found})


def _nothing(letter: Letter, known: Sequence[Delivery], address: str | None) -> NotFound:
    """Nothing is in doubt: what there is instead."""
    short = letter.id[: letters.SHORT]
    states = [delivery.record.state.lower() for delivery in known if delivery.address == address]
    if address is None:
        message = f"no delivery of {short} is in doubt"
    elif states:
        message = f"the delivery of {short} to {address} is {states[0]}, and not in doubt"
    else:
        message = f"the ledger knows of no delivery of {short} to {address}"
    hint = f"`cloud-cron dlq show {letter.notifier.name} {short}` shows what it says"
    return NotFound("CC743", message, hint=hint)
