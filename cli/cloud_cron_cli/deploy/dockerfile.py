"""The Dockerfile of an app, as a pure function: the runtime, what the app's channels need, and the app itself."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cloud_cron_templates
from cloud_cron import __version__, channels
from cloud_cron_cli.deploy.template.functions import ENTRYPOINT

if TYPE_CHECKING:
    from cloud_cron.config import Settings
    from cloud_cron.model import AppModel

PYTHON: Final = "3.13"
RUNTIME: Final = ("boto3", "jinja2", "tzdata")
"""What the library needs inside a function; the command line's own needs stay outside."""
_PLATFORMS: Final = {"x86_64": "linux/amd64", "arm64": "linux/arm64"}
_OWN_FILE: Final = "COPY requirements.txt .\nRUN pip install --no-cache-dir --compile --requirement requirements.txt\n"


def dockerfile(model: AppModel, settings: Settings, *, requirements: bool) -> str:
    """The text; `requirements` says whether the project has a requirements.txt of its own."""
    architecture = next(
        (part.function["architecture"] for part in model.functions if "architecture" in part.function), "x86_64"
    )
    words = {
        "PLATFORM": _PLATFORMS[architecture],
        "PYTHON": settings.python or PYTHON,
        "REQUIREMENTS": " ".join(f'"{name}"' if re.search(r"[<>=!~;\[]", name) else name for name in needed(model)),
        "VERSION": __version__,
        "EXTRA": _OWN_FILE if requirements else "",
        "ENTRYPOINT": ENTRYPOINT,
    }
    text = (Path(cloud_cron_templates.__file__).parent / "Dockerfile.tmpl").read_text(encoding="utf-8")
    return re.sub(r"__([A-Z]+)__", lambda found: words[found[1]], text)


def needed(model: AppModel) -> list[str]:
    """The packages beside `cloud_cron`: the runtime's, and those of the channels that notifiers use."""
    used = [requirement for notifier in model.notifiers for requirement in channels.find(notifier.channel).requirements]
    return list(dict.fromkeys([*RUNTIME, *used]))
