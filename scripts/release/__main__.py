"""Ask whether the tree can be released: `python -m scripts.release [--only NAME]... [--strict] [--list]`.

Every check says one line. Exit code 1 when one failed or, with --strict, when one was skipped.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.release.checks import CHECKS
from scripts.release.outcomes import Failed, Outcome, Skipped, line
from scripts.release.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scripts.release.checks import Check

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str], root: Path = ROOT) -> int:
    """Make the checks that are asked for, else all of them; what to exit with."""
    parser = ArgumentParser("make release-check", description="Whether the tree can be released.")
    parser.add_argument("--list", action="store_true", help="name the checks, and make none")
    parser.add_argument("--only", action="append", choices=[check.name for check in CHECKS], metavar="NAME")
    parser.add_argument("--strict", action="store_true", help="a skipped check is a failed one")
    asked = parser.parse_args(arguments)
    chosen = [check for check in CHECKS if not asked.only or check.name in asked.only]
    if asked.list:
        print("\n".join(f"{check.name:<10} {check.question}" for check in chosen))
        return 0
    return judge(chosen, Tree(root), (Failed, Skipped) if asked.strict else (Failed,))


def judge(checks: Sequence[Check], tree: Tree, bad: tuple[type[Outcome], ...]) -> int:
    """Make every check, whatever the others came to."""
    outcomes = [told(check, tree) for check in checks]
    return int(any(isinstance(outcome, bad) for outcome in outcomes))


def told(check: Check, tree: Tree) -> Outcome:
    """What a check came to, and its line."""
    try:
        outcome = check.run(tree)
    except Exception as error:  # noqa: BLE001 - a check that breaks has failed, and hides no other
        outcome = Failed(f"the check itself broke: {type(error).__name__}: {error}")
    print(line(check.name, outcome), flush=True)
    return outcome


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
