"""What the fixtures do when a test asks for them: find the app, load it, and hand it out on the chosen backend."""

from __future__ import annotations

import traceback
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from cloud_cron.app import CloudCron
from cloud_cron.errors import CloudCronError, did_you_mean
from cloud_cron.testing.durations import instant
from cloud_cron.testing.projects import Projects
from cloud_cron.testing.runner import START, CronRunner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from cloud_cron.testing.moto import Moto, Wired

_OWN: Final = Path(__file__).parent.parent
_MARKER: Final = "cloud_cron"
_ARGUMENTS: Final = ("app", "stage")
WIRED: Final[pytest.StashKey[Wired]] = pytest.StashKey()


@contextmanager
def runner(request: pytest.FixtureRequest) -> Iterator[CronRunner]:
    """The runner of one test; a project that cannot be loaded fails the test in the words of `CloudCronError`."""
    projects = request.config.stash[Projects.key]
    folder = projects.enter(request.path.parent)
    asked = _asked(request)
    on_moto = request.config.getoption("cloud_cron_backend") == "moto" or "cron_aws" in request.fixturenames
    with ExitStack() as stack:
        backend = stack.enter_context(closing(_moto())) if on_moto else None
        try:
            app = _app(projects, folder, asked.get("app", projects.entry), asked["stage"])
            made = CronRunner(app, asked["stage"], folder=folder, now=_now(projects.now), backend=backend)
        except CloudCronError as error:
            raise refusal(_told(error, folder)) from None
        made.seed = request.config.getoption("sim_seed")
        if backend is not None:
            request.node.stash[WIRED] = backend.wired(f"{app.name}-{asked['stage']}-")
        yield stack.enter_context(made)


def _app(projects: Projects, folder: Path, entry: CloudCron | str | None, stage: str) -> CloudCron:
    """The app that the test brings or names, or the project's own, which is loaded once."""
    if isinstance(entry, CloudCron):
        return entry
    apps, key = projects.apps, (folder, entry, stage)
    if key not in apps:
        from cloud_cron.config import load  # noqa: PLC0415 - a test that brings its app does without
        from cloud_cron.loader import load_app  # noqa: PLC0415 - the same

        apps[key] = load_app(folder, entry or load(folder, stage).entry)
    return apps[key]


def _asked(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What the markers say, the nearest first."""
    asked: dict[str, Any] = {}
    for marker in request.node.iter_markers(_MARKER):
        for name in marker.kwargs:
            if name not in _ARGUMENTS:
                raise refusal(f"marker {_MARKER} takes no {name!r}; {did_you_mean(name, _ARGUMENTS)}")
        if marker.args:
            raise refusal(f"marker {_MARKER} takes arguments by name only: app=..., stage=...")
        asked = {**marker.kwargs, **asked}
    return {"stage": "test", **asked}


def _now(text: str | None) -> datetime:
    """Where the clock starts; without an offset it is UTC."""
    now = instant("cloud_cron_now", text)
    if now is None:
        return START
    return now if now.tzinfo else now.replace(tzinfo=UTC)


def _moto() -> Moto:
    try:
        from cloud_cron.testing.moto import Moto  # noqa: PLC0415 - a second, and only for those who ask
    except ModuleNotFoundError as error:
        raise refusal(f"moto's queues need {error.name!r}: pip install 'cloud-cron[test]'") from None
    return Moto()


def _told(error: CloudCronError, folder: Path) -> str:
    """The mistake, and where in the user's own files it was made; no line of ours."""
    cause = error.__cause__ or error
    frames = [frame for frame in traceback.extract_tb(cause.__traceback__) if _is_own(folder, Path(frame.filename))]
    lines = traceback.format_list(frames[-3:])
    if cause is not error:
        lines += traceback.format_exception_only(cause)
    return f"{error}\n{''.join(lines)}".rstrip()


def _is_own(folder: Path, file: Path) -> bool:
    return folder in file.parents and "site-packages" not in file.parts and _OWN not in file.parents


def refusal(message: str) -> BaseException:
    """What fails a test with the message alone."""
    return pytest.fail.Exception(message, pytrace=False)
