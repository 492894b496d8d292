"""How a part of maintenance works: on one thing after the other, within its time, whatever happens to one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from cloud_cron.runtime.dispatch import LambdaContext

T = TypeVar("T")


class Turn(NamedTuple):
    """The time of one part: what the function has left, of which the last `spare` seconds are for others."""

    context: LambdaContext
    spare: float

    def left(self) -> float:
        """The seconds until the function is cut off."""
        return self.context.get_remaining_time_in_millis() / 1000

    def has_time(self) -> bool:
        """Whether one more thing may be begun."""
        return self.left() > self.spare


def each(things: Iterable[T], work: Callable[[T], int], turn: Turn) -> int:
    """Work on each thing while there is time; the sum of what the work says.

    What stops the work on one stops no other: everything raised comes in one `ExceptionGroup` at the end.
    """
    count = 0
    errors: list[Exception] = []
    try:
        for thing in things:
            if not turn.has_time():
                break
            try:
                count += work(thing)
            except Exception as error:  # noqa: BLE001 - the next one is not to blame
                errors.append(error)
    except Exception as error:  # noqa: BLE001 - whoever gives the things; those before it are done
        errors.append(error)
    if errors:
        message = f"{len(errors)} could not be done"
        raise ExceptionGroup(message, errors)
    return count


def causes(error: BaseException) -> Iterator[BaseException]:
    """What was raised, without the groups that it came in."""
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from causes(inner)
    else:
        yield error
