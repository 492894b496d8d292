"""What uv.lock pins for those who install the wheel: everything it needs, for all platforms."""

from __future__ import annotations

import sys
import tomllib
from typing import TYPE_CHECKING, Final

from cloud_cron_cli.deploy.images.packages import Package, parsed
from scripts.release.commands import Said, ran

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scripts.release.tree import Tree

EXTRAS: Final = ("apprise", "metrics", "sms")
"""Those that add to what an app can do; the others are for tests and for ourselves."""
_EXPORT: Final = ("export", "--quiet", "--frozen", "--offline", "--no-emit-project", "--no-header", "--no-annotate")


def exported(tree: Tree, *extras: str) -> Said:
    """The text of a requirements file, with versions, hashes and markers."""
    options = [word for extra in extras for word in ("--extra", extra)]
    return ran([sys.executable, "-m", "uv", *_EXPORT, *options], tree.root)


def packages(text: str) -> tuple[Package, ...]:
    """What such a text names."""
    return parsed(text)


def needs(text: str) -> Mapping[str, Sequence[str]]:
    """The names of what each package asks for itself, from the text of uv.lock."""
    return {
        package["name"]: sorted({need["name"] for need in package.get("dependencies", ())})
        for package in tomllib.loads(text)["package"]
    }
