"""The licences of what the wheel needs, read from the metadata of what is installed, and held to a list."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, distribution
from typing import TYPE_CHECKING, Final, NamedTuple

from scripts.release import lock
from scripts.release.outcomes import Failed, Outcome, judged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from importlib.metadata import Distribution, PackageMetadata

    from cloud_cron_cli.deploy.images.packages import Package
    from scripts.release.tree import Tree

ALLOWED: Final = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BSD",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC0-1.0",
        "ISC",
        "MIT",
        "MPL-2.0",
        "PSF-2.0",
        "Unlicense",
    }
)
"""Permissive ones by their names in SPDX's list, and MPL-2.0, whose files stay as they are; BSD is one of its three."""
_CLASSIFIED: Final = {
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}
"""What classifiers call them."""
_GENERAL: Final = "License :: OSI Approved"
_FREE_TEXT: Final = 60
"""Characters: a longer field holds the text of a licence, not its name."""


class Licensed(NamedTuple):
    """A package with the licence that it says it has, as an expression of SPDX; empty when it says none."""

    name: str
    version: str
    licence: str

    @property
    def is_allowed(self) -> bool:
        """Whether the list has it: one of those to choose from, or all when there is no choice."""
        names = re.findall(r"[^\s()]+", self.licence)
        choice = "OR" in names and not {"AND", "WITH"} & {*names}
        found = [name in ALLOWED for name in names if name not in {"AND", "OR"}]
        return any(found) if choice else bool(found) and all(found)


def check(tree: Tree) -> Outcome:
    """Whether every requirement has an allowed licence; write them to `licences.md`."""
    pinned = lock.exported(tree, *lock.EXTRAS)
    if pinned.code:
        return Failed(f"uv.lock could not be read: {pinned.last}")
    return reported(lock.packages(pinned.text), distribution, tree)


def reported(packages: Iterable[Package], find: Callable[[str], Distribution], tree: Tree) -> Outcome:
    """Write the table, and name what is not allowed or has another version than the lock."""
    found, absent, problems = [], [], []
    for package in packages:
        try:
            metadata = find(package.name).metadata
        except PackageNotFoundError:
            absent.append(package.name)
            continue
        found.append(Licensed(package.name, metadata["Version"], licence(metadata)))
        if metadata["Version"] != package.version:
            problems.append(f"{package.name} {metadata['Version']} is installed, and {package.version} is locked")
    problems += [f"{each.name} has the licence {each.licence!r}" for each in found if not each.is_allowed]
    tree.out.mkdir(parents=True, exist_ok=True)
    (tree.out / "licences.md").write_text(table(found), encoding="utf-8")
    elsewhere = f", not installed here: {', '.join(absent)}" if absent else ""
    return judged(problems, f"{len(found)} packages{elsewhere}")


def licence(metadata: PackageMetadata) -> str:
    """The expression, or else what the classifiers say, or else the name that the old field has."""
    if "License-Expression" in metadata:
        return metadata["License-Expression"]
    said = [each for each in metadata.get_all("Classifier") or () if each.startswith("License ::") and each != _GENERAL]
    names = [each.rpartition(" :: ")[2] for each in said]
    if names:
        return " AND ".join(sorted(_CLASSIFIED.get(name, name.replace(" ", "-")) for name in names))
    free = metadata["License"].strip() if "License" in metadata else ""
    return free if len(free) < _FREE_TEXT and "\n" not in free else ""


def table(found: Iterable[Licensed]) -> str:
    """The report, in order of name."""
    rows = "".join(f"| {each.name} | {each.version} | {each.licence or 'none told'} |\n" for each in sorted(found))
    return f"# Licences\n\n| package | version | licence |\n|---|---|---|\n{rows}"
