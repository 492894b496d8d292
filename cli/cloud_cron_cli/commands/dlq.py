"""`cloud-cron dlq`: look at dead letters, try them again, settle what is in doubt."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from cloud_cron.errors import EventError, NotFound
from cloud_cron_cli import names, times, words
from cloud_cron_cli.family import Family
from cloud_cron_cli.machine import dev_option
from cloud_cron_cli.operating import owners, reading, redriving, resolving
from cloud_cron_cli.operating.letters import HOPS, Letter, chosen
from cloud_cron_cli.options import Choices, Command
from cloud_cron_cli.output import Output, accent, bad, dim, doubtful, good, strong, visible
from cloud_cron_cli.placing import placed, remote_option
from cloud_cron_cli.project import opened
from cloud_cron_cli.table import HELP

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cloud_cron_cli.operating.letters import Heap, LostRun
    from cloud_cron_cli.operating.place import Place
    from cloud_cron_cli.operating.reading import Delivery
    from cloud_cron_cli.operating.redriving import Redriven
    from cloud_cron_cli.operating.resolving import Resolved, Verdict
    from cloud_cron_cli.project import Project

hop_option = click.option("--hop", type=click.Choice(HOPS), help="Those of one hop alone.")

command = Family(
    "dlq",
    short_help=HELP["dlq"],
    help="""Look at dead letters, try them again, settle what is in doubt.

    A run goes from the scheduler to its task, and what it publishes goes to notifiers. At each of these hops something
    may be stuck: a run that was missed (hop scheduler), one that failed for good (task), or a message that a notifier
    could not deliver to somebody (notifier). A letter is known by the id of its run or message, of which the beginning
    will do; NAME is the task or notifier, or - for letters of nobody that there is.""",
    epilog="""\b
