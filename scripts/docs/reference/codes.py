"""Which codes errors of each class carry, from the calls that make them."""

from __future__ import annotations

import ast
import re
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_ROOT: Final = Path(__file__).resolve().parents[3]
_SOURCES: Final = ("cloud_cron", "cli/cloud_cron_cli")
_CODE: Final = re.compile(r"CC\d{3}")
_MAKERS: Final[Mapping[str, str]] = {"Refused": "EncodingError", "_unknown": "NotFound", "error": "ConfigError"}
"""Functions that make errors of a class; `Place.error` is one."""

_BY_HAND: Final[Mapping[str, frozenset[str]]] = {"StoreError": frozenset({"CC904"})}
"""Codes that no call names itself."""

_SEVERAL: Final = 3


def by_class() -> dict[str, list[str]]:
    """The codes of each class's errors by its name, in order."""
    found = {name: set(codes) for name, codes in _BY_HAND.items()}
    for folder in _SOURCES:
        for file in (_ROOT / folder).rglob("*.py"):
            for name, code in _made(ast.parse(file.read_text(encoding="utf-8"))):
                found.setdefault(_MAKERS.get(name, name), set()).add(code)
    return {name: sorted(codes) for name, codes in found.items()}


def spans(codes: Iterable[str]) -> str:
    """Codes in order; several that follow one another are told by the first and the last."""
    numbers = [int(code[2:]) for code in codes]
    runs = [[number for _, number in run] for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])]
    told = [f"`CC{run[0]}` to `CC{run[-1]}`" if len(run) >= _SEVERAL else _each(run) for run in runs]
    return ", ".join(told)


def _each(numbers: Iterable[int]) -> str:
    return ", ".join(f"`CC{number}`" for number in numbers)


def _made(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Name(id=name) | ast.Attribute(attr=name), args=[ast.Constant(value=str(code)), *_]
            ) if _CODE.fullmatch(code):
                yield name, code
