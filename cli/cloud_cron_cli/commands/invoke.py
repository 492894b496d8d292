"""`cloud-cron invoke`: run a task once, and show everything that comes of it."""

from __future__ import annotations

import json
import sys
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import click

from cloud_cron.errors import CloudCronError, Outcome
from cloud_cron.loader import own_line
from cloud_cron.local.engine import asked
from cloud_cron.rendered import as_json
from cloud_cron_cli import contents, inputs, names, times, words
from cloud_cron_cli.diagnostics import ERROR, Diagnostic, tell
from cloud_cron_cli.failures import DONE, FAILED, tell_user_traceback
from cloud_cron_cli.options import Choices, Command
from cloud_cron_cli.output import Output, accent, bad, dim, doubtful, good, strong, visible
from cloud_cron_cli.project import Project, opened
from cloud_cron_cli.table import HELP
from cloud_cron_cli.trial import Trial, attempted, use_aws

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from cloud_cron.messages import Message
    from cloud_cron.runtime.reports import Delivery

_WELL: Final = frozenset({"outbox", "sent", "skipped"})
_TRIGGERS: Final = {"manual": "on demand", "backfill": "in place of the scheduled run", "schedule": "scheduled"}
_SHOWN: Final = 12
_WIDE: Final = 90


@click.command(
    "invoke",
    cls=Command,
    short_help=HELP["invoke"],
    epilog="""\b
Examples:
  cloud-cron invoke morning
  cloud-cron invoke morning --at 2030-01-07T08:00
  cloud-cron invoke morning --remote --stage prod
  echo '{"station": "KSEA"}' | cloud-cron invoke morning --input -""",
)
@click.argument("task", shell_complete=names.tasks)
@click.option(
    "--at",
    type=times.moment,
    metavar="ISO8601",
    help="Run as of then, in the task's zone if naive.  [now]",
)
@click.option("--input", "source", metavar="FILE|-", help="JSON that the task finds in run.input.")
@click.option("--send", is_flag=True, help="Send for real, through the channels and the ledger of this stage.")
@click.option("--remote", is_flag=True, help="Call the function that is deployed, whose notifiers send for real.")
@click.pass_obj
def command(  # noqa: PLR0913 - what a person may choose
    choices: Choices, task: str, at: datetime | None, source: str | None, *, send: bool, remote: bool
) -> int:
    """Run a task once and show what it published and what would be sent.

    It really runs, here and now; what it publishes is delivered to an outbox in memory and leaves no trace. With --at
    on one of its fire times it is that very run, otherwise one on demand. Exit code 1 when the task or a delivery
    fails; no attempt is repeated.

    With --remote the deployed function runs it, and notifiers there tell whoever hears of it. Its --json is {"task",
    "id", "state": "done", "duplicate", "skipped", "waiting" or "raised", "messages": how many were published}.
    """
    if send and remote:
        raise click.UsageError("--send sends from this machine, and --remote from AWS: choose one")
    project = opened(choices)
    given = inputs.as_input(source) if source else None
    if remote:
        from cloud_cron_cli import far_runs  # noqa: PLC0415 - a run here does without

        return far_runs.made(choices, project, task, asked(project.task(task), at, given))
    use_aws(choices)
    begun = perf_counter()
    trial = attempted(project, task, at, given, sends=send)
    out = Output(choices)
    if out.json:
        out.data(to_json(task, trial))
    if trial.error:
        return _raised(project, task, trial.error)
    if not out.json:
        _print(out, project, task, trial, perf_counter() - begun)
    waiting = _waiting(project, trial)
    if waiting:
        out.note(dim(f"{words.count(waiting, 'message')} not handled: behind a failed one, in the same order"))
    if trial.others:
        out.note(dim(f"{words.count(len(trial.others), 'delivery')} of earlier runs: they were waiting"))
    return _failures(trial) if trial.is_made else FAILED


def _raised(project: Project, task: str, error: Exception) -> int:
    """Show the user's own traceback, and say in one line what it says."""
    tell_user_traceback(error)
    message = f"task {task!r} raised {type(error).__name__}: {error}".partition("\n")[0]
    tell(Diagnostic(ERROR, None, message, own_line(project.folder, error)), sys.stderr)
    return FAILED


def to_json(task: str, trial: Trial) -> dict[str, Any]:
    """The shape that `invoke --json` prints."""
    run, result, published = trial.result
    return {
        "task": task,
        "run": {"id": run.id, "scheduled_at": run.scheduled_at.isoformat(), "trigger": run.trigger},
        "result": result,
        "published": [{"topic": m.topic, "id": m.id, "payload": m.payload} for m in published],
        "deliveries": [
            {
                "notifier": delivery.notifier,
                "channel": delivery.channel,
                "recipient": delivery.recipient,
                "status": delivery.status,
                "content": None if delivery.content is None else as_json(delivery.content),
            }
            for delivery in trial.deliveries
        ],
    }


