"""The version: spelled right, told by the changelog, tagged nowhere else, and of a tree without changes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from scripts.release import changelog
from scripts.release.commands import Said, ran
from scripts.release.outcomes import Outcome, judged, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.release.tree import Tree

_NUMBER: Final = r"(0|[1-9]\d*)"
_SPELLING: Final = rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}"
"""What Semantic Versioning 2.0.0 and PEP 440 spell alike: three numbers."""


def check(tree: Tree) -> Outcome:
    """Whether the tree is one version, and that one alone."""
    if _git(tree, "rev-parse", "--verify", "HEAD").code:
        problems = [*_spelled(tree), "this is no checkout of git with a commit"]
    else:
        problems = [*_spelled(tree), *_tagged(tree), *_changed(tree)]
    return judged(problems, _note(tree))


def _note(tree: Tree) -> str:
    return f"{tree.version}, {'tagged' if _commit(tree, _tag(tree)) else 'not tagged yet'}"


def _spelled(tree: Tree) -> Iterator[str]:
    """What is wrong with the version itself."""
    version, newest = tree.version, changelog.newest(tree.read("CHANGELOG.md"))
    if not re.fullmatch(_SPELLING, version):
        yield f"cloud_cron/__init__.py says {version!r}, which is no version: three numbers, as 1.2.3"
    if newest != version:
        yield f"the newest heading of CHANGELOG.md is {newest or 'missing'}, and the version is {version}"


def _tagged(tree: Tree) -> Iterator[str]:
    """The tag of another commit, or of another version."""
    head, tag = _commit(tree, "HEAD"), _tag(tree)
    tagged = _commit(tree, tag)
    if tagged not in {"", head}:
        yield f"{tag} is the tag of {tagged[:12]}, and this is {head[:12]}: a version is released once"
    others = {*_git(tree, "tag", "--points-at", "HEAD", "--list", "v[0-9]*").text.split()} - {tag}
    if others:
        yield f"the tag of this commit is {' and '.join(sorted(others))}, and the version is {tree.version}"


def _changed(tree: Tree) -> Iterator[str]:
    """Files that are not as the commit has them."""
    changed = [entry[3:] for entry in _git(tree, "status", "--porcelain").text.splitlines()]
    if changed:
        yield f"not committed: {listed(changed)}"


def _tag(tree: Tree) -> str:
    return f"v{tree.version}"


def _commit(tree: Tree, name: str) -> str:
    """The commit of a name; empty when there is none."""
    reference = name if name == "HEAD" else f"refs/tags/{name}"
    said = _git(tree, "rev-parse", "--verify", "--quiet", f"{reference}^{{commit}}")
    return "" if said.code else said.last


def _git(tree: Tree, *words: str) -> Said:
    return ran(["git", *words], tree.root)
