"""A function on AWS, from its environment: the app is loaded and everything is made before the first event.

Lambda gives initialisation its full processor whatever a function's memory is, so that what can be done before the
first event is (Lambda Developer Guide, "Understanding the Lambda execution environment lifecycle"). What this function
does not need is not loaded; the path of files is text here, because pathlib alone would cost a third of the rest.
"""

from __future__ import annotations

import os.path
import sys
from importlib import import_module

import cloud_cron
from cloud_cron.app import CloudCron, deployed
from cloud_cron.aws.resources import VARIABLE, parse_resources
from cloud_cron.config import FILE
from cloud_cron.errors import ConfigError
from cloud_cron.runtime.lambda_log import LambdaLog
from cloud_cron.runtime.machine import SystemClock
from cloud_cron.values import replace

TYPE_CHECKING = False  # typing is not loaded for it
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Any, Final

    from cloud_cron.aws.resources import Resources
    from cloud_cron.config import Settings
    from cloud_cron.errors import LoadError
    from cloud_cron.model import AppModel, NotifierModel
    from cloud_cron.runtime.dispatch import LambdaContext
    from cloud_cron.task_model import TaskModel

    Handler = Callable[[object, LambdaContext], dict[str, Any]]

MAINTENANCE: Final = "@maintenance"
EVENTS: Final = "@events"
_PACKAGE: Final = cloud_cron.__path__[0]


def from_environment(environment: Mapping[str, str]) -> Handler:
    """The handler that CLOUD_CRON_HANDLER names, of the app in LAMBDA_TASK_ROOT, ready for its first event.

    Raises what the user's modules raise when they are imported, as it is; `ConfigError` for what the environment lacks
    (CC521) or says wrongly (CC520); `EventError` (CC620) for a handler that the app does not have.
    """
    name, stage = _variable(environment, "CLOUD_CRON_HANDLER"), _variable(environment, "CLOUD_CRON_STAGE")
    resources = parse_resources(environment.get(VARIABLE, "{}"))
    folder = environment.get("LAMBDA_TASK_ROOT", ".")
    entry = environment.get("CLOUD_CRON_APP") or "app"
    with deployed():
        app = _app(folder, entry)
    settings, log = _settings(folder, stage, entry), LambdaLog()
    if name in app.tasks and not resources.table:
        return _users(_unrecorded(app, name, settings, log), log)
    if settings is None:
        from cloud_cron.config.settings import Settings  # noqa: PLC0415 - only what makes calls needs them

        settings = Settings(stage, entry=entry)
    if name == MAINTENANCE:
        from cloud_cron.runtime.maintenance import from_app  # noqa: PLC0415 - one function of all

        return from_app(app, settings, resources)
    if name == EVENTS:
        from cloud_cron.runtime import listening  # noqa: PLC0415 - the same

        return listening.from_app(app, settings, resources)
    return _users(_recorded(app, name, settings, resources, folder, log), log)


def _settings(folder: str, stage: str, entry: str) -> Settings | None:
    """What the file says, None when there is none."""
    if not os.path.isfile(f"{folder}/{FILE}"):  # noqa: PTH113 - see above
        return None
    from cloud_cron.config.loading import load_checked  # noqa: PLC0415 - an app without a file does without

    return replace(load_checked(folder, stage), entry=entry)


def _unrecorded(app: CloudCron, name: str, settings: Settings | None, log: LambdaLog) -> Handler:
    """A task without a ledger, which makes no call of AWS unless it asks for a secret."""
    from cloud_cron.runtime.unrecorded import Unrecorded  # noqa: PLC0415 - what keeps records does without

    task = _resolved(app, settings, name).task(name) if settings else app.tasks[name].model
    assert task is not None  # noqa: S101 - the app has it
    clock = SystemClock()
    secrets = _secrets(task, clock)
    return Unrecorded(task, app.tasks[name].function, secrets=secrets, clock=clock, journal=log, known=app.tasks)


def _secrets(task: TaskModel, clock: SystemClock) -> Mapping[str, str]:
    """The secrets of a task, asked for when they are; nearly all have none."""
    if not task.secrets:
        return task.secrets
    from cloud_cron.aws.clients import Clients  # noqa: PLC0415 - see above
    from cloud_cron.aws.secrets import AwsSecrets  # noqa: PLC0415 - the same
    from cloud_cron.runtime.secrets import SecretValues  # noqa: PLC0415 - the same

    return SecretValues(task.secrets, AwsSecrets(Clients(), clock))


