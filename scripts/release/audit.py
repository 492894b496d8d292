"""Known holes in what the wheel needs, as pip-audit finds them, from an environment of its own.

An audit that could not ask about everything counts as none: pip-audit itself says that nothing was found.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Final

from scripts.release import lock
from scripts.release.commands import Said, ran
from scripts.release.outcomes import Failed, Ok, Outcome, Skipped, listed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from cloud_cron_cli.deploy.images.packages import Package
    from scripts.release.tree import Tree

VERSION: Final = "2.10.1"
_FOLDER: Final = ".venv-audit"
_OPTIONS: Final = ("--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off")


def check(tree: Tree) -> Outcome:
    """Whether nobody knows of a hole in the versions that the lock pins."""
    pinned = lock.exported(tree, *lock.EXTRAS)
    if pinned.code:
        return Failed(f"uv.lock could not be read: {pinned.last}")
    python = tree.root / _FOLDER / "bin/python"
    if not (_is_right(python) or _installed(python)):
        return Skipped(f"pip-audit {VERSION} could not be installed")
    tree.out.mkdir(parents=True, exist_ok=True)
    (tree.out / "audited.txt").write_text(asked(lock.packages(pinned.text)), encoding="utf-8")
    report = tree.out / "audit.json"
    report.unlink(missing_ok=True)
    paths = ("--requirement", str(tree.out / "audited.txt"), "--output", str(report))
    said = _ran(python, "-m", "pip_audit", *_OPTIONS, *paths)
    return outcome(report.read_text(encoding="utf-8")) if report.exists() else Skipped(said.last)


def asked(packages: Iterable[Package]) -> str:
    """What is asked about."""
    return "".join(f"{package.name}=={package.version}\n" for package in packages)


def outcome(report: str) -> Outcome:
    """What a report says, in pip-audit's own JSON."""
    audited: list[dict[str, Any]] = json.loads(report)["dependencies"]
    holes = [f"{each['name']} {each['version']} has {hole['id']}" for each in audited for hole in each.get("vulns", ())]
    unasked = [each["name"] for each in audited if "skip_reason" in each]
    if holes:
        return Failed("; ".join(holes))
    if unasked or not audited:
        return Skipped(f"{len(unasked)} of {len(audited)} packages could not be asked about: {listed(unasked)}")
    return Ok(f"{len(audited)} packages, no known holes")


def _is_right(python: Path) -> bool:
    """Whether the very version is there."""
    return python.exists() and _ran(python, "-m", "pip_audit", "--version").last.endswith(f" {VERSION}")


def _installed(python: Path) -> bool:
    """Make the environment; whether it could be."""
    made = ran([sys.executable, "-m", "venv", "--clear", python.parent.parent], python.parent.parent.parent)
    return (
        not made.code
        and not _ran(python, "-m", "pip", "install", "--quiet", f"pip-audit=={VERSION}").code
        and _is_right(python)
    )


def _ran(python: Path, *words: str) -> Said:
    return ran([python, *words], python.parent)
