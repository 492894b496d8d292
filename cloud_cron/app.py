"""The authoring API: one object, two decorators.

Declaring is inert: it touches no network, no environment and no clock. It records what was said, refuses at once what
could not work, and names the line. Everything else reads `CloudCron.model()`.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Never, TypeVar

from cloud_cron import arguments, channels, checks
from cloud_cron.errors import CloudCronError, DeclarationError
from cloud_cron.functions import Function, caller, checked, named
from cloud_cron.model import AppModel, NotifierModel, TaskModel
from cloud_cron.timetable import Timetable, moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

F = TypeVar("F", bound="Callable[..., Any]")


@dataclass(frozen=True)
class Task:
    """A declared task: its model and its function."""

    model: TaskModel
    function: Function


@dataclass(frozen=True)
class Notifier:
    """A declared notifier: its model and its function; `hears_all` until the app's model names its topics."""

    model: NotifierModel
    function: Function
    hears_all: bool


class CloudCron:
    """A system of scheduled tasks and the notifications they cause, declared in one place.

    `name` matches `[a-z][a-z0-9-]{0,30}`; `templates` is the folder of templates beside the entry module.
    """

    def __init__(self, name: str, *, templates: str = "templates") -> None:
        """Begin an empty app; raises `DeclarationError` (CC110) for a name that no resource could carry."""
        with _placed(caller(2)):
            checks.identifier(name, "app", checks.APP)
            if not isinstance(templates, str) or not templates:
                raise DeclarationError("CC113", f"templates={templates!r} must be the name of a folder")
        self.name = name
        self.templates = templates
        self._parts: dict[str, Task | Notifier] = {}
        self._copied_to: str | None = None

    def __repr__(self) -> str:
        """The name, and how much was declared."""
        return f"CloudCron({self.name!r}, {len(self.tasks)} tasks, {len(self.notifiers)} notifiers)"

    @property
    def tasks(self) -> dict[str, Task]:
        """The declared tasks by name, in order."""
        return {name: part for name, part in self._parts.items() if isinstance(part, Task)}

    @property
    def notifiers(self) -> dict[str, Notifier]:
        """The declared notifiers by name, in order."""
        return {name: part for name, part in self._parts.items() if isinstance(part, Notifier)}

    def schedule(  # noqa: PLR0913 - each is one word of the language; all but the expressions are given by name
        self,
        *expressions: str,
        topics: Sequence[str] = (),
        name: str | None = None,
        timezone: str = "UTC",
        start: datetime | str | None = None,
        end: datetime | str | None = None,
        window: int | None = None,
        overlap: Literal["skip", "queue", "allow"] | None = None,
        catchup: str = "latest",
        order: str = "task",
        timeout: int = 60,
        memory: int = 256,
        retries: int = 2,
        input: Any = None,  # noqa: A002, ANN401 - EventBridge Scheduler's own word; any JSON value
        env: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
        permissions: Sequence[Mapping[str, Any]] = (),
        function: Mapping[str, Any] | None = None,
        enabled: bool = True,
        description: str | None = None,
        **unknown: Never,
    ) -> Callable[[F], F]:
        """Declare a task: the function runs at every fire time of the expressions, or on demand when there are none.

        `expressions` are AWS Scheduler's `rate()`, `cron()` and `at()`, read in `timezone`; `start` and `end` are aware
        datetimes or ISO 8601 strings with offset. `timeout` is in seconds, `memory` in MiB, `window` in minutes.
        Raises `DeclarationError` or `ScheduleError`, with the file and line of the decorator.
        """
        where = caller(2)
        with _placed(where):
            arguments.refuse_bare(expressions, "schedule")
            checks.known_keys("schedule()", unknown, _TASK_OPTIONS)
            draft = TaskModel(
                name="unnamed" if name is None else name,
                schedules=expressions,
                topics=checks.topics(topics),
                timezone=timezone,
                start=arguments.iso(moment("start", start)),
                end=arguments.iso(moment("end", end)),
                window=window,
                overlap=overlap,
                catchup=catchup,
                order=order,
                timeout=timeout,
                memory=memory,
                retries=retries,
                input=arguments.json_value("input", input),
                env=arguments.table("env", env),
                secrets=arguments.table("secrets", secrets),
                permissions=arguments.json_value("permissions", permissions),
                function=arguments.json_value("function", arguments.table("function", function)),
                enabled=enabled,
                description=description,
                where=where,
            )
            Timetable(draft)

        def declare(target: F) -> F:
            with _placed(where):
                usable = checked(target, "task", "Run")
                model = replace(draft, name=named(target) if name is None else name)
                self._register([Task(model, usable)])
            return target

        return declare

    def notifier(  # noqa: PLR0913 - each is one word of the language; all but the channel are given by name
        self,
        channel: str,
        *,
        topics: Sequence[str] | None = None,
        name: str | None = None,
        template: str | None = None,
        subject: str | None = None,
        text: str | None = None,
        html: str | None = None,
        recipients: Sequence[str] | str | None = None,
        allow_recipients: Sequence[str] | str | None = None,
        delivery: Literal["at-most-once", "at-least-once"] | None = None,
        max_ambiguous: int | None = None,
        attempts: int = 5,
        on_poison: Literal["park", "block"] = "park",
        timeout: int = 60,
        memory: int = 256,
        batch_size: int = 10,
        env: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
        permissions: Sequence[Mapping[str, Any]] = (),
        function: Mapping[str, Any] | None = None,
        enabled: bool = True,
        **channel_options: Any,  # noqa: ANN401 - the channel says what they are
    ) -> Callable[[F], F]:
        """Declare a notifier: the function turns each message of the topics (None: all) into content for the channel.

        `timeout` is in seconds, `memory` in MiB. `attempts` bounds how often an exception of the function is tried
        again; `max_ambiguous` (or `delivery`) how often an answer that may have been an acceptance is.
        Raises `DeclarationError` or `RecipientError`, with the file and line of the decorator.
        """
        where = caller(2)
        with _placed(where):
            arguments.refuse_bare((channel,), "notifier")
            if not isinstance(channel, str):
                raise DeclarationError("CC130", f"channel {channel!r} must be a name", hint='such as notifier("email")')
            kind = channels.find(channel)
            arguments.check_options(kind, channel_options, _NOTIFIER_OPTIONS)
            for part, given in (("subject", subject), ("text", text), ("html", html)):
                if given is not None:
                    checks.known_keys(f"channel {channel!r}", [part], kind.parts)
            draft = NotifierModel(
                name="unnamed" if name is None else name,
                channel=channel,
                topics=() if topics is None else checks.topics(topics, required=True),
                template=template,
                subject=subject,
                text=text,
                html=html,
                recipients=arguments.addresses(kind, recipients),
                allow_recipients=arguments.allowed(allow_recipients),
                max_ambiguous=arguments.max_ambiguous(kind, delivery, max_ambiguous),
                attempts=attempts,
                on_poison=on_poison,
                timeout=timeout,
                memory=memory,
                batch_size=batch_size,
                env=arguments.table("env", env),
                secrets=arguments.table("secrets", secrets),
                permissions=arguments.json_value("permissions", permissions),
                function=arguments.json_value("function", arguments.table("function", function)),
                enabled=enabled,
                options=arguments.json_value("options", channel_options),
                where=where,
            )

        def declare(target: F) -> F:
            with _placed(where):
                usable = checked(target, "notifier", "Message")
                model = replace(draft, name=named(target) if name is None else name)
                self._register([Notifier(model, usable, hears_all=topics is None)])
            return target

        return declare

    def include(self, other: CloudCron) -> None:
        """Copy the tasks and notifiers of `other`, all or none; afterwards nothing can be declared on `other`.

        Raises `DeclarationError`: CC112 for a name that both have, CC116 for an app that is no other app.
        """
        where = caller(2)
        with _placed(where):
            if not isinstance(other, CloudCron) or other is self:
                message = f"include() takes another CloudCron, not {'the app itself' if other is self else repr(other)}"
                raise DeclarationError("CC116", message)
            self._register(list(other._parts.values()))
            other._copied_to = f"{self.name!r} at {where}"

    def model(self) -> AppModel:
        """Everything declared so far, as a frozen value."""
        bare = AppModel(
            self.name,
            self.templates,
            tuple(task.model for task in self.tasks.values()),
            tuple(notifier.model for notifier in self.notifiers.values()),
        )
        everything = bare.topics
        heard = tuple(
            replace(notifier.model, topics=everything) if notifier.hears_all else notifier.model
            for notifier in self.notifiers.values()
        )
        return replace(bare, notifiers=heard)

    def _register(self, parts: list[Task | Notifier]) -> None:
        """Add all parts, or none: CC112 for a name that is taken, CC116 after the app was included."""
        if self._copied_to:
            message = f"app {self.name!r} was included in {self._copied_to}; what is declared now would be lost"
            raise DeclarationError("CC116", message, hint="move the include() below this decorator")
        for part in parts:
            twin = self._parts.get(part.model.name)
            if twin:
                raise _taken(part, twin)
        self._parts.update({part.model.name: part for part in parts})


_TASK_OPTIONS = frozenset(CloudCron.schedule.__annotations__) - {"expressions", "unknown", "return"}
_NOTIFIER_OPTIONS = frozenset(CloudCron.notifier.__annotations__) - {"channel", "channel_options", "return"}


def _taken(part: Task | Notifier, twin: Task | Notifier) -> DeclarationError:
    """Two parts of one name; both lines are shown."""
    name, kind = part.model.name, type(twin).__name__.lower()
    message = f"{name!r} at {part.model.where} is already a {kind}, declared at {twin.model.where}"
    same = part.function.call is twin.function.call and isinstance(part, Task) and isinstance(twin, Task)
    hint = "give both expressions to one schedule()" if same else "rename one, or tell them apart with name="
    return DeclarationError("CC112", message, hint=hint)


@contextmanager
def _placed(where: str) -> Iterator[None]:
    """Whatever is wrong in here is wrong at this line."""
    try:
        yield
    except CloudCronError as error:
        error.at(where)
        raise
