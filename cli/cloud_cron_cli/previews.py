"""What a notifier would send about a payload: its function is called and its templates rendered, and nothing leaves."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any, NamedTuple

from cloud_cron import channels
from cloud_cron.channels.context import Context
from cloud_cron.content import Skip
from cloud_cron.errors import ResultError
from cloud_cron.local.secrets import MachineSecrets
from cloud_cron.messages import Message, message_id
from cloud_cron.rendering import NotifierParts, Templates
from cloud_cron.runs import manual_run_id, run_id
from cloud_cron.runtime import addressing
from cloud_cron.runtime.secrets import SecretValues
from cloud_cron.timetable import Timetable
from cloud_cron_cli.project import Project, quiet_stdout

if TYPE_CHECKING:
    from datetime import datetime

    from cloud_cron.model import NotifierModel
    from cloud_cron.rendered import Content


class Preview(NamedTuple):
    """What would be sent to the first recipient (None: there is none); no content when the notifier skips it."""

    notifier: NotifierModel
    message: Message
    recipient: str | None
    content: Content | None


def preview(project: Project, notifier: NotifierModel, topic: str, payload: dict[str, Any], now: datetime) -> Preview:
    """Call the notifier's function and render what it returned.

    Raises what the function raises, `ResultError` for a value that is of no use, `RecipientError` and `RenderError`.
    """
    kind = channels.find(notifier.channel)
    message = _message(project, notifier, topic, payload, now)
    with quiet_stdout():
        value = project.app.notifiers[notifier.name].function(message)
    if value is None:
        hint = "return the template variables, or SKIP to drop the message on purpose"
        raise ResultError("CC231", f"notifier {notifier.name!r} returned None", where=notifier.where, hint=hint)
    if isinstance(value, Skip):
        return Preview(notifier, message, None, None)
    chosen = addressing.chosen(kind, notifier, value)
    named = notifier.recipients if chosen is None else chosen
    people = [addressing.address(kind, notifier, raw, by_message=chosen is not None) for raw in named]
    recipient = next(iter(people), None)
    parts = NotifierParts(notifier, project.model.name, templates(project))
    place = (project.model.name, project.stage, notifier.name)
    context = Context(*place, message, recipient or "", parts, options=notifier.options)
    return Preview(notifier, message, recipient, kind.render(value, context))


def templates(project: Project) -> Templates:
    """The project's folder of templates."""
    return Templates(project.folder / project.model.templates, project.model.templates)


def _message(project: Project, notifier: NotifierModel, topic: str, payload: dict[str, Any], now: datetime) -> Message:
    """A message as the first task that publishes to the topic would cause it, at its next fire time."""
    task = next((task for task in project.model.tasks if topic in task.topics), None)
    fire = Timetable(task).next(now) if task else None
    due = (fire or now).astimezone(UTC)
    name = task.name if task else "preview"
    run = run_id(name, due) if fire else manual_run_id(name, "preview")
    return Message(
        topic=topic,
        payload=payload,
        id=message_id(project.model.name, project.stage, run, topic, 0),
        task=name if task else None,
        run_id=run if task else None,
        scheduled_at=due if task else None,
        issued_at=due,
        secrets=SecretValues(notifier.secrets, MachineSecrets()),
    )
