"""The environment variables of one task or notifier, which on Lambda are those of its function."""

from __future__ import annotations

import os
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager


_AS_IT_IS: Final = nullcontext()


def applied(variables: Mapping[str, str]) -> AbstractContextManager[None]:
    """Set the variables for the time of one invocation, and put back what was there."""
    return _applied(variables) if variables else _AS_IT_IS


@contextmanager
def _applied(variables: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
