"""The templates of an app and the default layouts, compiled when an image is made: a cold start only reads them."""

from __future__ import annotations

import marshal
import os
import subprocess
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cloud_cron.errors import ImageError
from cloud_cron.rendering import NotifierParts, Templates
from cloud_cron.rendering.layout import LABEL
from cloud_cron.rendering.parts import PARTS, File, Inline
from cloud_cron.rendering.templates import COMPILED, LAYOUTS
from cloud_cron_cli.deploy.images import template_compiler
from cloud_cron_cli.deploy.images.interpreters import interpreter

if TYPE_CHECKING:
    from cloud_cron.model import AppModel
    from cloud_cron_cli.deploy.images.template_compiler import Wanted

_PACKAGES: Final = ("cloud_cron", "jinja2", "markupsafe")


def compiled(model: AppModel, folder: Path, python: str, jinja: str) -> dict[str, bytes]:
    """The files to lay beside the project's, by their path from its folder, for an image with that Python and Jinja.

    Nothing when the Jinja that runs is another one: what it compiles would not be used. Raises `RenderError` CC401 for
    a template that a notifier names in vain; `ImageError` CC868 without an interpreter of that version.
    """
    templates = Templates(folder / model.templates)
    wanted: list[Wanted] = []
    for notifier in model.notifiers:
        parts = NotifierParts(notifier, model.name, templates)
        for part in () if parts.is_foreign else PARTS:
            match parts.source(part):
                case Inline(text, label):
                    wanted.append((part == "html", text, label))
                case File(name):
                    wanted.append((part == "html", None, name))
                case None:
                    pass
    found = _compiled(templates, wanted, python, jinja)
    return {f"{model.templates}/{COMPILED}/{name}": data for name, data in found.items()}


def layouts(python: str, jinja: str) -> dict[str, bytes]:
    """The files to lay beside those of `cloud_cron`, by their path from the folder that it is in; as `compiled`."""
    wanted: list[Wanted] = [(path.suffix == ".html", None, path.name) for path in sorted(LAYOUTS.glob("*.*"))]
    found = _compiled(Templates(LAYOUTS, LABEL), wanted, python, jinja)
    return {f"{LABEL}/{COMPILED}/{name}": data for name, data in found.items()}


def _compiled(templates: Templates, wanted: list[Wanted], python: str, jinja: str) -> dict[str, bytes]:
    """The code by its name, in order; a process in which nothing else happens gives the same bytes every time."""
    if not wanted or jinja != version("jinja2"):
        return {}
    asked = (_paths(), str(templates.folder), templates.label, wanted)
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
    return dict(sorted(found.items()))


def _paths() -> list[str]:
    """Where the packages are that compile templates; all three are Python alone, or can do without the rest."""
    specs = map(find_spec, _PACKAGES)
    found = [str(Path(spec.origin).parent.parent) for spec in specs if spec and spec.origin]
    return list(dict.fromkeys(found))
