"""Which operations of AWS the adapters of the command line name in their source."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from tests.pages import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FOLDER = ROOT / "cli" / "cloud_cron_cli" / "deploy"
OPERATING = {
    *("aws_calling", "aws_health", "aws_log_group", "aws_logs", "aws_lost_runs", "aws_place", "aws_shelf"),
    *("aws_standing", "aws_switches", "aws_turns", "aws_unheard"),
}
"""The adapters of the commands that operate a stage; all others deploy it."""
EMULATED = {"aws_registry"}
"""What asks emulators alone, which know no rights."""
NO_OPERATIONS = {"exceptions", "get_paginator", "meta"}


def adapters() -> set[str]:
    """The modules of all."""
    return {file.stem for file in FOLDER.glob("aws_*.py")}


def named(modules: Iterable[str]) -> set[str]:
    """The operations that modules name, as methods of a client or by a paginator."""
    trees = [ast.parse((FOLDER / f"{module}.py").read_text(encoding="utf-8")) for module in modules]
    return {name for tree in trees for node in ast.walk(tree) for name in _operations(node)}


def _operations(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Call(func=ast.Attribute(attr="get_paginator"), args=[ast.Constant(value=str(name))]):
            yield name
        case ast.Attribute(value=receiver, attr=name) if name not in NO_OPERATIONS and _is_client(receiver):
            yield name


def _is_client(node: ast.expr) -> bool:
    """Whether an expression is a client: a name, an attribute, or what a session makes."""
    return ast.unparse(node.func if isinstance(node, ast.Call) else node).rpartition(".")[2] in {"client", "_client"}
