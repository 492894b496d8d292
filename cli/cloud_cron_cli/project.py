"""The project that a command is about: its folder, its configuration for the stage, its app, its model."""

from __future__ import annotations

import sys
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cloud_cron.config import Settings, load, resolve
from cloud_cron.errors import LoadError, NotFound, closest, did_you_mean
from cloud_cron.loader import find_project, load_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cloud_cron.app import CloudCron
    from cloud_cron.model import AppModel, NotifierModel, TaskModel
    from cloud_cron_cli.options import Choices


class Project(NamedTuple):
    """One project at one stage; `model` has the configuration applied."""

    folder: Path
    stage: str
    settings: Settings
    app: CloudCron
    model: AppModel

    def task(self, name: str) -> TaskModel:
        """The task of that name; CC720 with the closest one."""
        task = self.model.task(name)
        if task is None:
            names = [task.name for task in self.model.tasks]
            raise NotFound("CC720", f"there is no task {name!r}", hint=did_you_mean(name, names))
        return task

    def notifier(self, name: str) -> NotifierModel:
        """The notifier of that name; CC721 with the closest one."""
        notifier = self.model.notifier(name)
        if notifier is None:
            names = [notifier.name for notifier in self.model.notifiers]
            raise NotFound("CC721", f"there is no notifier {name!r}", hint=did_you_mean(name, names))
        return notifier

    def part(self, name: str) -> TaskModel | NotifierModel:
        """The task or notifier of that name; CC720 with the closest one, CC721 when that is a notifier."""
        part: TaskModel | NotifierModel | None = self.model.task(name) or self.model.notifier(name)
        if part is None:
            names = [task.name for task in self.model.tasks] + [notifier.name for notifier in self.model.notifiers]
            code = "CC721" if self.model.notifier(closest(name, names) or "") else "CC720"
            raise NotFound(code, f"there is no task and no notifier {name!r}", hint=did_you_mean(name, names))
        return part


def opened(choices: Choices) -> Project:
    """The project around the current folder, as the choices ask for it; raises what finding and loading it raise."""
    folder = home(choices)
    settings = load(folder, choices.stage)
    settings = replace(settings, entry=choices.app or settings.entry)
    with quiet_stdout():
        app = load_app(folder, settings.entry)
    return Project(folder, choices.stage, settings, app, resolve(app.model(), settings))


def home(choices: Choices) -> Path:
    """The project's folder; with `--app`, a folder without app.py and cloud-cron.toml will do."""
    here = Path.cwd()
    try:
        return find_project(here)
    except LoadError:
        if choices.app:
            return here
        raise


@contextmanager
def quiet_stdout() -> Iterator[None]:
    """What the user's code prints goes to stderr, so that stdout has our data alone."""
    with redirect_stdout(sys.stderr):
        yield
