"""The model: everything an app declares, as frozen values that JSON can carry.

Template, image, runtime, local engine and pictures are functions of this value; no stage of them edits it.
"""

from __future__ import annotations

from cloud_cron.freezing import NOTHING, frozen, thawed
from cloud_cron.notifier_model import NotifierModel
from cloud_cron.task_model import TaskModel
from cloud_cron.values import value

TYPE_CHECKING = False  # typing is not loaded for it
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Final

__all__ = ["MODEL_VERSION", "NOTHING", "AppModel", "NotifierModel", "TaskModel", "frozen", "thawed"]

MODEL_VERSION: Final = 1


@value(frozen=True)
class AppModel:
    """A whole app: its name, its folder of templates, its tasks and notifiers in the order of declaration."""

    name: str
    templates: str = "templates"
    tasks: tuple[TaskModel, ...] = ()
    notifiers: tuple[NotifierModel, ...] = ()
    version: int = MODEL_VERSION

    @property
    def topics(self) -> tuple[str, ...]:
        """Every topic that somebody publishes or hears, in the order of first mention."""
        named = [part.topics for part in self.tasks] + [part.topics for part in self.notifiers]
        return tuple(dict.fromkeys(topic for topics in named for topic in topics))

    @property
    def functions(self) -> tuple[TaskModel | NotifierModel, ...]:
        """Every task and every notifier: each is one function on AWS."""
        return (*self.tasks, *self.notifiers)

    def task(self, name: str) -> TaskModel | None:
        """The task of that name, or None."""
        for task in self.tasks:
            if task.name == name:
                return task
        return None

    def notifier(self, name: str) -> NotifierModel | None:
        """The notifier of that name, or None."""
        for notifier in self.notifiers:
            if notifier.name == name:
                return notifier
        return None

    def to_json(self) -> dict[str, Any]:
        """The model as plain JSON values; `AppModel.from_json` reads it back to an equal value."""
        plain = thawed(self)
        assert isinstance(plain, dict)  # noqa: S101 - a dataclass becomes a dict
        return plain

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> AppModel:
        """The model that `to_json` gave; raises ValueError for another version."""
        if data.get("version") != MODEL_VERSION:
            message = f"model version {data.get('version')!r} is not {MODEL_VERSION}"
            raise ValueError(message)
        rest = {key: value for key, value in data.items() if key not in {"tasks", "notifiers"}}
        tasks = tuple(TaskModel(**frozen(task)) for task in data["tasks"])
        notifiers = tuple(NotifierModel(**frozen(notifier)) for notifier in data["notifiers"])
        return cls(**rest, tasks=tasks, notifiers=notifiers)
