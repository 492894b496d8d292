"""The authoring API: one object, two decorators.

Declaring is inert: it touches no network, no environment and no clock. It records what was said, refuses at once what
could not work, and names the line. Everything else reads `CloudCron.model()`.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import cache, cached_property

from cloud_cron import arguments, checks
from cloud_cron.errors import CloudCronError, DeclarationError
from cloud_cron.functions import Function, caller, checked, named
from cloud_cron.task_model import TaskModel
from cloud_cron.values import replace, value

TYPE_CHECKING = False  # typing is not loaded for it
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime
    from typing import Any, Literal, Never, TypeVar

    from cloud_cron.model import AppModel
    from cloud_cron.notifier_model import NotifierModel

    F = TypeVar("F", bound=Callable[..., Any])


@value(frozen=True)
class DeclaredTask:
    """A task: its model and its function."""

    model: TaskModel
    function: Function


class DeclaredNotifier:
    """A notifier: its function, and its model, made when it is asked for. One without topics hears every one."""

    def __init__(self, function: Function, make: Callable[[], NotifierModel]) -> None:
        """`make` raises what declaring does."""
        self.function = function
        self._make = make

    @cached_property
    def model(self) -> NotifierModel:
        """The model."""
        return self._make()


class CloudCron:
    """A system of scheduled tasks and the notifications they cause, declared in one place.

    `name` matches `[a-z][a-z0-9-]{0,30}`; `templates` is the folder of templates beside the entry module. Constructing
    one raises `DeclarationError`: CC110 for a name that no resource could carry, CC113 for a folder that is none.
    """

    _is_deployed = False

    def __init__(self, name: str, *, templates: str = "templates") -> None:
        """Begin an empty app."""
        with _placed(caller(2)):
            checks.identifier(name, "app", checks.APP)
            if not isinstance(templates, str) or not templates:
                raise DeclarationError("CC113", f"templates={templates!r} must be the name of a folder")
        self.name = name
        self.templates = templates
        self.tasks: dict[str, DeclaredTask] = {}
        self.notifiers: dict[str, DeclaredNotifier] = {}
        self._copied_to: str | None = None

    def __repr__(self) -> str:
        """The name, and how much was declared."""
        return f"CloudCron({self.name!r}, {len(self.tasks)} tasks, {len(self.notifiers)} notifiers)"

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

        `expressions` are AWS Scheduler's `rate()`, `cron()` and `at()`, read in `timezone` (EventBridge Scheduler User
        Guide, "Schedule types"); `start` and `end` are aware datetimes or ISO 8601 strings with offset. `timeout` is in
        seconds, `memory` in MiB, `window` in minutes; `retries` counts attempts after the first. `topics` are those
        that the function may return payloads under; `input` is a JSON value, and `env` and `secrets` map names to
        strings and to references. `window`, `catchup`, `memory`, `permissions` and `function` are for places that wait
        for real time or are deployed to: on a virtual clock no run is late, and none is missed.

        Raises, with the file and line of the decorator, `ScheduleError` (CC101 to CC105) for expressions, zone and
        times, and `DeclarationError`: CC110 and CC112 for the name, CC113 for a value, CC114 for an option, CC115 for
        permissions, CC116 when the app was included already, CC120 for topics, CC210 to CC217 for an input, CC506 for a
        secret that is no reference, and CC710 and CC711 for the function.
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
                start=arguments.instant("start", start),
                end=arguments.instant("end", end),
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
            if not self._is_deployed:
                _read_expressions(draft)

        def declare(target: F) -> F:
            with _placed(where):
                usable = checked(target, "task", "Run")
                model = replace(draft, name=named(target) if name is None else name)
                self._register({model.name: DeclaredTask(model, usable)}, {})
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

        `timeout` is in seconds, `memory` in MiB; `batch_size` is how many messages Lambda hands over at once, 1 to 10
        (Lambda Developer Guide, "Lambda parameters for Amazon SQS event source mappings"). `attempts` bounds how often
        the function is called for a message when it raises; `max_ambiguous` (or `delivery`) how often an answer that
        may have been an acceptance is tried again. `subject`, `text` and `html` are templates, in the place of files.

        Raises, with the file and line of the decorator, `RecipientError` for an address (CC301 to CC322; CC302 for an
        empty list), and `DeclarationError`: CC110 and CC112 for the name, CC113 for a value, CC114 for a part that the
        channel does not have, CC115 for permissions, CC116 when the app was included already, CC120 for topics, CC130
        for a channel that nobody provides, CC131 and CC132 for its options, CC133 and CC134 for a plug-in that breaks
        the contract, CC506 for a secret that is no reference, and CC710 and CC711 for the function.
        """
        where = caller(2)

        @cache
        def draft() -> NotifierModel:
            """The model, but for its function's name."""
            from cloud_cron.channels import find  # noqa: PLC0415 - an app without notifiers needs no channel
            from cloud_cron.notifier_model import NotifierModel  # noqa: PLC0415 - the same

            arguments.refuse_bare((channel,), "notifier")
            if not isinstance(channel, str):
                raise DeclarationError("CC130", f"channel {channel!r} must be a name", hint='such as notifier("email")')
            kind = find(channel)
            arguments.check_options(kind, channel_options, _NOTIFIER_OPTIONS)
            for part, given in (("subject", subject), ("text", text), ("html", html)):
                if given is not None:
                    checks.known_keys(f"channel {channel!r}", [part], kind.parts)
            return NotifierModel(
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

        with _placed(where):
            if not self._is_deployed:
                draft()

        def declare(target: F) -> F:
            with _placed(where):
                usable = checked(target, "notifier", "Message")
                own = named(target) if name is None else name
                notifier = DeclaredNotifier(usable, lambda: replace(draft(), name=own))
                if not self._is_deployed:
                    notifier.model.name  # noqa: B018 - made now
                self._register({}, {own: notifier})
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
            self._register(other.tasks, other.notifiers)
            other._copied_to = f"{self.name!r} at {where}"

    def model(self) -> AppModel:
        """Everything declared so far, as a frozen value; a notifier without topics hears every topic in it."""
        from cloud_cron.model import AppModel  # noqa: PLC0415 - declaring asks for no model

        bare = AppModel(
            self.name,
            self.templates,
            tuple(task.model for task in self.tasks.values()),
            tuple(notifier.model for notifier in self.notifiers.values()),
        )
        everything = bare.topics
        heard = tuple(
            notifier.model if notifier.model.topics else replace(notifier.model, topics=everything)
            for notifier in self.notifiers.values()
        )
        return replace(bare, notifiers=heard)

    def _register(self, tasks: dict[str, DeclaredTask], notifiers: dict[str, DeclaredNotifier]) -> None:
        """Add all, or none: CC112 for a name that is taken, CC116 after the app was included."""
        if self._copied_to:
            message = f"app {self.name!r} was included in {self._copied_to}; what is declared now would be lost"
            raise DeclarationError("CC116", message, hint="move the include() below this decorator")
        for name, part in (tasks | notifiers).items():
            twin = self.tasks.get(name) or self.notifiers.get(name)
            if twin:
                raise _taken(part, twin)
        self.tasks |= tasks
        self.notifiers |= notifiers


_TASK_OPTIONS = frozenset(CloudCron.schedule.__annotations__) - {"expressions", "unknown", "return"}
_NOTIFIER_OPTIONS = frozenset(CloudCron.notifier.__annotations__) - {"channel", "channel_options", "return"}


def _taken(part: DeclaredTask | DeclaredNotifier, twin: DeclaredTask | DeclaredNotifier) -> DeclarationError:
    """Two parts of one name; both lines are shown."""
    kind = "task" if isinstance(twin.model, TaskModel) else "notifier"
    message = f"{part.model.name!r} at {part.model.where} is already a {kind}, declared at {twin.model.where}"
    twice = part.function.call is twin.function.call and type(part.model) is type(twin.model) is TaskModel
    hint = "give both expressions to one schedule()" if twice else "rename one, or tell them apart with name="
    return DeclarationError("CC112", message, hint=hint)


@contextmanager
def deployed() -> Iterator[None]:
    """In here apps are loaded that were checked when they were deployed.

    No expression is read, and no model of a notifier made, before it is needed.
    """
    CloudCron._is_deployed = True  # noqa: SLF001 - the class is this module's own
    try:
        yield
    finally:
        CloudCron._is_deployed = False  # noqa: SLF001 - the same


def _read_expressions(task: TaskModel) -> None:
    """Raise `ScheduleError` for the first expression that AWS Scheduler would refuse."""
    from cloud_cron.timetable import Timetable  # noqa: PLC0415 - an app that is deployed does without

    Timetable(task)


@contextmanager
def _placed(where: str) -> Iterator[None]:
    """Whatever is wrong in here is wrong at this line."""
    try:
        yield
    except CloudCronError as error:
        error.at(where)
        raise
