"""`cloud-cron dlq`: look at dead letters, try them again, settle what is in doubt."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from cloud_cron.errors import EventError, NotFound
from cloud_cron_cli import letters, names, redriving, times, words
from cloud_cron_cli.family import Family
from cloud_cron_cli.machine import dev_option, entered
from cloud_cron_cli.options import Choices, Command
from cloud_cron_cli.output import Output, accent, bad, dim, doubtful, good, strong, visible
from cloud_cron_cli.project import opened
from cloud_cron_cli.table import HELP

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cloud_cron.model import NotifierModel
    from cloud_cron_cli.letters import Delivery, Letter
    from cloud_cron_cli.machine import Machine
    from cloud_cron_cli.redriving import Resolved


command = Family(
    "dlq",
    short_help=HELP["dlq"],
    help="""Look at dead letters, try them again, settle what is in doubt.

    A dead letter is a message that a notifier could not deliver to somebody. It is known by the id of the message, of
    which the beginning will do.""",
    epilog="""\b
Examples:
  cloud-cron dlq list
  cloud-cron dlq redrive mail_report
  cloud-cron dlq resolve text_alert 5KQ3XW --sent""",
)


@command.command("list", cls=Command, short_help="Show dead letters, oldest first.")
@click.argument("notifier", required=False, shell_complete=names.notifiers)
@dev_option
@click.pass_obj
def _list(choices: Choices, notifier: str | None, *, dev: bool) -> None:
    """Show the dead letters of NOTIFIER, or of all, oldest first.

    With --json: {"letters": [{"notifier", "id", "code", "reason", "task", "run_id", "topic", "at"}]}, where `at` is
    since when it is dead.
    """
    project, out = opened(choices), Output(choices)
    chosen = [project.notifier(notifier)] if notifier else project.model.notifiers
    with entered(choices, out, dev=dev) as machine:
        found = [letter for each in chosen for letter in letters.dead(project, machine, each)]
        if out.json:
            out.data({"letters": [letter.to_json() for letter in found]})
        elif found:
            rows = [_row(letter, machine.now(), verbose=out.verbose) for letter in found]
            out.table(["NOTIFIER", "ID", "TASK", "DEAD", "CODE", "REASON"], rows, wrapping=("REASON",))
        else:
            out.say("no dead letters")


def _row(letter: Letter, now: datetime, *, verbose: bool) -> list[str]:
    return [
        strong(letter.notifier.name),
        accent(visible(letter.id if verbose else letter.id[: letters.SHORT])),
        visible((letter.message and letter.message.task) or "-"),
        times.ago(letter.at, now),
        bad(visible(letter.code)),
        visible(letter.reason),
    ]


@command.command("show", cls=Command, short_help="Show a dead letter, and what became of each recipient.")
@click.argument("notifier", shell_complete=names.notifiers)
@click.argument("letter", metavar="ID")
@dev_option
@click.pass_obj
def _show(choices: Choices, notifier: str, letter: str, *, dev: bool) -> None:
    """Show the dead letter of NOTIFIER whose message is ID: its payload, and what became of each recipient.

    The ledger has only hashes of recipients, so that one whom the configuration does not name is shown as a hash. With
    --json: what `list` prints, and {"payload", "deliveries": [{"recipient", "key", "state", "attempts", "ambiguous",
    "accepts", "code", "reason"}]}; `recipient` is null for such a one, and where `key` is *, for the whole message.
    """
    project, out = opened(choices), Output(choices)
    part = project.notifier(notifier)
    with entered(choices, out, dev=dev) as machine:
        every = [*letters.dead(project, machine, part), *letters.blocking(project, machine, part)]
        found = letters.chosen(every, part, letter)[0]
        deliveries = letters.deliveries(project, machine, found)
        try:
            found = letters.whole(machine, found)
        except (EventError, NotFound) as lost:
            out.note(f"its payload is lost: {lost.code} {lost.message}")
        if out.json:
            told = [delivery.to_json() for delivery in deliveries]
            payload = found.message.payload if found.message else found.received.body
            out.data({**found.to_json(), "payload": payload, "deliveries": told})
        else:
            _print(out, found, deliveries, machine.now())


def _print(out: Output, letter: Letter, deliveries: Sequence[Delivery], now: datetime) -> None:
    out.say(f"{strong(letter.notifier.name)}  {accent(visible(letter.id))}  {dim(times.ago(letter.at, now))}")
    out.say(f"{bad(visible(letter.code))}  {visible(letter.reason)}")
    message = letter.message
    if message and message.run_id:
        out.say(dim(visible(f"run {message.run_id}")))
    out.say()
    out.say(accent(visible(message.topic)) if message else dim("the body cannot be read"))
    body = json.dumps(message.payload, ensure_ascii=False, indent=2) if message else letter.received.body
    for line in body.split("\n"):
        out.say(f"{dim('│')} {visible(line)}")
    if deliveries:
        out.say()
        out.table(["RECIPIENT", "STATE", "ATTEMPTS", "REASON"], [_delivery(d) for d in deliveries], ("REASON",))


def _delivery(delivery: Delivery) -> list[str]:
    record = delivery.record
    style = {"SENT": good, "DOUBT": doubtful, "REJECTED": bad, "STALE": bad}.get(record.state, str)
    hashed = dim("all of them" if delivery.is_whole else f"somebody else, {delivery.key.sort[:16]}")
    return [delivery.address or hashed, style(record.state.lower()), str(record.attempts), visible(record.reason)]


@command.command(
    "redrive",
    cls=Command,
    short_help="Try dead letters again.",
    epilog="""\b
