"""`cloud-cron dlq`: look at dead letters, try them again, settle what is in doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from cloud_cron.errors import EventError, NotFound
from cloud_cron_cli import letter_view, names, words
from cloud_cron_cli.family import Family
from cloud_cron_cli.machine import dev_option
from cloud_cron_cli.operating import owners, reading, redriving, resolving
from cloud_cron_cli.operating.letters import HOPS, Letter, chosen
from cloud_cron_cli.operating.remedies import REMEDIES
from cloud_cron_cli.options import Choices, Command
from cloud_cron_cli.output import Output
from cloud_cron_cli.placing import placed, remote_option
from cloud_cron_cli.project import opened
from cloud_cron_cli.table import HELP

if TYPE_CHECKING:
    from cloud_cron_cli.operating.letters import Heap, LostRun
    from cloud_cron_cli.operating.place import Place
    from cloud_cron_cli.operating.resolving import Verdict
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
            letter_view.print_all(out, found, place.now())
        elif not heap.unseen:
            out.say("no dead letters")
        _tell_unseen(out, heap)


def _tell_unseen(out: Output, heap: Heap[Letter | LostRun]) -> None:
    if heap.unseen:
        out.note(f"at least {words.count(heap.unseen, 'letter')} more: behind these in their group, or in other hands")


@command.command("show", cls=Command, short_help="Show a dead letter, and what became of each recipient.")
@click.argument("name", shell_complete=names.parts)
@click.argument("letter", metavar="ID")
@dev_option
@remote_option
@click.pass_obj
def _show(choices: Choices, name: str, letter: str, *, dev: bool, remote: bool) -> None:
    """Show the dead letter of NAME whose message or run is ID: its payload, and what became of each recipient.

    Of a run, the event that asks for it is shown. The ledger has only hashes of recipients, so that one whom the
    configuration does not name is shown as a hash. With --json: what `list` prints, and {"hint", "payload",
    "deliveries": [{"recipient", "key", "state", "attempts", "ambiguous", "accepts", "code", "reason"}]}; `hint` is what
    to do about the code, null where nobody knows; `recipient` is null for one whom only `key`, the hash, names, and
    where `key` is *, for the whole message.
    """
    project, out = opened(choices), Output(choices)
    with placed(choices, project, out, dev=dev, remote=remote) as place:
        found = chosen(_shown(project, place, name), name, letter)[0]
        if isinstance(found, Letter):
            _show_message(project, place, out, found)
        elif out.json:
            body = found.received.body if found.received else ""
            out.data({**_shape(found), "payload": found.event or body, "deliveries": []})
        else:
            letter_view.print_run(out, found, place.now())


def _show_message(project: Project, place: Place, out: Output, found: Letter) -> None:
    deliveries = reading.deliveries(project, place, found.notifier, found.id)
    try:
        found = reading.whole(project, place, found)
    except (EventError, NotFound) as lost:
        out.note(f"its payload is lost: {lost.code} {lost.message}")
    if out.json:
        told = [delivery.to_json() for delivery in deliveries]
        payload = found.message.payload if found.message else found.received.body
        out.data({**_shape(found), "payload": payload, "deliveries": told})
    else:
        letter_view.print_message(out, found, deliveries, place.now())


def _shape(found: Letter | LostRun) -> dict[str, Any]:
    """One letter, with what to do about its code where that is known."""
    return {**found.to_json(), "hint": REMEDIES.get(found.code)}


def _shown(project: Project, place: Place, name: str) -> list[Letter | LostRun]:
    """The letters of one, and what waits at a notifier whose bad messages stop their group."""
    model = project.model.notifier(name)
    waiting = place.blocking(name) if model and model.on_poison == "block" else ()
    found = owners.of(project, place, name).seen
    return [*found, *(reading.letter(project.model, name, received) for received in waiting)]


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
            letter_view.print_redriven(out, name, redriven, runs=kind == "task")
        letter_view.note_redriven(out, redriven)
        if redriven.total:
            _advise(out, place, name)


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
            letter_view.print_resolved(out, resolved, verdicts[0])
        if resend and resolved.fate == "queued":
            _advise(out, place, name)


def _advise(out: Output, place: Place, name: str) -> None:
    """Why nothing happens at once, if nothing does."""
    obstacle = place.obstacle(name)
    if obstacle:
        out.note(obstacle)
