"""Leaves out of a package what a channel never loads of it: Twilio's client has forty products, and a text needs one.

A folder of a package stays when a module in it is reached from those that the channel names, by the imports that run
when a module is loaded. What is imported within a function is reached only when the channel names it.
"""

from __future__ import annotations

import ast
import shutil
from typing import TYPE_CHECKING

from cloud_cron_cli.deploy.images.packages import canonical, name_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path


def trim(folder: Path, modules: Collection[str]) -> None:
    """Remove folders that are not reached from these modules, of packages that no other distribution requires.

    A distribution and its package are taken to have one name.
    """
    if not modules:
        return
    required = {name for notes in folder.glob("*.dist-info") for name in _required(notes / "METADATA")}
    for top in sorted({name.partition(".")[0] for name in modules}):
        if (folder / top).is_dir() and canonical(top) not in required:
            reached = _reached(folder, [name for name in modules if name.partition(".")[0] == top])
            _remove(folder / top, {path.parent for path in reached})


def _required(metadata: Path) -> set[str]:
    """The other distributions that one requires, under whatever condition (Core metadata specifications)."""
    head = metadata.read_text(encoding="utf-8").partition("\n\n")[0]
    fields = [line.partition(": ")[::2] for line in head.splitlines()]
    own = {name_of(text) for field, text in fields if field == "Name"}
    return {name for field, text in fields if field == "Requires-Dist" and (name := name_of(text))} - own


def _reached(folder: Path, roots: Iterable[str]) -> set[Path]:
    """The files of the modules that are loaded with these."""
    found: set[Path] = set()
    wanted = list(roots)
    while wanted:
        name = wanted.pop()
        place = folder.joinpath(*name.split("."))
        path = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
        if path in found or not path.is_file():
            continue
        found.add(path)
        package = name if place.is_dir() else name.rpartition(".")[0]
        wanted += _above(name)
        for imported in _imports(ast.parse(path.read_bytes()).body, package):
            wanted += [imported, *_above(imported)]
    return found


def _above(name: str) -> list[str]:
    """The packages that a module is in."""
    parts = name.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts))]


def _imports(body: Iterable[ast.stmt], package: str) -> Iterator[str]:
    """What runs as an import when a module of that package is loaded; `from x import y` may be a module of x."""
    for statement in body:
        match statement:
            case ast.Import(names=names):
                yield from (each.name for each in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                parts = package.split(".")
                base = ".".join([*parts[: len(parts) - level + 1], *([module] if module else [])]) if level else module
                yield from (f"{base}.{each.name}" for each in names)
                yield str(base)
            case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"), orelse=orelse):
                yield from _imports(orelse, package)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                pass
            case _:
                yield from _imports(_within(statement), package)


def _within(node: ast.AST) -> Iterator[ast.stmt]:
    """The statements of a statement: branches, and the body of a class."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.stmt():
                yield child
            case ast.ExceptHandler() | ast.match_case():
                yield from _within(child)


def _remove(place: Path, kept: Collection[Path]) -> None:
    """Remove the folders below that hold nothing of what is kept."""
    for child in sorted(place.iterdir()):
        if not child.is_dir():
            continue
        if any(path.is_relative_to(child) for path in kept):
            _remove(child, kept)
        else:
            shutil.rmtree(child)