Examples:
  cloud-cron dlq list
  cloud-cron dlq redrive mail_report
  cloud-cron dlq redrive morning --hop scheduler
  cloud-cron dlq resolve text_alert 5KQ3XW --sent
  cloud-cron dlq list --remote --stage prod""",
)


@command.command("list", cls=Command, short_help="Show dead letters, hop by hop, oldest first.")
@click.argument("name", required=False, shell_complete=names.parts)
@hop_option
@dev_option
@remote_option
@click.pass_obj
def _list(choices: Choices, name: str | None, *, hop: str | None, dev: bool, remote: bool) -> None:
    """Show the dead letters of NAME, a task or notifier, or of all, oldest first.

    On AWS, whoever looks hides what they see from everybody else: until the command ends, and for 30 seconds if it is
    killed. Of a group of messages that keep their order, SQS shows ten at a time; how many there are beyond what was
    shown is said. With --json: {"letters": [{"hop", "notifier", "id", "code", "reason", "task", "run_id", "topic",
    "at"}], "unseen"}, where `at` is since when it is dead, or when the run was due, and `notifier` is null for a run.
    """
    project, out = opened(choices), Output(choices)
    with placed(choices, project, out, dev=dev, remote=remote) as place:
        heap = owners.of(project, place, name) if name else owners.every(place)
        found = [letter for letter in heap.seen if hop in {None, letter.hop}]
        if out.json:
            out.data({"letters": [letter.to_json() for letter in found], "unseen": heap.unseen})
        elif found:
            rows = [_row(letter, place.now(), verbose=out.verbose) for letter in found]
            out.table(["HOP", "NAME", "ID", "TASK", "SINCE", "CODE", "REASON"], rows, wrapping=("REASON",))
        elif not heap.unseen:
            out.say("no dead letters")
        _tell_unseen(out, heap)


def _tell_unseen(out: Output, heap: Heap[Letter | LostRun]) -> None:
    if heap.unseen:
        out.note(f"at least {words.count(heap.unseen, 'letter')} more: behind these in their group, or in other hands")


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


@command.command("show", cls=Command, short_help="Show a dead letter, and what became of each recipient.")
@click.argument("name", shell_complete=names.parts)
@click.argument("letter", metavar="ID")
@dev_option
@remote_option
@click.pass_obj
def _show(choices: Choices, name: str, letter: str, *, dev: bool, remote: bool) -> None:
    """Show the dead letter of NAME whose message or run is ID: its payload, and what became of each recipient.

    Of a run, the event that asks for it is shown. The ledger has only hashes of recipients, so that one whom the
    configuration does not name is shown as a hash. With --json: what `list` prints, and {"payload", "deliveries":
    [{"recipient", "key", "state", "attempts", "ambiguous", "accepts", "code", "reason"}]}; `recipient` is null for such
    a one, and where `key` is *, for the whole message.
    """
    project, out = opened(choices), Output(choices)
    with placed(choices, project, out, dev=dev, remote=remote) as place:
        found = chosen(_shown(project, place, name), name, letter)[0]
        if not isinstance(found, Letter):
            _show_run(out, found, place.now())
            return
        deliveries = reading.deliveries(project, place, found.notifier, found.id)
        try:
            found = reading.whole(project, place, found)
        except (EventError, NotFound) as lost:
            out.note(f"its payload is lost: {lost.code} {lost.message}")
        if out.json:
            told = [delivery.to_json() for delivery in deliveries]
            payload = found.message.payload if found.message else found.received.body
            out.data({**found.to_json(), "payload": payload, "deliveries": told})
        else:
            _print(out, found, deliveries, place.now())


def _shown(project: Project, place: Place, name: str) -> list[Letter | LostRun]:
    """The letters of one, and what waits at a notifier whose bad messages stop their group."""
    model = project.model.notifier(name)
    waiting = place.blocking(name) if model and model.on_poison == "block" else ()
    found = owners.of(project, place, name).seen
    return [*found, *(reading.letter(project.model, name, received) for received in waiting)]


def _show_run(out: Output, run: LostRun, now: datetime) -> None:
    body = run.received.body if run.received else ""
    if out.json:
        out.data({**run.to_json(), "payload": run.event or body, "deliveries": []})
        return
    out.say(f"{strong(visible(run.owner))}  {accent(visible(run.id))}  {dim(times.ago(run.at, now))}")
    out.say(f"{bad(visible(run.code))}  {visible(run.reason)}")
    out.say()
    out.say(dim("the event that asks for it" if run.event is not None else "it does not say which run it asks for"))
    text = json.dumps(dict(run.event), ensure_ascii=False, indent=2) if run.event is not None else body
    for line in text.split("\n"):
        out.say(f"{dim('│')} {visible(line)}")


def _print(out: Output, letter: Letter, deliveries: Sequence[Delivery], now: datetime) -> None:
    out.say(f"{strong(visible(letter.notifier))}  {accent(visible(letter.id))}  {dim(times.ago(letter.at, now))}")
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
@click.argument("name", shell_complete=names.parts)
@click.argument("ids", nargs=-1, metavar="[ID]...")
@hop_option
@dev_option
@remote_option
@click.pass_obj
def _redrive(  # noqa: PLR0913 - what a person may choose
    choices: Choices, name: str, ids: tuple[str, ...], *, hop: str | None, dev: bool, remote: bool
) -> None:
    """Try the dead letters of NAME again: those of the messages or runs ID, or all.

    Messages go back to the notifier's queue. Whoever was told is not told again. A delivery in doubt is not tried again
    either, and its letter comes back; `dlq resolve` settles it. A run is asked for by its own event, so that it is the
    same run: what it returned already is published, and its function is not called again. With --json: {"notifier" or
    "task", "redriven": [ids], "count"}; on AWS there may be more than were seen.
    """
    project, out = opened(choices), Output(choices)
    with placed(choices, project, out, dev=dev, remote=remote) as place:
        redriven = redriving.redrive(project, place, name, ids, hop)
        kind = "notifier" if owners.is_notifier(project, place, name) else "task"
        if out.json:
            told = {"redriven": [letter.id for letter in redriven.moved], "count": redriven.total}
            out.data({kind: name, **told})
        else:
            _redriven(out, name, kind, redriven)
        for run in redriven.kept:
            out.note(f"{run.id} stays: it does not say which run it asks for")
        if redriven.doubtful:
            hint = "deliveries in doubt need `cloud-cron dlq resolve`"
            out.note(f"{redriven.doubtful} of them will be dead again: {hint}")
        if redriven.total:
            _advise(out, place, name)


def _redriven(out: Output, name: str, kind: str, redriven: Redriven) -> None:
    if kind == "task":
        out.say(f"{words.count(redriven.total, 'run')} of {name} asked for again")
    else:
        least = "at least " if redriven.total > len(redriven.moved) else ""
        out.say(f"{least}{words.count(redriven.total, 'message')} back in the queue of {name}")


@command.command(
    "resolve",
    cls=Command,
    short_help="Settle deliveries that may have been sent, or let a letter go.",
    epilog="""\b
