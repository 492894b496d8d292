"""The model: everything an app declares, as frozen values that JSON can carry.

Template, image, runtime, local engine and pictures are functions of this value; no stage of them edits it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, Final

from cloud_cron import checks

MODEL_VERSION: Final = 1
NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


def _nothing() -> Mapping[str, Any]:
    return NOTHING


@dataclass(frozen=True)
class TaskModel:
    """One task. Seconds, MiB; `window` in minutes; `start` and `end` ISO 8601 with offset; `where` is file:line."""

    name: str
    schedules: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    timezone: str = "UTC"
    start: str | None = None
    end: str | None = None
    window: int | None = None
    overlap: str | None = None
    catchup: str = "latest"
    order: str = "task"
    timeout: int = 60
    memory: int = 256
    retries: int = 2
    input: Any = None
    env: Mapping[str, str] = field(default_factory=_nothing)
    secrets: Mapping[str, str] = field(default_factory=_nothing)
    permissions: tuple[Mapping[str, Any], ...] = ()
    function: Mapping[str, Any] = field(default_factory=_nothing)
    enabled: bool = True
    description: str | None = None
    where: str = ""

    def __post_init__(self) -> None:
        """Refuse what no host could run; raises `DeclarationError`."""
        checks.identifier(self.name, "task")
        checks.topics(self.topics)
        if self.window is not None:
            checks.whole("window", self.window, 1, 1440)
        if self.overlap is not None:
            checks.choice("overlap", self.overlap, ("skip", "queue", "allow"))
        checks.catchup(self.catchup)
        checks.order(self.order)
        checks.whole("retries", self.retries, 0)
        checks.text("description", self.description, 512)
        _check_function(self)


@dataclass(frozen=True)
class NotifierModel:
    """One notifier. `recipients` are as written; `options` are the channel's; `topics` are resolved names."""

    name: str
    channel: str
    topics: tuple[str, ...] = ()
    template: str | None = None
    subject: str | None = None
    text: str | None = None
    html: str | None = None
    recipients: tuple[str, ...] = ()
    allow_recipients: tuple[str, ...] = ()
    max_ambiguous: int = 1
    attempts: int = 5
    on_poison: str = "park"
    timeout: int = 60
    memory: int = 256
    batch_size: int = 10
    env: Mapping[str, str] = field(default_factory=_nothing)
    secrets: Mapping[str, str] = field(default_factory=_nothing)
    permissions: tuple[Mapping[str, Any], ...] = ()
    function: Mapping[str, Any] = field(default_factory=_nothing)
    enabled: bool = True
    options: Mapping[str, Any] = field(default_factory=_nothing)
    where: str = ""

    def __post_init__(self) -> None:
        """Refuse what no host could run; raises `DeclarationError`."""
        checks.identifier(self.name, "notifier")
        checks.topics(self.topics)
        for part in ("template", "subject", "text", "html"):
            checks.text(part, getattr(self, part))
        checks.whole("max_ambiguous", self.max_ambiguous, 0)
        checks.whole("attempts", self.attempts, 1)
        checks.whole("batch_size", self.batch_size, 1, 10)
        checks.choice("on_poison", self.on_poison, ("park", "block"))
        _check_function(self)


@dataclass(frozen=True)
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

    def task(self, name: str) -> TaskModel | None:
        """The task of that name, or None."""
        return next((task for task in self.tasks if task.name == name), None)

    def notifier(self, name: str) -> NotifierModel | None:
        """The notifier of that name, or None."""
        return next((notifier for notifier in self.notifiers if notifier.name == name), None)

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


def _check_function(part: TaskModel | NotifierModel) -> None:
    """What tasks and notifiers have in common, because each is one function."""
    checks.whole("timeout", part.timeout, 1)
    checks.whole("memory", part.memory, 128, 10_240)
    checks.boolean("enabled", part.enabled)
    checks.environment(part.env)
    checks.secrets(part.secrets)
    checks.permissions(part.permissions)
    checks.known_keys("function", part.function, checks.FUNCTION_OPTIONS)


def frozen(value: Any) -> Any:  # noqa: ANN401 - JSON in, JSON out
    """The same JSON value with read-only mappings and tuples all the way down."""
    match value:
        case Mapping():
            return MappingProxyType({key: frozen(item) for key, item in value.items()})
        case list() | tuple():
            return tuple(frozen(item) for item in value)
        case _:
            return value


def thawed(value: object) -> object:
    """The reverse of `frozen`, models included: plain dicts and lists that belong to the caller."""
    match value:
        case TaskModel() | NotifierModel() | AppModel():
            return {f.name: thawed(getattr(value, f.name)) for f in fields(value)}
        case Mapping():
            return {key: thawed(item) for key, item in value.items()}
        case list() | tuple():
            return [thawed(item) for item in value]
        case _:
            return value
