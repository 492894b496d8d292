"""The templates of an app and the default layouts, compiled when an image is made: a cold start only reads them."""

from __future__ import annotations

import hashlib
import marshal
import os
import posixpath
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from cloud_cron.errors import ImageError
from cloud_cron.rendering import NotifierParts, Templates
from cloud_cron.rendering.parts import PARTS, File, Inline
from cloud_cron.rendering.templates import COMPILED, LAYOUTS
from cloud_cron_cli.deploy.images import template_compiler
from cloud_cron_cli.deploy.images.interpreters import interpreter

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cloud_cron.model import AppModel, NotifierModel
    from cloud_cron_cli.deploy.images.files import UserFiles
    from cloud_cron_cli.deploy.images.template_compiler import Template

_PACKAGES: Final = ("cloud_cron", "jinja2", "markupsafe")
_INFO: Final = ".dist-info"


class Wanted(NamedTuple):
    """Templates to compile: their folder and how errors spell it, its place in the image, and the digests of its files.

    Only files that are in the image are compiled: the others are not rendered there.
    """

    folder: Path
    label: str
    place: str
    files: Mapping[str, str]
    templates: tuple[Template, ...]

    @property
    def key(self) -> str:
        """A name of whatever the code is made of."""
        told = (self.label, self.place, sorted(self.files.items()), self.templates)
        return hashlib.sha256(repr(told).encode("utf-8", "surrogatepass")).hexdigest()


def wanted(model: AppModel, folder: Path, files: UserFiles) -> Wanted:
    """What notifiers render; raises `RenderError` CC401 for a template that one names in vain."""
    place = posixpath.normpath(model.templates)
    prefix = "" if place == "." else f"{place}/"
    there = {each.path.removeprefix(prefix): each.digest for each in files.files if each.path.startswith(prefix)}
    templates = Templates(folder / model.templates)
    found = [each for notifier in model.notifiers for each in _of(notifier, model.name, templates)]
    named = tuple(each for each in dict.fromkeys(found) if each[1] is not None or each[2] in there)
    return Wanted(folder / model.templates, templates.label, place, there, named)


def _of(notifier: NotifierModel, app: str, templates: Templates) -> Iterator[Template]:
    parts = NotifierParts(notifier, app, templates)
    for part in () if parts.is_foreign else PARTS:
        match parts.source(part):
            case Inline(text, label):
                yield part == "html", text, label
            case File(name):
                yield part == "html", None, name
            case None:
                pass


@cache
def layouts(python: str, jinja: str) -> Mapping[str, bytes]:
    """The files to lay beside those of `cloud_cron`, by their path from the folder that it is in; as `compiled`.

    They are the library's own, and the same as long as the process lives.
    """
    from cloud_cron.rendering.layout import LABEL  # noqa: PLC0415 - loads what a message is made with

    names = [path.name for path in sorted(LAYOUTS.glob("*.*"))]
    each = tuple((name.endswith(".html"), None, name) for name in names)
    return compiled(Wanted(LAYOUTS, LABEL, LABEL, dict.fromkeys(names, ""), each), python, jinja)


def compiled(wanted: Wanted, python: str, jinja: str) -> dict[str, bytes]:
    """The code by its path in the image, in order, for that Python and Jinja.

    A process in which nothing else happens gives the same bytes every time. Nothing when the Jinja that runs is another
    one: what it compiles would not be used. `ImageError` CC868 without an interpreter of that version.
    """
    if not wanted.templates or jinja != running_jinja():
        return {}
    asked = (_paths(), str(wanted.folder), wanted.label, sorted(wanted.files), list(wanted.templates))
    command = [interpreter(python), "-B", "-P", "-S", "-s", "-W", "ignore", template_compiler.__file__]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        command, input=marshal.dumps(asked, 2), env={**clean, "PYTHONHASHSEED": "0"}, capture_output=True, check=False
    )
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        message = f"{command[0]} broke off while it compiled templates: {last or f'exit code {done.returncode}'}"
        raise ImageError("CC868", message, hint="see that it runs by itself, and that memory and disk have room")
    found: dict[str, bytes] = marshal.loads(done.stdout)  # noqa: S302 - from a program that we started
    return {posixpath.normpath(f"{wanted.place}/{COMPILED}/{name}"): code for name, code in sorted(found.items())}


def running_jinja() -> str:
    """The version of the Jinja that runs here, as the name of a folder beside it tells: that is quick."""
    spec = find_spec("jinja2")
    beside = Path(spec.origin).parent.parent if spec and spec.origin else Path()
    found = [path.name.removesuffix(_INFO).partition("-")[2] for path in beside.glob(f"[jJ]inja2-*{_INFO}")]
    if len(found) == 1:
        return found[0]
    from importlib.metadata import version  # noqa: PLC0415 - takes long to load

    return version("jinja2")


def _paths() -> list[str]:
    """Where the packages are that compile templates; all three are Python alone, or can do without the rest."""
    specs = map(find_spec, _PACKAGES)
    found = [str(Path(spec.origin).parent.parent) for spec in specs if spec and spec.origin]
    return list(dict.fromkeys(found))
