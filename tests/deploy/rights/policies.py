"""The policies of docs/howto/rights.md, and what they allow (IAM User Guide, "Policy evaluation logic")."""

from __future__ import annotations

import json
import operator
import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from tests.deploy.rights.asked import ACCOUNT, REGION, Right
from tests.pages import Page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PAGE = Page("docs/howto/rights.md")
STAGE = "shop-dev"
MATCHES: dict[str, Callable[[str, str], bool]] = {"StringEquals": operator.eq, "ArnLike": fnmatchcase}
"""Operators of conditions that a page may use; a name of AWS has none of the brackets that `fnmatch` knows besides."""

Statement = dict[str, Any]


def text(file: str, *, stage: str = STAGE, region: str = REGION) -> str:
    """A policy as the page has it, for a stage."""
    [found] = [block.text for block in PAGE.blocks if block.file == file]
    return found.replace("APP-STAGE", stage).replace("REGION", region).replace("ACCOUNT", ACCOUNT)


def statements(*files: str) -> list[Statement]:
    """The statements of several policies."""
    return [statement for file in files for statement in json.loads(text(file))["Statement"]]


def looking(file: str) -> list[Statement]:
    """Those of one policy that are enough to look."""
    return [statement for statement in statements(file) if statement["Sid"].startswith("Look")]


def options() -> set[str]:
    """The actions of the table of options."""
    table = PAGE.text.partition("\n## What options take besides\n")[2]
    return set(re.findall(r"`([a-z0-9]+:[A-Z]\w+)`", table))


def actions(found: Iterable[Statement]) -> set[str]:
    """Everything that statements allow, as it is written there."""
    return {action for statement in found for action in statement["Action"]}


def allowed(found: Iterable[Statement], right: Right) -> bool:
    """Whether one of the statements allows something."""
    return any(_allows(statement, right) for statement in found)


def _allows(statement: Statement, right: Right) -> bool:
    return (
        any(fnmatchcase(right.action, pattern) for pattern in statement["Action"])
        and any(fnmatchcase(right.resource, pattern) for pattern in listed(statement["Resource"]))
        and _met(statement.get("Condition", {}), dict(right.keys))
    )


def _met(condition: dict[str, dict[str, Any]], keys: dict[str, str]) -> bool:
    wanted = [(MATCHES[name], key, values) for name, pairs in condition.items() for key, values in pairs.items()]
    return all(any(matches(keys.get(key, ""), value) for value in listed(values)) for matches, key, values in wanted)


def listed(value: Any) -> list[Any]:
    """One or several."""
    return value if isinstance(value, list) else [value]
