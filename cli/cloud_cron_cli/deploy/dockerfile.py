"""The Dockerfile of an app, as a pure function: base, dependencies, runtime and app, what changes least first."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cloud_cron_templates
from cloud_cron import __version__, channels
from cloud_cron_cli.deploy.entrypoint import ENTRYPOINT
from cloud_cron_cli.deploy.images.oci import ARCHITECTURES, Platform

if TYPE_CHECKING:
    from cloud_cron.model import AppModel
    from cloud_cron_cli.deploy.images.lockfile import BasePin
    from cloud_cron_cli.deploy.images.options import ImageOptions

RUNTIME: Final = ("boto3>=1.35", "jinja2>=3.1.6", "tzdata>=2024.1")
"""What the library needs inside a function; the command line's own needs stay outside."""
_AWS: Final = "public.ecr.aws/lambda/python"


def dockerfile(model: AppModel, options: ImageOptions, pin: BasePin | None = None) -> str:
    """The text; its context is the folder that `images.context` writes. `pin` is what the lock says of the base."""
    words = {
        "PLATFORM": str(Platform(ARCHITECTURES[options.architecture])),
        "BASE": _base(options, pin),
        "APP": model.name,
        "VERSION": __version__,
        "ENTRYPOINT": ENTRYPOINT,
    }
    return re.sub(r"__([A-Z]+)__", lambda found: words[found[1]], template("Dockerfile.tmpl"))


def template(name: str) -> str:
    """A file that is shipped as data."""
    return (Path(cloud_cron_templates.__file__).parent / name).read_text(encoding="utf-8")


def needed(model: AppModel) -> list[str]:
    """The packages beside `cloud_cron`: the runtime's, and those of the channels that notifiers use."""
    used = [requirement for notifier in model.notifiers for requirement in channels.find(notifier.channel).requirements]
    return list(dict.fromkeys([*RUNTIME, *used]))


def loaded(model: AppModel) -> list[str]:
    """The modules of such packages that channels load, where these say so."""
    used = [module for notifier in model.notifiers for module in channels.find(notifier.channel).modules]
    return list(dict.fromkeys(used))


def _base(options: ImageOptions, pin: BasePin | None) -> str:
    """The arguments that name the base: by digest when the lock knows the one of this name."""
    wanted = options.base or f"{_AWS}:{options.python}"
    if pin and pin.reference == wanted and "@" not in wanted:
        return f"ARG BASE={wanted}@{pin.digest}"
    if options.base:
        return f"ARG BASE={options.base}"
    return f"ARG PYTHON={options.python}\nARG BASE={_AWS}:${{PYTHON}}"
