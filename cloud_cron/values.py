"""Frozen dataclasses that cost next to nothing to define.

`dataclasses` loads `inspect`, and writes and compiles the methods of every class when it is defined: on Lambda that is
half of what a small function has to do before its first event. A class made by `value` shares its methods with all the
others. To type checkers and to `dataclasses` it is one of their own: `replace`, `fields` and `asdict` work, and are
loaded only where somebody asks; `copy.replace` does, too.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing is not loaded for it
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from dataclasses import dataclass as value
    from dataclasses import replace
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
        kind = type(instance)
        if hasattr(kind, "__post_init__") or not changes.keys() <= instance.__dict__.keys():
            return kind(**{**instance.__dict__, **changes})
        made = object.__new__(kind)  # there is nothing to check
        made.__dict__.update(instance.__dict__, **changes)
        return made


__all__ = ["replace", "value"]


def _made(kind: type) -> type:
    """The class with what all values have, but what it has itself."""
    names = tuple(kind.__annotations__)
    defaults = {name: getattr(kind, name) for name in names if hasattr(kind, name)}
    of_its_own: dict[str, object] = {"__match_args__": names, "_names": frozenset(names), "_defaults": defaults}
    if hasattr(kind, "__post_init__"):
        of_its_own["__init__"] = _checked_init
    for name, attribute in {**_SHARED, **of_its_own}.items():
        if name not in vars(kind):
            setattr(kind, name, attribute)
    return kind


def _init(self: Any, *args: Any, **given: Any) -> None:  # noqa: ANN401 - a value of any class, and its fields
    """Take the fields, by position or by name; TypeError for one that is missing, unknown or given twice."""
    names, values = self.__match_args__, self.__dict__
    values |= self._defaults
    values |= zip(names, args)  # noqa: B905 - which of them is longer is looked at below
    if given:
        if not given.keys() <= self._names.difference(names[: len(args)]):
            _refuse(self, args, given)
        values |= given
    if not len(args) <= len(names) == len(values):
        _refuse(self, args, given)


def _checked_init(self: Any, *args: Any, **given: Any) -> None:  # noqa: ANN401 - the same
    """Take the fields, in classes that have something to check."""
    _init(self, *args, **given)
    self.__post_init__()


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


class _Borrowed:
    """What `dataclasses` keeps of a class under that name, made by itself when it is first asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, instance: object, kind: Any) -> object:  # noqa: ANN401 - a class of values
        from dataclasses import field, make_dataclass  # noqa: PLC0415 - see above

        shown = {name: name not in kind._unshown for name in kind.__annotations__}  # noqa: SLF001 - its own
        fields = [(name, kind.__annotations__[name], field(repr=is_, compare=is_)) for name, is_ in shown.items()]
        found: object = vars(make_dataclass(kind.__name__, fields, frozen=True))[self._name]
        setattr(kind, self._name, found)
        return found


_SHARED: Mapping[str, object] = {
    "__dataclass_fields__": _Borrowed("__dataclass_fields__"),
    "__dataclass_params__": _Borrowed("__dataclass_params__"),
    "__delattr__": _frozen,
    "__eq__": _equal,
    "__hash__": _hash,
    "__init__": _init,
    "__replace__": replace,
    "__repr__": _repr,
    "__setattr__": _frozen,
    "_unshown": frozenset(),
}
