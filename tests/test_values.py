"""Frozen values: as `dataclasses` would have made them, for anybody who asks."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, asdict, dataclass, fields, is_dataclass, replace
from pprint import pformat
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_cron import values
from cloud_cron.values import value

if TYPE_CHECKING:
    from collections.abc import Mapping

EMPTY: Mapping[str, Any] = MappingProxyType({})


@value(frozen=True)
class Point:
    """A value with a default."""

    x: int
    y: int = 0
    label: str = ""


@dataclass(frozen=True)
class Twin:
    """The same by `dataclasses`."""

    x: int
    y: int = 0
    label: str = ""


@value(frozen=True)
class Secretive:
    """One field is nobody's business."""

    name: str
    key: str
    _unshown = frozenset({"key"})


@value(frozen=True)
class Checked:
    """A value that refuses."""

    size: int
    extra: Mapping[str, Any] = EMPTY

    def __post_init__(self) -> None:
        if self.size < 0:
            raise ValueError(self.size)


ARGUMENTS = st.tuples(
    st.lists(st.integers(0, 2), max_size=4),
    st.dictionaries(st.sampled_from(["x", "y", "label", "z"]), st.integers(0, 2)),
)


@given(ARGUMENTS)
def test_arguments_are_taken_and_refused_as_by_a_dataclass(arguments):
    positional, named = arguments
    try:
        expected = asdict(Twin(*positional, **named))
    except TypeError:
        with pytest.raises(TypeError):
            Point(*positional, **named)
    else:
        assert asdict(Point(*positional, **named)) == expected


@given(ARGUMENTS, ARGUMENTS)
def test_equal_values_are_equal_and_hash_alike_as_those_of_a_dataclass(one, other):
    try:
        twins = Twin(*one[0], **one[1]), Twin(*other[0], **other[1])
    except TypeError:
        return
    first, second = Point(*one[0], **one[1]), Point(*other[0], **other[1])
    assert (first == second) is (twins[0] == twins[1])
    assert (hash(first) == hash(second)) is (hash(twins[0]) == hash(twins[1]))
    assert repr(first) == repr(twins[0]).replace("Twin", "Point")


def test_dataclasses_takes_a_value_for_one_of_its_own():
    assert is_dataclass(Point)
    assert [field.name for field in fields(Point)] == ["x", "y", "label"]
    assert replace(Point(1, 2), y=3) == Point(1, 3)
    with pytest.raises(TypeError, match="Point has no z"):
        replace(Point(1), z=3)  # type: ignore[call-arg]


def test_a_value_does_not_change():
    point = Point(1)
    with pytest.raises(FrozenInstanceError):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del point.x
    assert point.x == 1


def test_values_are_matched_by_their_fields():
    match Point(1, 2):
        case Point(1, y):
            assert y == 2
        case _:
            pytest.fail("no match")


def test_what_is_not_shown_is_not_compared():
    assert Secretive("a", "one") == Secretive("a", "two")
    assert repr(Secretive("a", "one")) == "Secretive(name='a')"
    assert asdict(Secretive("a", "one")) == {"name": "a", "key": "one"}


def test_what_prints_dataclasses_shows_no_more_of_a_value():
    assert [(field.name, field.repr, field.compare) for field in fields(Secretive)] == [
        ("name", True, True),
        ("key", False, False),
    ]
    assert pformat(Secretive("a", "one")) == "Secretive(name='a')"


def test_a_changed_value_has_the_fields_of_its_class_and_is_checked_again():
    assert values.replace(Point(1, 2), y=3) == Point(1, 3)
    with pytest.raises(TypeError, match="Point has no z"):
        values.replace(Point(1), z=3)  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="-1"):
        values.replace(Checked(1), size=-1)


def test_copy_replace_of_python_3_13_finds_what_it_looks_for():
    assert Point.__replace__(Point(1, 2), y=3) == Point(1, 3)  # type: ignore[attr-defined]


def test_a_value_may_refuse_its_fields():
    assert Checked(1).extra is EMPTY
    with pytest.raises(ValueError, match="-1"):
        Checked(-1)
    with pytest.raises(ValueError, match="-2"):
        replace(Checked(1), size=-2)


def test_values_of_two_classes_are_not_equal():
    others: list[object] = [Twin(1), Secretive("a", "b")]
    assert Point(1) not in others


@pytest.mark.parametrize(
    ("args", "named", "said"),
    [
        ((), {}, "Point lacks x"),
        ((1, 2), {"y": 3}, "Point was given twice: y"),
        ((1,), {"z": 3}, "Point has no z"),
        ((1, 2, "", 4), {}, "Point takes 3 values, not 4"),
    ],
)
def test_what_is_wrong_with_arguments_is_said(args, named, said):
    with pytest.raises(TypeError, match=said):
        Point(*args, **named)
