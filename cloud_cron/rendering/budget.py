"""How much a template may do: steps, the length of what it makes, and the arguments that would make more."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sized
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

STEPS: Final = 200_000
LONGEST: Final = 1_048_576
_KNOWN_TURNS: Final = frozenset({list, tuple, dict, str, range, *map(type, ({}.keys(), {}.values(), {}.items()))})
_WIDEST: Final = 10_000
_MOST_BITS: Final = 20_000
_WIDE_PERCENT: Final = r"%[^a-zA-Z%]*([0-9]{4}|\*)"
_WIDE_BRACES: Final = r"\{[^{}]*(:[^{}]*[0-9]{4}|\{)"

_left: ContextVar[list[int]] = ContextVar("steps_left")


class TooMuch(Exception):  # noqa: N818 - becomes a RenderError with its place
    """A template asked for more than it may have."""


class Account:
    """The steps of one rendering: turns of loops, and calls."""

    def __enter__(self) -> None:
        """Begin with a full budget."""
        self._token = _left.set([STEPS])

    def __exit__(self, *_: object) -> None:
        """Return to the budget of whoever renders around this."""
        _left.reset(self._token)


def step() -> None:
    """Spend one step; raises `TooMuch` when there is none left. Nothing is counted while a template is compiled."""
    left = _left.get(None)
    if left is not None:
        left[0] -= 1
        _refuse_below_zero(left)


def _refuse_below_zero(left: list[int]) -> None:
    if left[0] < 0:
        raise TooMuch(f"more than {STEPS:,} turns of loops and calls")


def counted(inner: Iterable[Any]) -> Iterable[Any]:
    """What a loop runs over; each turn is a step, spent at once where the number of turns is known beforehand."""
    if type(inner) not in _KNOWN_TURNS:
        return _Counted(inner)
    left = _left.get(None)
    if left is not None:
        left[0] -= len(inner)  # type: ignore[arg-type]  # all of these have one
        _refuse_below_zero(left)
    return inner


class _Counted:
    """A loop over what may end late or never; each turn is a step."""

    def __init__(self, inner: Iterable[Any]) -> None:
        """`inner` may be anything that can be iterated."""
        self._inner = inner

    def __iter__(self) -> Iterator[Any]:
        """The items."""
        for item in self._inner:
            step()
            yield item

    def __len__(self) -> int:
        """As many as there are; raises TypeError when nobody knows."""
        return len(self._inner)  # type: ignore[arg-type]  # the TypeError is the answer


def size(length: int) -> None:
    """Refuse to make something of that length."""
    if length > LONGEST:
        raise TooMuch(f"a value of {length:,} characters or items")


def result(value: Any) -> Any:  # noqa: ANN401 - passes through
    """The same value, unless it is text beyond all measure."""
    if isinstance(value, str):
        size(len(value))
    return value


def operation(operator: str, left: Any, right: Any) -> None:  # noqa: ANN401 - whatever the template holds
    """Refuse an operation whose result would be huge, before it is made."""
    match operator:
        case "+" if isinstance(left, Sized) and isinstance(right, Sized):
            size(len(left) + len(right))
        case "*" if isinstance(left, int) and isinstance(right, int):
            _bits(left.bit_length() + right.bit_length())
        case "*" if isinstance(left, Sized) and isinstance(right, int):
            size(len(left) * right)
        case "*" if isinstance(left, int) and isinstance(right, Sized):
            size(left * len(right))
        case "**" if isinstance(left, int) and isinstance(right, int) and abs(left) > 1:
            _bits(left.bit_length() * right)
        case "%" if isinstance(left, (str, bytes)):
            percent(left)
        case _:
            pass


def arguments(function: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[Any, ...]:  # noqa: ANN401 - whatever is called
    """The arguments for a call; refuses those that make a method of text or numbers give something huge."""
    owner, name = getattr(function, "__self__", None), getattr(function, "__name__", "")
    if not isinstance(owner, (str, bytes, int)):
        return args
    widths([*args, *kwargs.values()])
    match name, owner, args:
        case "replace", str() | bytes(), [old, new, *_]:
            replacing(owner, old, new)
        case "expandtabs", str() | bytes(), [int(width), *_]:
            size(len(owner) * width)
        case "join", str() | bytes(), [items, *rest]:
            return gathered(items, len(owner)), *rest
    return args


def widths(values: Iterable[Any]) -> None:
    """Refuse a number that would be a width, a count or a depth beyond use."""
    for value in values:
        if isinstance(value, int) and value > _WIDEST:
            raise TooMuch(f"a width of {value if value.bit_length() < 64 else 'many digits'}")  # noqa: PLR2004 - bits


def replacing(text: Any, old: Any, new: Any) -> None:  # noqa: ANN401 - whatever the template holds
    """Refuse a replacement that would make a huge text."""
    if isinstance(text, (str, bytes)) and isinstance(old, type(text)) and isinstance(new, type(text)):
        size(len(text) + text.count(old) * len(new))  # type: ignore[arg-type]  # all three are text, or bytes


def gathered(items: Iterable[Any], gap: int) -> list[Any]:
    """The items, as long as they make no huge text when they are joined; each is a step."""
    found, spent = [], 0
    for item in items:
        step()
        spent += gap + (len(item) if isinstance(item, (str, bytes)) else 1)
        size(spent)
        found.append(item)
    return found


def percent(pattern: Any) -> None:  # noqa: ANN401 - whatever the template holds
    """Refuse a %-format with a width beyond use, or one that the data chooses."""
    if isinstance(pattern, str) and re.search(_WIDE_PERCENT, pattern):
        raise TooMuch("a width of four digits or more in a format")


def braces(pattern: Any) -> None:  # noqa: ANN401 - whatever the template holds
    """Refuse a {}-format with a width beyond use, or one that the data chooses."""
    if isinstance(pattern, str) and re.search(_WIDE_BRACES, pattern):
        raise TooMuch("a width of four digits or more in a format")


def checked(filter_: Callable[..., Any], check: Callable[..., None]) -> Callable[..., Any]:
    """A filter of Jinja that looks at its arguments first; `check` is given those that the template gives."""
    passed = 1 if hasattr(filter_, "jinja_pass_arg") else 0

    @wraps(filter_)  # which copies Jinja's mark of what it passes
    def looking(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the filter
        check(*args[passed:], **kwargs)
        return result(filter_(*args, **kwargs))

    return looking


def _bits(bits: int) -> None:
    if bits > _MOST_BITS:
        raise TooMuch("a number of thousands of digits")
