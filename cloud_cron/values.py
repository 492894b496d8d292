"""Frozen dataclasses that cost next to nothing to define.

`dataclasses` loads `inspect`, and writes and compiles the methods of every class when it is defined: on Lambda that is
half of what a small function has to do before its first event. A class made by `value` shares its methods with all the
others. To type checkers and to `dataclasses` it is one of their own: `replace`, `fields` and `asdict` work, and are
loaded only where somebody asks.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing is not loaded for it
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from dataclasses import Field, replace
    from dataclasses import dataclass as value
    from typing import Any, Never
else:

    def value(*, frozen: bool) -> Callable[[type], type]:
        """Make a class a frozen dataclass: its annotations are the fields, in order, what they equal is the default.

        Defaults are shared, so that they must not be changeable. Fields that the class names in `_unshown` are left out
        of its repr and of comparisons. Such a class has no subclasses.
        """
        assert frozen  # noqa: S101 - said for readers and type checkers
        return _made

    def replace(instance: Any, /, **changes: Any) -> Any:  # noqa: ANN401 - a value of any class, and its fields
        """The same value with some fields changed, as `dataclasses.replace` gives it."""
        return type(instance)(**{**instance.__dict__, **changes})


__all__ = ["replace", "value"]


def _made(kind: type) -> type:
    """The class with what all values have, but what it has itself."""
    names = tuple(kind.__annotations__)
    defaults = {name: getattr(kind, name) for name in names if hasattr(kind, name)}
    of_its_own = {"__match_args__": names, "_names": frozenset(names), "_defaults": defaults}
    for name, attribute in {**_SHARED, **of_its_own}.items():
        if name not in vars(kind):
            setattr(kind, name, attribute)
    return kind


def _init(self: Any, *args: Any, **given: Any) -> None:  # noqa: ANN401 - a value of any class, and its fields
    """Take the fields, by position or by name; TypeError for one that is missing, unknown or given twice."""
    values = self.__dict__
    values |= self._defaults
    if args:
        given = _named(self, args, given)
    values |= given
    if values.keys() != self._names:
        _refuse(self, (), given)
    self.__post_init__()


def _named(self: Any, args: tuple[Any, ...], given: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - the same
    """All arguments by name."""
    taken = dict(zip(self.__match_args__, args, strict=False))
    if len(taken) < len(args) or not given.keys().isdisjoint(taken):
        _refuse(self, args, given)
    return taken | given


def _post_init(self: Any) -> None:  # noqa: ANN401 - a value of any class
    """Check the fields, in classes that have something to check."""


def _refuse(self: Any, args: tuple[Any, ...], given: Mapping[str, Any]) -> Never:  # noqa: ANN401 - the same
    """Say what is wrong with the arguments."""
    names: tuple[str, ...] = self.__match_args__
    taken = names[: len(args)]
    unknown = [name for name in given if name not in names]
    twice = [name for name in given if name in taken]
    missing = [name for name in names if name not in {*taken, *given, *self._defaults}]
    said = {"has no": unknown, "was given twice:": twice, "lacks": missing}
    what = "; ".join(f"{words} {', '.join(found)}" for words, found in said.items() if found)
    message = f"{type(self).__name__} {what or f'takes {len(names)} values, not {len(args)}'}"
    raise TypeError(message)


def _frozen(self: object, name: str, _: object = None) -> Never:
    """Refuse: values do not change."""
    from dataclasses import FrozenInstanceError  # noqa: PLC0415 - only a mistake pays for it

    message = f"cannot change field {name!r} of a {type(self).__name__}"
    raise FrozenInstanceError(message)


def _shown(self: Any) -> tuple[tuple[str, Any], ...]:  # noqa: ANN401 - a value of any class
    """The fields that count, in order."""
    return tuple((name, self.__dict__[name]) for name in self.__match_args__ if name not in self._unshown)


def _equal(self: object, other: object) -> bool:
    """Whether both are of one class and their fields are equal."""
    return _shown(self) == _shown(other) if type(other) is type(self) else NotImplemented


def _hash(self: object) -> int:
    """The same for equal values; TypeError when a field has none."""
    return hash(_shown(self))


def _repr(self: object) -> str:
    """As it would be written."""
    return f"{type(self).__qualname__}({', '.join(f'{name}={field!r}' for name, field in _shown(self))})"


class _Fields:
    """What `dataclasses` keeps of a class, made by itself when it is first asked for."""

    def __get__(self, instance: object, kind: type) -> Mapping[str, Field[Any]]:
        from dataclasses import make_dataclass  # noqa: PLC0415 - see above

        twin = make_dataclass(kind.__name__, kind.__annotations__.items())
        found: Mapping[str, Field[Any]] = vars(twin)["__dataclass_fields__"]
        kind.__dataclass_fields__ = found  # type: ignore[attr-defined]
        return found


_SHARED: Mapping[str, object] = {
    "__dataclass_fields__": _Fields(),
    "__delattr__": _frozen,
    "__eq__": _equal,
    "__hash__": _hash,
    "__init__": _init,
    "__post_init__": _post_init,
    "__repr__": _repr,
    "__setattr__": _frozen,
    "_unshown": frozenset(),
}
