"""Everything that `check` looks for in a project that could be loaded: pure, but for calling notifiers on samples."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from cloud_cron import channels
from cloud_cron.aws.names import check_names
from cloud_cron.config import FILE
from cloud_cron.encoding import dumps
from cloud_cron.errors import CloudCronError, DeclarationError, Outcome, RecipientError, RenderError, closest
from cloud_cron.loader import own_line
from cloud_cron.rendering import check_templates
from cloud_cron.runtime.wording import told
from cloud_cron.schedules import lint
from cloud_cron.timetable import Timetable
from cloud_cron_cli import inputs, previews, words
from cloud_cron_cli.diagnostics import ERROR, WARNING, Diagnostic, from_error

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime
    from pathlib import Path

    from cloud_cron.model import NotifierModel
    from cloud_cron_cli.inputs import Sample
    from cloud_cron_cli.previews import Preview
    from cloud_cron_cli.project import Project

_SECRET_ABSENT = frozenset({"CC507", "CC508"})


class Checked(NamedTuple):
    """What was found; how often a notifier was rendered; what could only be looked at; what notifiers raised."""

    diagnostics: list[Diagnostic]
    rendered: int
    notes: list[str]
    raised: list[Exception]


def check(project: Project, now: datetime) -> Checked:
    """Look at schedules, wiring, recipients and templates; each mistake once."""
    rendering = _Rendering(project, now)
    found = [
        *_names(project),
        *_schedules(project, now),
        *_topics(project),
        *_recipients(project),
        *map(from_error, check_templates(project.model, previews.templates(project))),
        *rendering.run(),
        *_stray_samples(project),
    ]
    return Checked(list(dict.fromkeys(found)), rendering.rendered, rendering.all_notes(), rendering.raised)


def _names(project: Project) -> Iterator[Diagnostic]:
    """Two parts that would be deployed under one name: CC111."""
    try:
        check_names(project.model, project.stage)
    except DeclarationError as error:
        yield from_error(error)


def _schedules(project: Project, now: datetime) -> Iterator[Diagnostic]:
    """What the linter says of the tasks that are enabled, at the line of the task."""
    tasks = {task.name: task for task in project.model.tasks if task.enabled and task.schedules}
    schedules = {name: Timetable(task).schedules for name, task in tasks.items()}
    for finding in lint(schedules, now, {name: task.timeout for name, task in tasks.items()}):
        yield Diagnostic(WARNING, finding.code, finding.message, tasks[finding.task].where, finding.hint)


def _topics(project: Project) -> Iterator[Diagnostic]:
    """Topics with one end only: W121, W122. The other end of a topic that exists already may be elsewhere."""
    published = {topic for task in project.model.tasks for topic in task.topics} | {project.settings.watch}
    heard = {topic for notifier in project.model.notifiers for topic in notifier.topics}
    yield from _unheard(project, published, heard)
    yield from _unpublished(project, published, heard)


def _unheard(project: Project, published: set[str | None], heard: set[str]) -> Iterator[Diagnostic]:
    """What is published and reaches nobody."""
    model, settings = project.model, project.settings
    for task in model.tasks:
        for topic in task.topics:
            if topic not in heard and topic not in settings.topics:
                message = f"task {task.name!r} publishes to {topic!r}, and no notifier hears it"
                hint = _near(topic, heard - published) or "add a notifier for it, or leave the topic out"
                yield Diagnostic(WARNING, "W121", message, task.where, hint)
    if settings.watch and settings.watch not in heard:
        message = f"failures are told to topic {settings.watch!r}, and no notifier hears it"
        yield Diagnostic(WARNING, "W121", message, FILE, "add a notifier for it, or leave [watch] out")


def _unpublished(project: Project, published: set[str | None], heard: set[str]) -> Iterator[Diagnostic]:
    """What notifiers wait for in vain."""
    model, settings = project.model, project.settings
    for notifier in model.notifiers:
        hears_all = not project.app.notifiers[notifier.name].model.topics
        lost = [topic for topic in notifier.topics if topic not in published and topic not in settings.topics]
        for topic in [] if hears_all else lost:
            message = f"notifier {notifier.name!r} hears {topic!r}, and no task publishes to it"
            hint = _near(topic, published - heard) or "name it in the topics= of a task, or leave it out"
            yield Diagnostic(WARNING, "W122", message, notifier.where, hint)
        if not notifier.topics:
            message = f"notifier {notifier.name!r} hears every topic, and the app has none"
            yield Diagnostic(WARNING, "W122", message, notifier.where, "name a topic in the topics= of a task")


def _near(topic: str, others: Collection[str | None]) -> str | None:
    near = closest(topic, [other for other in others if other])
    return f"did you mean {near!r}?" if near else None


def _recipients(project: Project) -> Iterator[Diagnostic]:
    """Notifiers that tell nobody (CC302), somebody twice (W303), or somebody whom their channel must not tell."""
    for notifier in project.model.notifiers:
        place = project.settings.place("notifiers", notifier.name)
        where = place.where if place and "recipients" in project.settings.notifiers[notifier.name] else notifier.where
        if not notifier.recipients and not notifier.allow_recipients and notifier.enabled:
            hint = (
                f"add recipients to its decorator, to [channels.{notifier.channel}] or [notifiers.{notifier.name}] in"
                f" {FILE}; if each message names its own, say whom with allow_recipients="
            )
            yield Diagnostic(ERROR, "CC302", f"notifier {notifier.name!r} has no recipient", where, hint)
        twice = [address for address, times in Counter(notifier.recipients).items() if times > 1]
        if twice:
            message = f"notifier {notifier.name!r} names {words.listed(twice)} more than once"
            yield Diagnostic(WARNING, "W303", message, where, "name each once; it is sent only once anyway")
        for index, address in enumerate(notifier.recipients):
            try:
                channels.find(notifier.channel).vet(address, notifier)
            except RecipientError as error:
                yield Diagnostic(ERROR, error.code, f"recipients[{index}]: {error.message}", where, error.hint)


class _Rendering:
    """Every enabled notifier on every sample of the topics that it hears."""

    def __init__(self, project: Project, now: datetime) -> None:
        self.project = project
        self.now = now
        self.rendered = 0
        self.raised: list[Exception] = []
        self._notes: list[str] = []
        self._without_sample: list[str] = []

    def all_notes(self) -> list[str]:
        """What could not be rendered, and why."""
        if not self._without_sample:
            return self._notes
        topics = words.listed(self._without_sample)
        note = f"no sample of {topics} in {inputs.FOLDER}/<topic>.json: what hears of it was only compiled"
        return [note, *self._notes]

    def run(self) -> Iterator[Diagnostic]:
        """Render; what cannot be rendered without more is noted."""
        listeners = [notifier for notifier in self.project.model.notifiers if notifier.enabled]
        for topic in self.project.model.topics:
            hearers = [notifier for notifier in listeners if topic in notifier.topics]
            try:
                samples = inputs.samples(self.project.folder, topic)
            except CloudCronError as error:
                yield from_error(error)
                continue
            if hearers and not samples:
                self._without_sample.append(topic)
            for notifier in hearers:
                for sample in samples:
                    yield from self._one(notifier, sample)

    def _one(self, notifier: NotifierModel, sample: Sample) -> Iterator[Diagnostic]:
        try:
            shown = previews.preview(self.project, notifier, sample.topic, sample.payload, self.now)
        except RenderError as error:
            yield from_error(error)
        except CloudCronError as error:
            if error.code in _SECRET_ABSENT:
                self._notes.append(f"{notifier.name} was not rendered for {sample.where}: {error.message}")
            else:
                yield from_error(error.at(notifier.where))
        except Outcome:
            self.rendered += 1
        except Exception as error:  # noqa: BLE001 - whatever the user's function raises
            where = own_line(self.project.folder, error) or notifier.where
            message = f"notifier {notifier.name!r} fails on {sample.where}: {_first_line(error)}"
            self.raised.append(error)
            yield Diagnostic(ERROR, "CC430", message, where, "correct the notifier, or the sample")
        else:
            self.rendered += 1
            yield from _unbounded(shown)


def _unbounded(shown: Preview) -> Iterator[Diagnostic]:
    """A payload that names who is told, where nothing says who may be: W304."""
    said = dumps(shown.message.payload).lower()
    if not shown.notifier.allow_recipients and any(f'"{address.lower()}"' in said for address in shown.chosen):
        message = f"notifier {shown.notifier.name!r} tells whom the payload names, whoever that is"
        hint = 'say who may be: allow_recipients=["example.org"], or a region such as "US" for sms'
        yield Diagnostic(WARNING, "W304", message, shown.notifier.where, hint)


def _first_line(error: Exception) -> str:
    return told(error).partition("\n")[0]


def _stray_samples(project: Project) -> Iterator[Diagnostic]:
    """Samples of topics that the app does not have: probably misspelt."""
    topics = {*project.model.topics, project.settings.watch}
    folder: Path = project.folder / inputs.FOLDER
    for path in sorted(folder.glob("*.json")):
        if path.stem not in topics:
            message = f"{inputs.FOLDER}/{path.name} is of no topic of the app"
            hint = _near(path.stem, topics) or "name it after a topic"
            yield Diagnostic(WARNING, "W430", message, f"{inputs.FOLDER}/{path.name}", hint)