Examples:
  cloud-cron dlq redrive mail_report
  cloud-cron dlq redrive mail_report 5KQ3XW 7MB2AA""",
)
@click.argument("notifier", shell_complete=names.notifiers)
@click.argument("ids", nargs=-1, metavar="[ID]...")
@dev_option
@click.pass_obj
def _redrive(choices: Choices, notifier: str, ids: tuple[str, ...], *, dev: bool) -> None:
    """Move the dead letters of NOTIFIER back to its queue: those of the messages ID, or all.

    Whoever was told is not told again. A delivery in doubt is not tried again either, and its letter comes back;
    `dlq resolve` settles it. With --json: {"notifier", "redriven": [ids]}.
    """
    project, out = opened(choices), Output(choices)
    part = project.notifier(notifier)
    with entered(choices, out, dev=dev) as machine:
        moved, doubts = redriving.redrive(project, machine, part, ids)
        if out.json:
            out.data({"notifier": notifier, "redriven": [letter.id for letter in moved]})
        else:
            out.say(f"{words.count(len(moved), 'message')} back in the queue of {notifier}")
        if doubts:
            out.note(f"{doubts} of them will be dead again: deliveries in doubt need `cloud-cron dlq resolve`")
        if moved:
            _advise(out, machine, part)


@command.command(
    "resolve",
    cls=Command,
    short_help="Settle deliveries that may have been sent.",
    epilog="""\b
Examples:
  cloud-cron dlq resolve text_alert 5KQ3XW --sent
  cloud-cron dlq resolve mail_report 5KQ3XW --resend --recipient ada@example.com""",
)
@click.argument("notifier", shell_complete=names.notifiers)
@click.argument("letter", metavar="ID")
@click.option("--sent", is_flag=True, help="It was sent: nobody is told again.")
@click.option("--resend", is_flag=True, help="It was not sent, or may be sent twice: try once more.")
@click.option("--recipient", metavar="ADDRESS", help="Settle this delivery alone.")
@dev_option
@click.pass_obj
def _resolve(  # noqa: PLR0913 - what a person may choose
    choices: Choices, notifier: str, letter: str, *, sent: bool, resend: bool, recipient: str | None, dev: bool
) -> None:
    """Settle the deliveries of the message ID of NOTIFIER that are in doubt, after a look at what the provider says.

    With --sent they count as sent, and the dead letter goes unless something else is wrong with its message. With
    --resend each is tried once more, beyond `max_ambiguous`; if that, too, is in doubt, it is a dead letter again. Who
    did this is kept in the log. With --json: {"notifier", "id", "resolved": [recipients or null], "letter": "gone",
    "queued" or "stays"}.
    """
    if sent == resend:
        raise click.UsageError("say what became of it, with either --sent or --resend")
    project, out = opened(choices), Output(choices)
    part = project.notifier(notifier)
    with entered(choices, out, dev=dev) as machine:
        resolved = redriving.resolve(project, machine, part, letter, recipient, "sent" if sent else "resend")
        if out.json:
            fate = "queued" if resend else "stays" if resolved.stays else "gone"
            settled = [delivery.address for delivery in resolved.deliveries]
            out.data({"notifier": notifier, "id": resolved.id, "resolved": settled, "letter": fate})
        else:
            _settled(out, resolved, sent=sent)
        if resend:
            _advise(out, machine, part)


def _settled(out: Output, resolved: Resolved, *, sent: bool) -> None:
    verdict = "counts as sent" if sent else "will be tried once more"
    for delivery in resolved.deliveries:
        out.say(f"{delivery.address or delivery.key.sort[:16]}  {verdict}")
    if resolved.stays:
        out.say(doubtful("the dead letter stays: somebody else may not have been told of its message"))


def _advise(out: Output, machine: Machine, notifier: NotifierModel) -> None:
    """Why nothing happens at once, if nothing does."""
    if notifier.name in machine.book.paused():
        out.note(f"{notifier.name} is paused: nothing is sent until `cloud-cron resume {notifier.name}`")
    elif not notifier.enabled:
        out.note(f"{notifier.name} is not enabled: nothing is sent")
    elif machine.host() is None:
        out.note("nobody serves this database: it is taken up when `cloud-cron serve` or `dev` begins")