def _recorded(  # noqa: PLR0913, PLR0917 - everything that the environment says
    app: CloudCron, name: str, settings: Settings, resources: Resources, folder: str, log: LambdaLog
) -> Handler:
    """A task with a ledger, or a notifier: with the clients that it needs."""
    from pathlib import Path  # noqa: PLC0415 - a task without a ledger does without

    from cloud_cron import aws  # noqa: PLC0415 - the same
    from cloud_cron.runtime.dispatch import Runtime  # noqa: PLC0415 - the same

    model = _resolved(app, settings, name)
    part = model.task(name) or _set_up(model.notifier(name), resources)
    ports = aws.ports(resources=resources, model=model, part=part, horizon=settings.horizon, journal=log)
    queues = {name: resources.queue} if resources.queue else {}
    runtime = Runtime(
        app, model, ports, stage=settings.stage, queues=queues, folder=Path(folder), horizon=settings.horizon
    )
    runtime.prepare(name)
    return lambda event, context: runtime.handle(name, event, context)


def _set_up(notifier: NotifierModel | None, resources: Resources) -> NotifierModel | None:
    """The notifier with the configuration set that the stack made for its mails, if it made one."""
    if notifier is None or not resources.configuration_set:
        return notifier
    options = {**notifier.options, "configuration_set": resources.configuration_set}
    return replace(notifier, options=options)


def _resolved(app: CloudCron, settings: Settings, name: str) -> AppModel:
    """The model with the file applied to the one task or notifier; without a file a task is as it was declared.

    The model of a task is without notifiers, of which it needs none.
    """
    if name not in app.tasks:
        model = app.model()
    else:
        from cloud_cron.model import AppModel  # noqa: PLC0415 - a task that keeps no records does without

        model = AppModel(app.name, app.templates, tuple(task.model for task in app.tasks.values()))
        if not settings.mentions:
            return model
    from cloud_cron.config.resolving import resolve_one  # noqa: PLC0415 - an app without a file may do without

    return resolve_one(model, settings, name)


def _users(handle: Handler, log: LambdaLog) -> Handler:
    """The handler, with the traceback of what is raised beginning in the user's code."""

    def handler(event: object, context: LambdaContext) -> dict[str, Any]:
        """Run the task, or deliver the batch."""
        log.request_id = context.aws_request_id
        try:
            return handle(event, context)
        except Exception as error:  # noqa: BLE001 - whatever the user's function raises
            from cloud_cron.runtime.redacting import redact  # noqa: PLC0415 - only a failure pays for it

            redact(error)  # Lambda logs what it says, and sends it to the queue of failures
            raise error.with_traceback(_beyond_ours(error.__traceback__))  # noqa: B904 - the very same exception

    return handler


def _app(folder: str, entry: str) -> CloudCron:
    """The app; what its modules raise is raised as it is, from the line that raised it.

    Lambda takes an AttributeError for a missing handler, and sys.exit() would end the process before Lambda hears why:
    these two stay within the `LoadError` that names them.
    """
    module, _, attribute = entry.partition(":")
    sys.path.insert(0, folder)
    try:
        app = getattr(import_module(module), attribute or "app", None)
    except (AttributeError, SystemExit) as error:
        raise _told(folder, error).with_traceback(_beyond_ours(error.__traceback__)) from None
    except Exception as error:  # noqa: BLE001 - whatever the user's modules raise
        if not isinstance(error, ModuleNotFoundError) or error.name != module:
            raise error.with_traceback(_beyond_ours(error.__traceback__)) from None
        app = None
    return app if isinstance(app, CloudCron) else _found(folder, entry)


def _told(folder: str, error: BaseException) -> LoadError:
    """What a module raised, in words."""
    from pathlib import Path  # noqa: PLC0415 - only a mistake pays for it

    from cloud_cron.loader import failed  # noqa: PLC0415 - the same

    return failed(Path(folder).resolve(), error)


def _found(folder: str, entry: str) -> CloudCron:
    """The app wherever it is in its module, or the error that says what is wrong."""
    from pathlib import Path  # noqa: PLC0415 - few apps have another name

    from cloud_cron.loader import load_app  # noqa: PLC0415 - the same

    return load_app(Path(folder), entry)


def _beyond_ours(traceback: TracebackType | None) -> TracebackType | None:
    """The traceback from the first frame that is neither ours nor the import system's."""
    found = traceback
    while found:
        file = found.tb_frame.f_code.co_filename
        if not file.startswith((_PACKAGE, "<frozen importlib")) and "/importlib/" not in file:
            return found
        found = found.tb_next
    return traceback


def _variable(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name)
    if not value:
        raise ConfigError("CC521", f"environment variable {name} is not set", hint="deploy again; the template sets it")
    return value
