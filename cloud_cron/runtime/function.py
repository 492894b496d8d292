"""A function on AWS, from its environment: the app is loaded and everything is made before the first event.

Lambda gives initialisation its full processor whatever a function's memory is, so that what can be done before the
first event is (Lambda Developer Guide, "Understanding the Lambda execution environment lifecycle").
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cloud_cron.aws.resources import VARIABLE, parse_resources
from cloud_cron.config.settings import FILE, Settings
from cloud_cron.errors import ConfigError, LoadError
from cloud_cron.loader import load_app
from cloud_cron.runtime.lambda_log import LambdaLog

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from cloud_cron.app import CloudCron
    from cloud_cron.model import AppModel
    from cloud_cron.runtime.entrypoint import LambdaContext

    Handler = Callable[[object, LambdaContext], dict[str, Any]]

MAINTENANCE: Final = "@maintenance"
_PACKAGE: Final = str(Path(__file__).resolve().parents[1])


def from_environment(environment: Mapping[str, str]) -> Handler:
    """The handler that CLOUD_CRON_HANDLER names, of the app in LAMBDA_TASK_ROOT, ready for its first event.

    Raises what the user's modules raise when they are imported, as it is; `ConfigError` for what the environment lacks
    (CC521) or says wrongly (CC520); `EventError` (CC620) for a handler that the app does not have.
    """
    name, stage = _variable(environment, "CLOUD_CRON_HANDLER"), _variable(environment, "CLOUD_CRON_STAGE")
    resources = parse_resources(environment.get(VARIABLE, "{}"))
    folder = Path(environment.get("LAMBDA_TASK_ROOT", "."))
    entry = environment.get("CLOUD_CRON_APP")
    app = _app(folder, entry)
    settings = replace(_settings(folder, stage), entry=entry)
    if name == MAINTENANCE:
        from cloud_cron.runtime.maintenance import from_app  # noqa: PLC0415 - one function of all

        return from_app(app, settings, resources)
    from cloud_cron import aws  # noqa: PLC0415 - after the user's own modules, whose errors come first
    from cloud_cron.runtime.entrypoint import Runtime  # noqa: PLC0415 - that module imports this one

    model = _model(app, settings, name)
    part = model.task(name) or model.notifier(name)
    ports = aws.ports(resources=resources, model=model, part=part, horizon=settings.horizon, journal=LambdaLog())
    queues = {name: resources.queue} if resources.queue else {}
    runtime = Runtime(app, model, ports, stage=stage, queues=queues, folder=folder, horizon=settings.horizon)
    runtime.prepare(name)

    def handler(event: object, context: LambdaContext) -> dict[str, Any]:
        """Run the task, or deliver the batch; what the user's function raises begins in the user's code."""
        try:
            return runtime.handle(name, event, context)
        except Exception as error:  # noqa: BLE001 - whatever the user's function raises
            raise error.with_traceback(_beyond_ours(error.__traceback__))  # noqa: B904 - the very same exception

    return handler


def _settings(folder: Path, stage: str) -> Settings:
    """What the file says, if there is one: reading none costs nothing."""
    if not (folder / FILE).is_file():
        return Settings(stage)
    from cloud_cron.config.loading import load  # noqa: PLC0415 - an app without a file does without

    return load(folder, stage)


def _model(app: CloudCron, settings: Settings, name: str) -> AppModel:
    """The model with the file applied to the one task or notifier; without a file a task is as it was declared."""
    model = app.model()
    if not settings.mentions and model.task(name):
        return model
    from cloud_cron.config.resolving import resolve_one  # noqa: PLC0415 - an app without a file may do without

    return resolve_one(model, settings, name)


def _app(folder: Path, entry: str | None) -> CloudCron:
    """The app; what its modules raise is raised as it is, from the line that raised it.

    Lambda takes an AttributeError for a missing handler, and sys.exit() would end the process before Lambda hears why:
    these two stay within the `LoadError` that names them.
    """
    try:
        return load_app(folder, entry)
    except LoadError as error:
        cause = error.__cause__
        if cause is None:
            raise
        theirs = _beyond_ours(cause.__traceback__)
        if isinstance(cause, AttributeError) or not isinstance(cause, Exception):
            raise error.with_traceback(theirs) from None
        raise cause.with_traceback(theirs) from None


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
