"""Letters settled by somebody who knows what became of them; who that was stands in the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from cloud_cron import channels
from cloud_cron.errors import NotFound
from cloud_cron.runtime import claims, logs, naming
from cloud_cron_cli.operating import owners
from cloud_cron_cli.operating.findings import command
from cloud_cron_cli.operating.letters import SHORT, Letter, LostRun, chosen
from cloud_cron_cli.operating.reading import deliveries, letter
from cloud_cron_cli.operating.redriving import redrive

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud_cron_cli.operating.place import Place
    from cloud_cron_cli.operating.reading import Delivery
    from cloud_cron_cli.project import Project

Verdict = Literal["sent", "resend", "drop"]
Fate = Literal["gone", "queued", "stays"]

_WELL: Final = frozenset({claims.SENT, claims.SKIPPED})
_REASON: Final = {"sent": "says that it was sent", "resend": "wants it sent once more"}
_LOST: Final = frozenset({"FAILED", "MISSED"})


class Resolved(NamedTuple):
    """The message or run, the deliveries that were in doubt, and what became of the letter."""

    id: str
    deliveries: list[Delivery]
    fate: Fate


def resolve(  # noqa: PLR0913, PLR0917 - where, what, whom, how
    project: Project, place: Place, name: str, begin: str, recipient: str | None, verdict: Verdict
) -> Resolved:
    """Settle what is in doubt about one message, or the delivery to `recipient` alone; or let a letter go.

    `sent`: nobody is told again, and the letter goes when nothing else is wrong with the message. `resend`: each is
    tried once more, however often it was; the letter goes back to its queue. `drop`: nobody is told any more, or the
    run is not made. Raises `NotFound`: CC741 and CC742 for the id, CC743 when nothing is in doubt, CC746 when something
    is and the letter was to go; `RecipientError` for what is no address; what `redrive` raises.
    """
    if not owners.is_notifier(project, place, name):
        return _run(project, place, name, begin, verdict)
    if verdict == "drop":
        return _dropped(project, place, name, begin)
    return _settled(project, place, name, begin, recipient, verdict)


def _settled(  # noqa: PLR0913, PLR0917 - the same
    project: Project, place: Place, name: str, begin: str, recipient: str | None, verdict: Verdict
) -> Resolved:
    model = project.model.notifier(name)
    address = channels.find(model.channel).normalise(recipient) if recipient and model else recipient
    with place.at_once():
        dead = place.dead(name).seen
        unique, found = _message(project, place, name, begin, dead)
        known = deliveries(project, place, name, unique, [address] if address else [])
        doubts = [each for each in _in_doubt(known) if address is None or each.address == address]
        if not doubts:
            raise _nothing(name, unique, known, address)
        for delivery in doubts:
            _settle(place, delivery, verdict)
        lying = [each for each in dead if each in found]
        fate = _moved(project, place, name, doubts[0], unique, lying, verdict) if found else "gone"
    for delivery in doubts:
        hashed = logs.hashed(delivery.address) if delivery.address else None
        told = {"message_id": unique, "recipient": hashed, "key": delivery.key.sort, "level": "warning"}
        place.note(f"resolved as {verdict}", name, **told)
    return Resolved(unique, doubts, fate)


def _message(project: Project, place: Place, name: str, begin: str, dead: Sequence[Letter]) -> tuple[str, list[Letter]]:
    """The message of that id, and its letters; none for one that the ledger alone knows, by the whole id."""
    model = project.model.notifier(name)
    waiting = place.blocking(name) if model and model.on_poison == "block" else ()
    every = [*dead, *(letter(project.model, name, received) for received in waiting)]
    try:
        found = chosen(every, name, begin)
    except NotFound as error:
        if error.code == "CC741" and place.ledger.records(naming.message_key(name, begin).partition):
            return begin, []
        raise
    return found[0].id, found


def _moved(  # noqa: PLR0913, PLR0917 - the same
    project: Project, place: Place, name: str, doubt: Delivery, unique: str, lying: Sequence[Letter], verdict: Verdict
) -> Fate:
    """What becomes of the letters once the ledger knows; what blocks its group is in its queue already."""
    if verdict == "resend":
        place.put_back(lying)
        return "queued"
    after = deliveries(project, place, name, unique)
    if not _is_over(lying, after, doubt.record.source):
        return "stays"
    for each in lying:
        place.discard(each)
    return "gone"


def _dropped(project: Project, place: Place, name: str, begin: str) -> Resolved:
    with place.at_once():
        found = chosen(place.dead(name).seen, name, begin)
        if _in_doubt(deliveries(project, place, name, found[0].id)):
            message = f"deliveries of {found[0].short} are in doubt, so that somebody may have been told"
            hint = f"say which: `{command('dlq', 'resolve', name, found[0].short, '--sent')}`, or --resend"
            raise NotFound("CC746", message, hint=hint)
        place.note("dropped", name, message_id=found[0].id, code=found[0].code, level="warning")
        for each in found:
            place.discard(each)
    return Resolved(found[0].id, [], "gone")


def _run(project: Project, place: Place, name: str, begin: str, verdict: Verdict) -> Resolved:
    """A run is never in doubt: it is made again, or it is not."""
    if verdict == "resend":
        return Resolved(redrive(project, place, name, [begin]).moved[0].id, [], "queued")
    with place.at_once():
        found = [run for run in owners.of(project, place, name).seen if isinstance(run, LostRun)]
        runs = chosen(found, name, begin)
        if verdict == "sent":
            hint = f"`{command('dlq', 'redrive', name, runs[0].id)}` makes it, --drop lets it go"
            raise NotFound("CC743", f"{runs[0].id} is a run, of which nothing is in doubt", hint=hint)
        place.note("dropped", name, run_id=runs[0].id, code=runs[0].code, level="warning")
        for run in runs:
            _let_go(place, run)
    return Resolved(runs[0].id, [], "gone")


def _let_go(place: Place, run: LostRun) -> None:
    """Record that a person did without the run, then take its letter away."""
    found = place.ledger.get(run.key) if run.key else None
    if run.key and found and found.state in _LOST:
        reason = f"{place.who()} let it go; it was {found.state.lower()}: {found.reason}"
        place.ledger.swap(run.key, found, found._replace(state="SKIPPED", token=place.token(), reason=reason))
    if run.received is not None:
        place.discard(run)


def _in_doubt(known: Sequence[Delivery]) -> list[Delivery]:
    return [delivery for delivery in known if delivery.record.state == claims.DOUBT]


def _settle(place: Place, delivery: Delivery, verdict: Verdict) -> None:
    """What was spent of `max_ambiguous` stays spent: one more ambiguous answer, and it is in doubt again."""
    state = claims.SENT if verdict == "sent" else claims.RETRY
    reason = f"{place.who()} {_REASON[verdict]}"
    spent = delivery.record._replace(state=state, token=place.token(), not_before=0.0, forwarded=False, reason=reason)
    place.ledger.swap(delivery.key, delivery.record, spent)


def _is_over(found: Sequence[Letter], after: Sequence[Delivery], source: str) -> bool:
    """Whether nothing is left to say about the message as its queue handed it out the last time."""
    latest = [delivery for delivery in after if delivery.record.source == source]
    return all(delivery.record.state in _WELL for delivery in latest) and not any(each.is_worn_out for each in found)


def _nothing(name: str, unique: str, known: Sequence[Delivery], address: str | None) -> NotFound:
    """Nothing is in doubt: what there is instead."""
    short = unique[:SHORT]
    states = [delivery.record.state.lower() for delivery in known if delivery.address == address]
    if address is None:
        message = f"no delivery of {short} is in doubt"
    elif states:
        message = f"the delivery of {short} to {address} is {states[0]}, and not in doubt"
    else:
        message = f"the ledger knows of no delivery of {short} to {address}"
    hint = f"`{command('dlq', 'show', name, short)}` shows what it says"
    return NotFound("CC743", message, hint=hint)
