"""What `docker build` needs of an app: its Dockerfile, and beside it the files of an image made without Docker."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.dockerfile import dockerfile, needed, template
from cloud_cron_cli.deploy.images import asking, compiler, files, lockfile, requirements, templating
from cloud_cron_cli.deploy.images.layers import Entry
from cloud_cron_cli.deploy.images.runtime_files import runtime_files
from cloud_cron_cli.deploy.images.secrecy import holds_password
from cloud_cron_cli.deploy.images.walking import CONTEXT

if TYPE_CHECKING:
    from cloud_cron_cli.deploy.images.asking import Asked
    from cloud_cron_cli.deploy.images.building import Recipe
    from cloud_cron_cli.deploy.images.files import UserFiles
    from cloud_cron_cli.deploy.images.lockfile import Lock

FOLDER: Final = "image"
_HEAD: Final = "# Written by cloud-cron.\n"
_NO_PYTHON: Final = "CC868"
_OUTDATED: Final = "CC869"


class Context(NamedTuple):
    """The Dockerfile, the files of the folder `image` beside it, and what is worth knowing about them."""

    dockerfile: str
    entries: tuple[Entry, ...]
    notes: tuple[str, ...]


class _Wanted(NamedTuple):
    """What pip is told to install, and what it is not to go beyond."""

    requirements: str
    constraints: str = ""
    notes: tuple[str, ...] = ()


def context(recipe: Recipe) -> Context:
    """All of it; nothing is asked of a network: packages are those of the lock, or whatever pip will find.

    Raises:
        ConfigError: CC865 a file that looks like a secret, CC887 a rule of .dockerignore that Docker would refuse.
        ImageError: CC862, CC863 requirements and CC866, CC867 files that no image can have, CC869 a lock that
            cannot be read.
    """
    lock, found = lockfile.read(recipe.folder), files.find(recipe.folder, recipe.options.include)
    wanted = _wanted(recipe, lock)
    texts = {
        "requirements.txt": _HEAD + wanted.requirements,
        "constraints.txt": _HEAD + wanted.constraints,
        "finish.py": template("finish.py.tmpl"),
        "compiler.py": Path(compiler.__file__).read_text(encoding="utf-8"),
    }
    entries = (
        *(Entry(name, text.encode()) for name, text in texts.items()),
        *runtime_files().entries("runtime"),
        *found.entries("app"),
        *_templates(recipe, found),
    )
    text = dockerfile(recipe.model, recipe.options, lock.bases.get(recipe.options.architecture))
    return Context(text, entries, wanted.notes)


def write(context: Context, folder: Path) -> None:
    """Write it, in the place of an earlier one; modes are those of an image, whatever the umask. Raises `OSError`."""
    beside = folder / FOLDER
    if beside.exists():
        if not (beside / CONTEXT).exists():
            raise FileExistsError(17, "it is there, and cloud-cron did not write it", str(beside))
        shutil.rmtree(beside)
    beside.mkdir(parents=True)
    (beside / CONTEXT).write_text("Written by cloud-cron, and replaced by it.\n", encoding="utf-8")
    (folder / "Dockerfile").write_text(context.dockerfile, encoding="utf-8", newline="\n")
    for entry in context.entries:
        _write(beside / entry.path, entry)


def _write(path: Path, entry: Entry) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(entry.data, Path):
        shutil.copyfile(entry.data, path)
    else:
        path.write_bytes(entry.data)
    path.chmod(0o755 if entry.executable else 0o644)


def _wanted(recipe: Recipe, lock: Lock) -> _Wanted:
    """What the lock says, when it answers what the project asks for; else what the project asks for."""
    runtime = needed(recipe.model)
    try:
        locked, _ = requirements.locked(recipe.folder, runtime, recipe.options, lock, frozen=True)
    except ImageError as error:
        if error.code != _OUTDATED:
            raise
        note = (f"{error.message}: versions are those that pip finds",) if lock.dependencies else ()
        found = _loose(runtime, _asked(recipe))
        return found._replace(notes=note + found.notes)
    options, notes = _options(locked.options)
    return _Wanted(options + locked.text, notes=notes)


def _templates(recipe: Recipe, found: UserFiles) -> list[Entry]:
    """Layouts and templates, compiled, for the Jinja that runs here: another one passes them over.

    So does a function when this machine has no Python of its version to compile them with.
    """
    python, jinja = recipe.options.python, templating.running_jinja()
    try:
        made = {
            "runtime": templating.layouts(python, jinja),
            "app": templating.compiled(templating.wanted(recipe.model, recipe.folder, found), python, jinja),
        }
    except ImageError as error:
        if error.code != _NO_PYTHON:
            raise
        return []
    return [Entry(f"{part}/{path}", data) for part, files in made.items() for path, data in files.items()]


def _asked(recipe: Recipe) -> Asked:
    """What the project asks for; a lock that only uv can read stands for the file beside it."""
    named = recipe.options.requirements
    found = asking.asked(recipe.folder, named)
    if not found.exported:
        return found
    return asking.asked(recipe.folder, (Path(named or found.source).parent / "pyproject.toml").as_posix())


def _loose(runtime: list[str], asked: Asked) -> _Wanted:
    """Without a lock; pip wants hashes of all packages or of none, and nobody knows those of the runtime's."""
    options, notes = _options(asked.options)
    lines = [line.partition(" --hash")[0] for line in asked.requirements]
    if any(" --hash" in line for line in asked.requirements):
        notes += (f"the hashes of {asked.source} are not checked without cloud-cron.lock, which a build writes",)
    limits = [line.partition(" --hash")[0] for line in asked.constraints]
    return _Wanted(
        options + "".join(f"{line}\n" for line in (*runtime, *lines)), "".join(f"{line}\n" for line in limits), notes
    )


def _options(options: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """Where packages are: a folder of this machine is not in the image, and a password is not to be written down."""
    secret = [option for option in options if holds_password(option.encode())]
    distant = [option for option in options if ("://" in option and option not in secret) or option == "--no-index"]
    notes = tuple(
        f"{option.partition(' ')[0]} holds a password, and is left out: docker build --build-arg PIP_INDEX_URL=..."
        if option in secret
        else f"{option} is of this machine, and not in what Docker sees"
        for option in options
        if option not in distant
    )
    return "".join(f"{option}\n" for option in distant), notes
