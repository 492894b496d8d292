"""What other parts of the tree judge themselves: the site, the examples, the campaign."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from scripts.release.commands import Said, ran
from scripts.release.outcomes import Outcome, judged

if TYPE_CHECKING:
    from scripts.release.tree import Tree

_LEFT: Final = shutil.ignore_patterns(".*_cache", ".cloud-cron", "__pycache__")


def docs(tree: Tree) -> Outcome:
    """Whether the site builds, with every link leading somewhere."""
    folder = (tree.out / "docs").relative_to(tree.root).as_posix()
    return tree.concluded("docs", ran([sys.executable, "-m", "scripts.docs", folder], tree.root))


def campaign(tree: Tree) -> Outcome:
    """Whether what is guaranteed holds in the short form of the campaign, and planted bugs are caught."""
    return tree.concluded("campaign", ran([sys.executable, "-m", "tests.campaign", "--short"], tree.root))


def examples(tree: Tree) -> Outcome:
    """Whether each example passes its own tests, where nothing else is."""
    names = sorted(file.parent.name for file in tree.root.glob("examples/*/app.py"))
    said = {name: _tested(tree.root / "examples" / name) for name in names}
    broken = [f"{name}: {each.last}" for name, each in said.items() if each.code]
    tree.concluded("examples", Said(len(broken), "".join(each.text for each in said.values())))
    return judged(broken if names else ["there are none"], ", ".join(names))


def _tested(example: Path) -> Said:
    """The tests of one, in a copy of it."""
    with TemporaryDirectory() as folder:
        copy = shutil.copytree(example, Path(folder, example.name), ignore=_LEFT)
        return ran([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], copy)
