"""What is asked of others while there is something else to do."""

from __future__ import annotations

from threading import Thread
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Ahead(Generic[T]):
    """A call that is under way; who calls this waits for its result, and meets its failure.

    Nobody has to: the program ends without waiting for a registry that is silent.
    """

    def __init__(self, call: Callable[[], T]) -> None:
        """Begin."""
        self._call = call
        self._failure: BaseException | None = None
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def __call__(self) -> T:
        """The result, whenever it is there."""
        self._thread.join()
        if self._failure:
            raise self._failure
        return self._result

    def _run(self) -> None:
        try:
            self._result = self._call()
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever asks for the result
            self._failure = error
