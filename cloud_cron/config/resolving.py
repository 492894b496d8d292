"""Settings applied to a model: the most specific word counts.

`[stages.S.tasks.N]`, `[tasks.N]`, the decorator, `[stages.S]`, the top level, `[channels.X]`, the channel's default: in
this order.
Tables inside (`env`, `function`) are merged key by key, lists are replaced.
"""

from __future__ import annotations

from contextlib import contextmanager

from cloud_cron.errors import CloudCronError, did_you_mean
from cloud_cron.freezing import frozen
from cloud_cron.values import replace

TYPE_CHECKING = False  # typing is not loaded for it
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from cloud_cron.config.settings import Mention, Settings
    from cloud_cron.model import AppModel, NotifierModel, TaskModel


def resolve(model: AppModel, settings: Settings) -> AppModel:
    """The model of one stage: recipients in the channel's spelling, options and overrides applied.

    `templates` becomes a path from the project's folder; it is beside the module that `settings.entry` names.

    A notifier that nobody gave a recipient keeps none. Raises `ConfigError` (CC501) for a name that the app does not
    have, CC511 for a notifier that hears a topic it cannot, and what channels and the model's own checks refuse.
    """
    for mention in settings.mentions:
        _known(mention, model, settings)
    tasks = tuple(_task(task, settings) for task in model.tasks)
    notifiers = tuple(_notifier(notifier, settings) for notifier in model.notifiers)
    return replace(model, templates=_beside(settings.entry, model.templates), tasks=tasks, notifiers=notifiers)


def resolve_one(model: AppModel, settings: Settings, name: str) -> AppModel:
    """The same for one task or notifier, in a process that has nothing to do with the others, which stay as declared.

    Whether the app has what the file speaks of was asked before it came here.
    """
    return replace(
        model,
        templates=_beside(settings.entry, model.templates),
        tasks=tuple(_task(task, settings) if task.name == name else task for task in model.tasks),
        notifiers=tuple(_notifier(part, settings) if part.name == name else part for part in model.notifiers),
    )


def _beside(entry: str | None, templates: str) -> str:
    """The folder of templates, which is beside the entry module, as the project's folder sees it."""
    *packages, _ = (entry or "").partition(":")[0].split(".")
    return "/".join([*packages, templates])


def _known(mention: Mention, model: AppModel, settings: Settings) -> None:
    """The app has what the file speaks of."""
    parts: list[TaskModel | NotifierModel] = [*model.tasks, *model.notifiers]
    watched = [settings.watch] if settings.watch else []
    names = {
        "tasks": [task.name for task in model.tasks],
        "notifiers": [notifier.name for notifier in model.notifiers],
        "topics": [*model.topics, *watched],
        "secrets": [name for part in parts for name in part.secrets],
    }[mention.kind]
    if mention.name not in names:
        message = f"app {model.name!r} has no {mention.kind.removesuffix('s')} {mention.name!r}"
        raise mention.place.error("CC501", message, did_you_mean(mention.name, names))
    notifier = model.notifier(mention.name)
    if notifier and mention.kind == "notifiers":
        from cloud_cron.config.notifying import usable  # noqa: PLC0415 - a task has no channel

        usable(mention, notifier)


def _task(task: TaskModel, settings: Settings) -> TaskModel:
    own = settings.tasks.get(task.name, {})
    with placed(settings, "tasks", task):
        return replace(task, **common(task, own, settings), retries=own.get("retries", task.retries))


def _notifier(notifier: NotifierModel, settings: Settings) -> NotifierModel:
    from cloud_cron.config.notifying import resolved  # noqa: PLC0415 - a task has no channel

    return resolved(notifier, settings)


def common(part: TaskModel | NotifierModel, own: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """What tasks and notifiers have in common."""
    overridden = {name: settings.secrets[name] for name in part.secrets if name in settings.secrets}
    return {
        "enabled": own.get("enabled", part.enabled),
        "timeout": own.get("timeout", part.timeout),
        "memory": own.get("memory", part.memory),
        "env": frozen({**part.env, **own.get("env", {})}),
        "function": frozen({**settings.function, **part.function, **own.get("function", {})}),
        "secrets": frozen({**part.secrets, **overridden}),
    }


@contextmanager
def placed(settings: Settings, kind: str, part: TaskModel | NotifierModel) -> Iterator[None]:
    """What is refused in here was said in the file, if that speaks of this part at all."""
    place = settings.place(kind, part.name)
    try:
        yield
    except CloudCronError as error:
        raise error.at(place.where if place else part.where) from None
