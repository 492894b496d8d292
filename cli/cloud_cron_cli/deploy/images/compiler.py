"""Compiles Python files, as a program of its own that any interpreter since 3.11 can run: it imports nothing of ours.

What marshal writes depends on which objects of a process are in use elsewhere, hence on what has been imported: only a
process in which nothing else has happened gives the same bytes every time. stdin and stdout carry marshal's own format
of version 2, which every Python reads: of each file the name that its code shall bear and its path or content; then its
bytecode, or what is wrong with it as message, line, column and text.
"""

from __future__ import annotations

import _imp
import marshal
import sys
from importlib import _bootstrap_external  # what stands behind importlib.util, which takes long to load

MAGIC = _bootstrap_external.MAGIC_NUMBER
UNCHECKED = (1).to_bytes(4, "little")
"""Flags of a file that names its source by hash, and is never compared with it (PEP 552)."""


def compiled(name: str, source: str | bytes) -> bytes | tuple[str, int, int, str]:
    """The bytecode, or what is wrong."""
    if isinstance(source, str):
        with open(source, "rb") as file:  # noqa: PTH123 - pathlib would take longer to load than this runs
            source = file.read()
    try:
        code = compile(source, name, "exec", dont_inherit=True, optimize=0)
    except SyntaxError as error:
        return error.msg, error.lineno or 0, error.offset or 0, error.text or ""
    except (MemoryError, OverflowError, RecursionError, ValueError) as error:
        return str(error), 0, 0, ""
    return MAGIC + UNCHECKED + _imp.source_hash(int.from_bytes(MAGIC, "little"), source) + marshal.dumps(code)


if __name__ == "__main__":
    for number in range(256):  # there is one of each in a process, which some installations' own bytecode has interned
        sys.intern(chr(number))
    wanted = marshal.load(sys.stdin.buffer)  # noqa: S302 - from the process that started this one
    marshal.dump([compiled(*each) for each in wanted], sys.stdout.buffer, 2)