Examples:
  cloud-cron dlq resolve text_alert 5KQ3XW --sent
  cloud-cron dlq resolve mail_report 5KQ3XW --resend --recipient ada@example.com
  cloud-cron dlq resolve morning 2030-01-07T07 --drop""",
)
@click.argument("name", shell_complete=names.parts)
@click.argument("letter", metavar="ID")
@click.option("--sent", is_flag=True, help="It was sent: nobody is told again.")
@click.option("--resend", is_flag=True, help="It was not sent, or may be sent twice: try once more.")
@click.option("--drop", is_flag=True, help="Let the letter go: nobody is told of it, or the run is not made.")
@click.option("--recipient", metavar="ADDRESS", help="Settle this delivery alone.")
@dev_option
@remote_option
@click.pass_obj
def _resolve(  # noqa: PLR0913 - what a person may choose
    choices: Choices,
    name: str,
    letter: str,
    *,
    sent: bool,
    resend: bool,
    drop: bool,
    recipient: str | None,
    dev: bool,
    remote: bool,
) -> None:
    """Settle the deliveries of the message ID of NAME that are in doubt, after a look at what the provider says.

    With --sent they count as sent, and the dead letter goes unless something else is wrong with its message. With
    --resend each is tried once more, beyond `max_ambiguous`; if that, too, is in doubt, it is a dead letter again. With
    --drop the letter of a message that is not in doubt goes, or the run ID of a task counts as skipped. Who did this is
    kept in the ledger, and in the log. A message whose letter is gone, or whose group it blocks on AWS, is named by its
    whole id. With --json: {"notifier" or "task", "id", "resolved": [recipients or null], "letter": "gone", "queued" or
    "stays"}.
    """
    verdicts: list[Verdict] = []
    verdicts += ["sent"] if sent else []
    verdicts += ["resend"] if resend else []
    verdicts += ["drop"] if drop else []
    if len(verdicts) != 1:
        raise click.UsageError("say what became of it, with either --sent or --resend, or with --drop")
    if drop and recipient:
        raise click.UsageError("--drop is about the whole letter: leave out --recipient")
    project, out = opened(choices), Output(choices)
    with placed(choices, project, out, dev=dev, remote=remote) as place:
        resolved = resolving.resolve(project, place, name, letter, recipient, verdicts[0])
        kind = "notifier" if owners.is_notifier(project, place, name) else "task"
        if out.json:
            settled = [delivery.address for delivery in resolved.deliveries]
            out.data({kind: name, "id": resolved.id, "resolved": settled, "letter": resolved.fate})
        else:
            _settled(out, resolved, verdicts[0])
        if resend and resolved.fate == "queued":
            _advise(out, place, name)


def _settled(out: Output, resolved: Resolved, verdict: Verdict) -> None:
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


def _advise(out: Output, place: Place, name: str) -> None:
    """Why nothing happens at once, if nothing does."""
    obstacle = place.obstacle(name)
    if obstacle:
        out.note(obstacle)