def _print(out: Output, project: Project, task: str, trial: Trial, seconds: float) -> None:
    run, _, published = trial.result
    when = times.shown(run.scheduled_at.replace(microsecond=0))
    mark = good("✓") if trial.is_made else doubtful("…")
    out.say(f"{mark} {strong(task)}  {dim(f'{_TRIGGERS[run.trigger]}, {when}, in {seconds:.2f} s')}")
    if trial.untold:
        out.say(doubtful(trial.untold))
    elif not published:
        out.say("it published nothing")
    heard = {topic for notifier in project.model.notifiers if notifier.enabled for topic in notifier.topics}
    for topic in dict.fromkeys(message.topic for message in published):
        messages = [message for message in published if message.topic == topic]
        out.say()
        deaf = "" if topic in heard else doubtful("  nobody hears it")
        out.say(f"{accent(topic)}  {dim(words.count(len(messages), 'message'))}{deaf}")
        for message in messages:
            for line in _payload(message, verbose=out.verbose):
                out.say(f"{dim('│')} {line}")
    for deliveries in _alike(trial.deliveries):
        out.say()
        _print_deliveries(out, project, deliveries)
    if any(delivery.status == "outbox" for delivery in trial.deliveries):
        out.note("")
        out.note(dim("nothing was sent"))


def _payload(message: Message, *, verbose: bool) -> Iterator[str]:
    """A payload on one line when it fits, else on several, cut unless all of it was asked for."""
    flat = json.dumps(message.payload, ensure_ascii=False)
    if len(flat) <= _WIDE:
        yield visible(flat)
        return
    lines = json.dumps(message.payload, ensure_ascii=False, indent=2).split("\n")
    yield from map(visible, lines if verbose else lines[:_SHOWN])
    if not verbose and len(lines) > _SHOWN:
        yield dim(f"… {len(lines) - _SHOWN} more lines; -v shows them")


def _waiting(project: Project, trial: Trial) -> int:
    """How many messages no notifier took up, because a failed one is before them."""
    handled = {(delivery.notifier, delivery.message.id) for delivery in trial.deliveries}
    due = {
        (notifier.name, message.id)
        for notifier in project.model.notifiers
        for message in trial.result.published
        if notifier.enabled and message.topic in notifier.topics
    }
    return len(due - handled)


def _alike(deliveries: Sequence[Delivery]) -> list[list[Delivery]]:
    """Deliveries of the same content for the same reason, together."""
    groups: list[list[Delivery]] = []
    for delivery in deliveries:
        for group in groups:
            if _same(delivery, group[0]):
                group.append(delivery)
                break
        else:
            groups.append([delivery])
    return groups


def _same(one: Delivery, other: Delivery) -> bool:
    return (one.notifier, one.status, one.message.id, one.content) == (
        other.notifier,
        other.status,
        other.message.id,
        other.content,
    )


def _print_deliveries(out: Output, project: Project, deliveries: Sequence[Delivery]) -> None:
    first = deliveries[0]
    people = ", ".join(accent(delivery.recipient) for delivery in deliveries if delivery.recipient)
    became = f"{_status(first)}{_whom(project, first)}"
    out.say(f"{strong(first.notifier)}  {dim(first.channel)}{f' → {people}' if people else ''}  {became}")
    for line in contents.shown(first.content) if first.content else ():
        out.say(line)


def _whom(project: Project, delivery: Delivery) -> str:
    """Who got it in the recipient's place, if anybody did."""
    to = project.notifier(delivery.notifier).redirect_to
    return doubtful(f" to {to} instead") if to and delivery.status == "sent" else ""


def _status(delivery: Delivery) -> str:
    match delivery.status:
        case "outbox":
            return dim("not sent")
        case "sent":
            return good("sent")
        case "skipped":
            return dim("skipped by the notifier")
        case "doubt":
            return doubtful("in doubt: it may have been sent")
        case "retry":
            return bad("failed, would be tried again")
        case "rejected":
            return bad("failed for good")
        case later:
            return later


def _failures(trial: Trial) -> int:
    """Tell why deliveries failed, with its traceback when the user's code raised it; the exit code."""
    failed = [group[0] for group in _alike(trial.deliveries) if group[0].status not in _WELL]
    for delivery in failed:
        error = delivery.error
        known = error if isinstance(error, CloudCronError) else None
        if error is not None and known is None and not isinstance(error, Outcome) and delivery.recipient is None:
            tell_user_traceback(error)
        code = delivery.code if delivery.code.startswith("CC") else None
        message = f"notifier {delivery.notifier!r}: {known.message if known else delivery.reason or 'no reason given'}"
        where, hint = (known.where, known.hint) if known else (None, None)
        tell(Diagnostic(ERROR, code, message, where, hint), sys.stderr)
    return FAILED if failed else DONE
