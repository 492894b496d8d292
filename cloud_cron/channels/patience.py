"""A call that is waited for so long and no longer."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Late(Exception):  # noqa: N818 - says what it is
    """The call has not come back. Its thread goes on, because nothing in Python can end it."""


def within(seconds: float, call: Callable[[], T]) -> T:
    """What the call returns, or raises, within so many seconds; raises `Late` after them."""
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(call())
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            errors.append(error)

    thread = Thread(target=run, name="cloud-cron-patience", daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise Late
    return results[0]
