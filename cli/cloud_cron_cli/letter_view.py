"""Dead letters as a person at the terminal reads them, and what became of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cloud_cron_cli import times, words
from cloud_cron_cli.operating.letters import Letter
from cloud_cron_cli.operating.remedies import REMEDIES
from cloud_cron_cli.output import accent, bad, dim, doubtful, good, strong, visible

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cloud_cron_cli.operating.letters import LostRun
    from cloud_cron_cli.operating.reading import Delivery
    from cloud_cron_cli.operating.redriving import Redriven
    from cloud_cron_cli.operating.resolving import Resolved, Verdict
    from cloud_cron_cli.output import Output


def print_all(out: Output, letters: Sequence[Letter | LostRun], now: datetime) -> None:
    """A table of them."""
    rows = [_row(letter, now, verbose=out.verbose) for letter in letters]
    out.table(["HOP", "NAME", "ID", "TASK", "SINCE", "CODE", "REASON"], rows, wrapping=("REASON",))


def _row(letter: Letter | LostRun, now: datetime, *, verbose: bool) -> list[str]:
    task = letter.message.task if isinstance(letter, Letter) and letter.message else None
    return [
        letter.hop,
        strong(visible(letter.owner)),
        accent(visible(letter.id if verbose else letter.short)),
        visible(task or "-"),
        times.ago(letter.at, now),
        bad(visible(letter.code)),
        visible(letter.reason),
    ]


def print_message(out: Output, letter: Letter, deliveries: Sequence[Delivery], now: datetime) -> None:
    """The letter of a message: why, what, and what became of each recipient."""
    _head(out, letter, now)
    message = letter.message
    if message and message.run_id:
        out.say(dim(visible(f"run {message.run_id}")))
    out.say()
    out.say(accent(visible(message.topic)) if message else dim("the body cannot be read"))
    _body(out, json.dumps(message.payload, ensure_ascii=False, indent=2) if message else letter.received.body)
    if deliveries:
        out.say()
        out.table(["RECIPIENT", "STATE", "ATTEMPTS", "REASON"], [_delivery(d) for d in deliveries], ("REASON",))


def print_run(out: Output, run: LostRun, now: datetime) -> None:
    """The letter of a run: why, and the event that asks for it."""
    _head(out, run, now)
    out.say()
    if run.event is None:
        out.say(dim("it does not say which run it asks for"))
        _body(out, run.received.body if run.received else "")
    else:
        out.say(dim("the event that asks for it"))
        _body(out, json.dumps(dict(run.event), ensure_ascii=False, indent=2))


def print_redriven(out: Output, name: str, redriven: Redriven, *, runs: bool) -> None:
    """How many were moved, and what will come of it."""
    if runs:
        out.say(f"{words.count(redriven.total, 'run')} of {name} asked for again")
    else:
        least = "at least " if redriven.total > len(redriven.moved) else ""
        out.say(f"{least}{words.count(redriven.total, 'message')} back in the queue of {name}")


def note_redriven(out: Output, redriven: Redriven) -> None:
    """What a person should know beside that."""
    for run in redriven.kept:
        out.note(f"{visible(run.id)} stays: it does not say which run it asks for")
    if redriven.doubtful:
        hint = "deliveries in doubt need `cloud-cron dlq resolve`"
        out.note(f"{redriven.doubtful} of them will be dead again: {hint}")
    if redriven.unseen:
        out.note(f"at least {words.count(redriven.unseen, 'letter')} more, which were not seen")


def print_resolved(out: Output, resolved: Resolved, verdict: Verdict) -> None:
    """What counts now, and what became of the letter."""
    said = "counts as sent" if verdict == "sent" else "will be tried once more"
    for delivery in resolved.deliveries:
        out.say(f"{delivery.address or delivery.key.sort[:16]}  {said}")
    if verdict == "drop":
        out.say(f"{visible(resolved.id)}  let go")
    elif not resolved.deliveries:
        out.say(f"{visible(resolved.id)}  asked for again")
    if resolved.fate == "stays":
        out.say(doubtful("the dead letter stays: somebody else may not have been told of its message"))
    elif verdict == "resend" and resolved.fate == "gone":
        out.note("no letter of it was found: it is tried when its message is handed out the next time")


def _head(out: Output, letter: Letter | LostRun, now: datetime) -> None:
    out.say(f"{strong(visible(letter.owner))}  {accent(visible(letter.id))}  {dim(times.ago(letter.at, now))}")
    out.say(f"{bad(visible(letter.code))}  {visible(letter.reason)}")
    remedy = REMEDIES.get(letter.code)
    if remedy:
        out.say(f"{dim('  hint')} {remedy}")


def _body(out: Output, text: str) -> None:
    for line in text.split("\n"):
        out.say(f"{dim('│')} {visible(line)}")


def _delivery(delivery: Delivery) -> list[str]:
    record = delivery.record
    style = {"SENT": good, "DOUBT": doubtful, "REJECTED": bad, "STALE": bad}.get(record.state, str)
    hashed = dim("all of them" if delivery.is_whole else f"somebody else, {delivery.key.sort[:16]}")
    return [delivery.address or hashed, style(record.state.lower()), str(record.attempts), visible(record.reason)]
