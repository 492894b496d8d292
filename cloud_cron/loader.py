"""Finding the project and its app: every way in which that can fail is a sentence with a remedy.

The user's module is imported with its own folder first on `sys.path`, as Python itself does for a script. What it
raises is kept as the cause of the `LoadError`, so that its own traceback can be shown.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from cloud_cron.app import CloudCron
from cloud_cron.config import FILE
from cloud_cron.errors import CloudCronError, LoadError, closest

if TYPE_CHECKING:
    from traceback import FrameSummary
    from types import ModuleType

ENTRY: Final = "app"
_OURS: Final = Path(__file__).resolve().parent
_STANDARD_LIBRARY: Final = Path(os.__file__).resolve().parent
_CHOOSE: Final = "say which with --app module:attribute, or with entry = in cloud-cron.toml"
_THERE: Final = "correct that line"
_IN_THE_TASK: Final = "what needs a network or a file belongs into the task, which runs where it is there"


class Entry(NamedTuple):
    """Where the app is: a module and, when somebody named it, the attribute."""

    module: str
    attribute: str | None

    def __str__(self) -> str:
        """As it is written: `module:attribute`."""
        return f"{self.module}:{self.attribute}" if self.attribute else self.module


def find_project(start: Path) -> Path:
    """The nearest folder from `start` upwards that has a cloud-cron.toml or an app.py; CC701 when there is none."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if (folder / FILE).is_file() or (folder / f"{ENTRY}.py").is_file():
            return folder
    message = f"there is no {ENTRY}.py and no {FILE} in {start}, nor in a folder above it"
    raise LoadError("CC701", message, hint="go to your project's folder, or begin one with `cloud-cron init`")


def load_app(folder: Path, entry: str | None = None) -> CloudCron:
    """The app of the project in `folder`; `entry` is `module:attribute` or `module` (default: `app`).

    Without an attribute it is `app`, else the only `CloudCron` of the module. A mistake that cloud-cron found in a
    declaration comes through as it is; anything else is a `LoadError`: CC701 no such module, CC702 the module raised,
    CC703 several apps, CC704 no app, CC705 no such attribute.
    """
    folder = folder.resolve()
    place = _entry(entry)
    module = _imported(folder, place)
    return _named(module, place) if place.attribute else _only(module, place)


def _entry(text: str | None) -> Entry:
    module, colon, attribute = (text or ENTRY).partition(":")
    if module.endswith(".py") or "/" in module or "\\" in module:
        better = module.removesuffix(".py").replace("\\", "/").strip("./").replace("/", ".")
        message = f"{text!r} is a path, and a module is needed"
        raise LoadError("CC701", message, hint=f"say --app {better}{colon}{attribute}")
    if not all(part.isidentifier() for part in module.split(".")) or (colon and not attribute.isidentifier()):
        raise LoadError("CC701", f"{text!r} is not module:attribute", hint="such as --app app:app")
    return Entry(module, attribute or None)


def _imported(folder: Path, place: Entry) -> ModuleType:
    """Import the module from the folder, whatever was imported under its name from elsewhere."""
    _forget_others(folder, place.module.partition(".")[0])
    if str(folder) in sys.path:
        sys.path.remove(str(folder))
    sys.path.insert(0, str(folder))
    _look_anew(folder)
    try:
        return import_module(place.module)
    except CloudCronError:
        raise
    except (Exception, SystemExit) as error:
        if _is_missing(folder, place, error):
            raise _missing(folder, place) from None
        raise failed(folder, error) from error


def _look_anew(folder: Path) -> None:
    """Find what came into the folder within the same tick of the file system's clock as the last look into it.

    `importlib.invalidate_caches` does that for every folder there is, and loads importlib.metadata (Python 3.13).
    """
    for place in list(sys.path_importer_cache):  # a copy: another thread may import meanwhile
        if Path(place).is_relative_to(folder):
            sys.path_importer_cache.pop(place, None)


def _forget_others(folder: Path, name: str) -> None:
    """Drop a module of that name that another folder gave, with what is inside it."""
    found = sys.modules.get(name)
    home = getattr(found, "__file__", None) or next(iter(getattr(found, "__path__", [])), None)
    if found and home and folder not in Path(home).resolve().parents:
        for key in [key for key in sys.modules if key == name or key.startswith(f"{name}.")]:
            del sys.modules[key]


def _is_missing(folder: Path, place: Entry, error: BaseException) -> bool:
    """Whether there is no such module: nothing of the project ran, and what is missing is on the way to it."""
    if not isinstance(error, ModuleNotFoundError) or not error.name or _own_frames(folder, error):
        return False
    return place.module == error.name or place.module.startswith(f"{error.name}.")


def failed(folder: Path, error: BaseException) -> LoadError:
    """What a module that is there raised when it was imported."""
    where = _where(folder, error, _own_frames(folder, error))
    file = where.rpartition(":")[0] if where else folder.name
    message, hint = _explained(folder, file, error)
    return LoadError("CC702", message, where=where, hint=hint)


def _missing(folder: Path, place: Entry) -> LoadError:
    """No such module in the folder; another one there may be meant."""
    near = closest(place.module, _modules(folder))
    hint = f"did you mean --app {near}?" if near else "begin one with `cloud-cron init`, or name yours with --app"
    return LoadError("CC701", f"there is no module {place.module!r} in {folder}", hint=hint)


