"""Templates that were compiled when an image was made: nothing but reading is left to a cold start.

Each is a file whose name is a hash of everything that its code depends on, its text among it. A template that was
changed, or another Jinja, Python or cloud-cron, has no such file, and is compiled from its text as everywhere else.
This module loads Jinja.
"""

from __future__ import annotations

import hashlib
import marshal
import sys
from types import CodeType
from typing import TYPE_CHECKING, Final

import jinja2
from jinja2.bccache import Bucket, BytecodeCache

from cloud_cron import __version__

if TYPE_CHECKING:
    from pathlib import Path

    from jinja2 import Environment

FORMAT: Final = 2
"""Grows when the same template is compiled to other code by the same cloud-cron."""


class Precompiled(BytecodeCache):
    """The code in one folder, for templates that are escaped or for those that are not."""

    def __init__(self, folder: Path, *, autoescape: bool) -> None:
        """`folder` is that of `folder_name`."""
        self._folder = folder
        self._autoescape = autoescape

    def code(self, text: str, name: str, filename: str) -> CodeType | None:
        """The code of a template, None when there is none that can be used."""
        try:
            data = (self._folder / key(text, name, filename, autoescape=self._autoescape)).read_bytes()
            found = marshal.loads(data)  # noqa: S302 - a file of the image, as any bytecode
        except (OSError, EOFError, TypeError, ValueError):
            return None
        return found if isinstance(found, CodeType) else None

    def get_bucket(self, environment: Environment, name: str, filename: str | None, source: str) -> Bucket:
        """The code as Jinja asks for it."""
        bucket = Bucket(environment, name, "")
        bucket.code = self.code(source, name, filename or name)
        return bucket

    def set_bucket(self, bucket: Bucket) -> None:
        """Nothing: an image is for reading."""


def folder_name() -> str:
    """What the code of one Jinja and one Python lies in: `3.1.6-cpython-313`."""
    return f"{jinja2.__version__}-{sys.implementation.cache_tag}"


def key(text: str, name: str, filename: str, *, autoescape: bool) -> str:
    """The name of the code of a template."""
    parts = (str(FORMAT), __version__, folder_name(), str(autoescape), name, filename, text)
    told = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def dumped(code: CodeType) -> bytes:
    """The bytes of code: of the version of the format whose bytes depend on nothing but the code, where it can be."""
    try:
        return marshal.dumps(code, 2)
    except ValueError:  # a constant that only later versions know, such as a slice
        return marshal.dumps(code)