def _modules(folder: Path) -> list[str]:
    """The modules and packages of the project, by name."""
    packages = [path.parent.name for path in folder.glob("*/__init__.py")]
    return sorted([path.stem for path in folder.glob("*.py")] + packages)


def own_line(folder: Path, error: BaseException) -> str | None:
    """Where in the project's own files an exception comes from, such as `app.py:12`: its innermost frame there."""
    return _where(folder.resolve(), error, _own_frames(folder.resolve(), error))


def _own_frames(folder: Path, error: BaseException) -> list[FrameSummary]:
    """The frames of the traceback that stand in the project's own files."""
    from traceback import extract_tb  # noqa: PLC0415 - only a mistake pays for it

    frames = extract_tb(error.__traceback__)
    return [frame for frame in frames if _is_own(folder, frame.filename)]


def _is_own(folder: Path, file: str) -> bool:
    path = Path(file)
    foreign = "site-packages" in path.parts or any(home in path.parents for home in (_OURS, _STANDARD_LIBRARY))
    return folder in path.parents and not foreign


def _where(folder: Path, error: BaseException, frames: list[FrameSummary]) -> str | None:
    """The user's line: of a syntax error its own, else that of the innermost frame in the project."""
    if isinstance(error, SyntaxError) and error.filename and _is_own(folder, error.filename):
        return f"{Path(error.filename).relative_to(folder).as_posix()}:{error.lineno}"
    if not frames:
        return None
    return f"{Path(frames[-1].filename).relative_to(folder).as_posix()}:{frames[-1].lineno}"


def _explained(folder: Path, file: str, error: BaseException) -> tuple[str, str | None]:
    """What happened at import, and what to do about it."""
    match error:
        case SyntaxError():
            return f"{file} is not Python: {error.msg}", _THERE
        case SystemExit():
            message = f"{file} ended the program when it was imported (exit code {error.code!r})"
            return message, 'put what is to run only as a script under `if __name__ == "__main__":`'
        case ImportError() | AttributeError() if "partially initialized" in str(error):
            message = f"{file} takes part in a circle of imports: {error}"
            return message, "move what both modules need into a third, or import it inside the function that uses it"
        case ModuleNotFoundError(name=str(name)):
            near = closest(name, _modules(folder))
            hint = f"did you mean {near!r}?" if near else "install the package that provides it into this environment"
            return f"{file} imports {name!r}, which is not there", hint
        case _:
            hint = _IN_THE_TASK if isinstance(error, OSError) else _THERE
            return f"{file} raised {type(error).__name__}: {error}", hint


def _named(module: ModuleType, place: Entry) -> CloudCron:
    """The app that the entry names."""
    attribute = place.attribute or ENTRY
    if not hasattr(module, attribute):
        apps = _apps(module)
        near = closest(attribute, apps) or (next(iter(apps)) if len(apps) == 1 else None)
        hint = f"did you mean --app {place.module}:{near}?" if near else f"its apps: {', '.join(apps) or 'none'}"
        raise LoadError("CC705", f"{_file(module)} has no {attribute!r}", hint=hint)
    found = getattr(module, attribute)
    if isinstance(found, CloudCron):
        return found
    raise _no_app(module, attribute, found)


def _only(module: ModuleType, place: Entry) -> CloudCron:
    """Attribute `app`, else the only app of the module."""
    found = getattr(module, ENTRY, None)
    if isinstance(found, CloudCron):
        return found
    apps = _apps(module)
    match list(apps.values()):
        case [app]:
            return app
        case [] if found is not None:
            raise _no_app(module, ENTRY, found)
        case []:
            hint = 'declare one: from cloud_cron import CloudCron; app = CloudCron("name")'
            raise LoadError("CC704", f"{_file(module)} declares no CloudCron app", hint=hint)
        case _:
            listed = ", ".join(f"{name} = CloudCron({app.name!r})" for name, app in apps.items())
            hint = f"{_CHOOSE}; such as --app {place.module}:{next(iter(apps))}"
            raise LoadError("CC703", f"{_file(module)} has several apps: {listed}", hint=hint)


def _no_app(module: ModuleType, attribute: str, found: object) -> LoadError:
    kind = type(found)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    apps = _apps(module)
    hint = f"its apps: {', '.join(apps)}; {_CHOOSE}" if apps else f'write {attribute} = CloudCron("name")'
    return LoadError("CC704", f"{attribute!r} of {_file(module)} is no CloudCron, but of type {name}", hint=hint)


def _apps(module: ModuleType) -> dict[str, CloudCron]:
    """The module's apps by attribute, each once; one whose parts were all included in another is a part of that."""
    apps: dict[str, CloudCron] = {}
    for name, value in vars(module).items():
        if isinstance(value, CloudCron) and value not in apps.values():
            apps[name] = value
    parts = {name: {id(part) for part in (*app.tasks.values(), *app.notifiers.values())} for name, app in apps.items()}
    return {
        name: app
        for name, app in apps.items()
        if not any(parts[name] and parts[name] < others for other, others in parts.items() if other != name)
    }


def _file(module: ModuleType) -> str:
    """The module's file, as a person knows it."""
    file = getattr(module, "__file__", None)
    return Path(file).name if file else module.__name__
