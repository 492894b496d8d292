"""What becomes of a user's value, and what is said about one that JSON cannot carry."""

from __future__ import annotations

import json
import re
from collections import OrderedDict, UserDict, namedtuple
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from time import process_time
from types import MappingProxyType
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from cloud_cron.encoding import canonical, check_size, dumps, payload, plain, utf8_size
from cloud_cron.errors import EncodingError, ResultError

SQS_TEXT = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")

texts = st.text(st.characters(exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


class Colour(Enum):
    RED = "red"
    NESTED = ("a", 1)


class Level(IntEnum):
    HIGH = 3


class Word(str, Enum):  # noqa: UP042 - a mix-in of its own
    YES = "yes"


@dataclass
class Station:
    name: str
    at: date
    tags: tuple[str, ...] = ()
    near: list[Station] = field(default_factory=list)


class Reading(BaseModel):
    price: Decimal
    when: datetime


class OldModel:
    def model_dump(self):
        return {"old": True}


class Scalar:
    """Quacks as a numpy scalar does."""

    dtype = "int64"
    shape = ()

    def __init__(self, inner):
        self.inner = inner

    def item(self):
        return self.inner


class Endless(Scalar):
    def item(self):
        return Endless(None)


class Unprintable:
    def __repr__(self):
        raise RuntimeError

    __hash__ = object.__hash__


Point = namedtuple("Point", "x y")  # noqa: PYI024 - the untyped kind is in use too


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (7, 7),
        (-0.5, -0.5),
        ("ünï\x00\x1f", "ünï\x00\x1f"),
        ((1, [2]), [1, [2]]),
        (Point(1, 2), [1, 2]),
        (OrderedDict(a=1), {"a": 1}),
        (UserDict(a=1), {"a": 1}),
        (MappingProxyType({"a": (1,)}), {"a": [1]}),
        (datetime(2030, 1, 1, 8, tzinfo=UTC), "2030-01-01T08:00:00+00:00"),
        (datetime(2030, 1, 1, 8, tzinfo=timezone(timedelta(hours=1))), "2030-01-01T08:00:00+01:00"),
        (date(2030, 1, 1), "2030-01-01"),
        (Decimal("1.10"), "1.10"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Colour.RED, "red"),
        (Colour.NESTED, ["a", 1]),
        (Level.HIGH, 3),
        (Word.YES, "yes"),
        (
            Station("KSEA", date(2030, 1, 1), near=[Station("KPDX", date(2030, 1, 2), ("x",))]),
            {
                "name": "KSEA",
                "at": "2030-01-01",
                "tags": [],
                "near": [{"name": "KPDX", "at": "2030-01-02", "tags": ["x"], "near": []}],
            },
        ),
        (
            Reading(price=Decimal("1.5"), when=datetime(2030, 1, 1, tzinfo=UTC)),
            {"price": "1.5", "when": "2030-01-01T00:00:00Z"},
        ),
        (OldModel(), {"old": True}),
        (Scalar(5), 5),
        (Scalar(1.5), 1.5),
        ({Colour.RED: 1, Word.YES: 2}, {"red": 1, "yes": 2}),
        ({"self": 1, "result_type": 2, "cc": 3}, {"self": 1, "result_type": 2, "cc": 3}),
    ],
)
def test_a_value_becomes_plain_json(value, expected):
    assert plain(value) == expected
    assert json.loads(dumps(plain(value))) == expected


@pytest.mark.parametrize("value", [Level.HIGH, Word.YES, type("S", (str,), {})("x"), type("F", (float,), {})(1.5)])
def test_subclasses_become_the_very_json_types(value):
    assert type(plain(value)) in {str, int, float}
    assert type(plain([value])[0]) in {str, int, float}


class Loop:
    def __init__(self):
        self.items = {}


def circular():
    inner: dict[str, object] = {"b": 1}
    inner["list"] = [inner]
    return {"a": inner}


def circular_dataclass():
    station = Station("KSEA", date(2030, 1, 1))
    station.near.append(station)
    return {"rows": [station]}


def deep(levels):
    value: object = 1
    for _ in range(levels):
        value = [value]
    return value


def bad(code, value, where, *words):
    return pytest.param(code, value, where, words, id=f"{code} {where} {words[0]}"[:60])


@pytest.mark.parametrize(
    ("code", "value", "where", "words"),
    [
        bad("CC210", {"rows": [1, 2, 3, {"price": float("nan")}]}, "reports.rows[3].price", "NaN", "None"),
        bad("CC210", {"a": float("inf")}, "reports.a", "Infinity", "None"),
        bad("CC210", [float("-inf")], "reports[0]", "-Infinity", "None"),
        bad("CC210", {"a": Decimal("NaN")}, "reports.a", "NaN", "None"),
        bad("CC210", {"a": Decimal("-sNaN")}, "reports.a", "NaN", "None"),
        bad("CC210", {"a": Scalar(float("nan"))}, "reports.a", "NaN", "None"),
        bad("CC210", {"a": b"x"}, "reports.a", "bytes", ".decode()"),
        bad("CC210", {"a": bytearray(b"x")}, "reports.a", "bytearray", ".decode()"),
        bad("CC210", {"a": {1, 2}}, "reports.a", "a set", "sorted"),
        bad("CC210", {"a": frozenset({1})}, "reports.a", "a frozenset", "sorted"),
        bad("CC211", {"at": datetime(2030, 1, 1)}, "reports.at", "time zone", "datetime.now(UTC)"),  # noqa: DTZ001
        bad("CC212", {"a": Loop()}, "reports.a", "Loop", "publish a dict"),
        bad("CC212", {"a": object()}, "reports.a", "an object", "publish a dict"),
        bad("CC212", {"a": Station}, "reports.a", "the class Station", "instance"),
        bad("CC212", {"a": (row for row in "ab")}, "reports.a", "a generator", "list()"),
        bad("CC212", {"a": timedelta(1)}, "reports.a", "timedelta", "total_seconds"),
        bad("CC212", {"a": Endless(None)}, "reports.a", "Endless", "publish a dict"),
        bad("CC212", {"a": Unprintable()}, "reports.a", "Unprintable", "publish a dict"),
        bad("CC213", circular(), "reports.a.list[0]", "refers back to reports.a", "id"),
        bad("CC213", circular_dataclass(), "reports.rows[0].near[0]", "refers back to reports.rows[0]", "id"),
        bad("CC214", deep(65), "reports" + "[0]" * 64, "64 levels", "flatten"),
        bad("CC214", deep(100_000), "reports" + "[0]" * 64, "64 levels", "flatten"),
        bad("CC215", {"n": 10**4999}, "reports.n", "4,300 digits", "as text"),
        bad("CC215", {"n": -(10**4300)}, "reports.n", "4,300 digits", "as text"),
        bad("CC216", {"a": {1: "x", "1": "y"}}, "reports.a", "key 1 is an int", "'1'"),
        bad("CC216", {("a", 1): "x"}, "reports", "a tuple", "string"),
        bad("CC216", {None: "x"}, "reports", "None", "string"),
        bad("CC216", {Level.HIGH: "x"}, "reports", "Level", "'3'"),
        bad("CC216", {"b": {Colour.RED: 1, "red": 2}}, "reports.b", "'red'", "rename"),
        bad("CC216", {"red": 2, Colour.RED: 1}, "reports", "'red'", "rename"),
        bad("CC216", {Unprintable(): 2}, "reports", "<Unprintable>", "string"),
        bad("CC217", {"a": ["fine", "x\ud800"]}, "reports.a[1]", "U+D800, at character 1", "utf-16"),
        bad("CC217", {"\udfff": 1}, "reports", "U+DFFF", "utf-16"),
        bad("CC217", {"due date": {"a": "\ud800"}}, "reports['due date'].a", "U+D800", "utf-16"),
    ],
)
def test_what_json_cannot_carry_is_refused_with_its_path_and_the_remedy(code, value, where, words):
    with pytest.raises(EncodingError) as caught:
        plain(value, "reports")
    error = caught.value
    assert (error.code, error.where) == (code, where)
    said, remedy = words
    assert said in error.message
    assert error.hint is not None
    assert remedy in error.hint


def test_64_levels_and_4300_digits_are_allowed():
    assert plain(deep(64)) == deep(64)
    assert json.loads(dumps(plain({"n": 10**4300 - 1}))) == {"n": 10**4300 - 1}


def test_a_shared_value_is_no_circle():
    shared = {"a": 1}
    assert plain([shared, shared]) == [{"a": 1}, {"a": 1}]


def test_the_users_own_exception_is_not_wrapped():
    class Broken:
        def model_dump(self, **_):
            raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        plain({"a": Broken()})


def test_without_a_root_the_path_begins_with_the_key():
    with pytest.raises(EncodingError) as caught:
        plain({"rows": [b""]})
    assert caught.value.where == "rows[0]"


@given(values)
def test_whatever_json_loads_gives_comes_back(value):
    text = json.dumps(value)
    assert plain(json.loads(text)) == json.loads(text)
    assert json.loads(dumps(plain(json.loads(text)))) == json.loads(text)


@given(values)
def test_an_object_that_was_read_has_one_text_whoever_wrote_it(item):
    value = {"item": item}
    written = dumps(plain(value))
    for text in (written, json.dumps(value), json.dumps(value, indent=1)):
        assert canonical(json.loads(text)).decode() == written
    assert canonical(value, text=written).decode() == written


@pytest.mark.parametrize(
    "text",
    ['{"a":[1e308,1e308]}', '{"a":[-1e308,-1e308]}', '{"a":"C:\\\\udders"}', '{"a":"\\/"}', '{"a":"\\ud83d\\ude00"}'],
)
def test_a_text_that_only_looks_unsound_is_taken(text):
    value = json.loads(text)
    assert canonical(value, text=text).decode() == dumps(value)


@pytest.mark.parametrize(
    "text",
    ['{"a":1e999}', '{"a":[{"b":-1e999},1e999]}', '{"a":"\\ud800"}', '{"\\uDFFF":1}', json.dumps({"a": deep(64)})],
)
def test_an_object_that_was_read_is_refused_as_any_other_is(text):
    value = json.loads(text)
    with pytest.raises(EncodingError) as expected:
        plain(value, "payload")
    for given_text in ("", text):
        with pytest.raises(EncodingError) as caught:
            canonical(value, "payload", given_text)
        assert str(caught.value) == str(expected.value)


@given(values)
def test_the_text_holds_only_what_sqs_takes_and_is_utf8(value):
    text = dumps(plain(value))
    assert SQS_TEXT.fullmatch(text)
    assert utf8_size(text) == len(text.encode())


def test_noncharacters_are_escaped_and_emoji_are_not():
    assert dumps({"a": "\ufffe\uffff\x00😀é"}) == '{"a":"\\ufffe\\uffff\\u0000😀é"}'
    assert json.loads(dumps("\ufffe\uffff")) == "\ufffe\uffff"
    assert dumps({"a": [1, 2.5, None]}) == '{"a":[1,2.5,null]}'


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": 1}, {"a": 1}),
        (MappingProxyType({"a": 1}), {"a": 1}),
        (Station("KSEA", date(2030, 1, 1)), {"name": "KSEA", "at": "2030-01-01", "tags": [], "near": []}),
        (OldModel(), {"old": True}),
    ],
)
def test_a_payload_is_an_object(value, expected):
    assert payload(value, "reports") == expected


@pytest.mark.parametrize(
    ("value", "kind"), [(None, "None"), ("text", "a str"), ((1,), "a tuple"), (Station, "a type"), (3, "an int")]
)
def test_what_is_no_object_is_no_payload(value, kind):
    with pytest.raises(ResultError) as caught:
        payload(value, "reports[1]")
    error = caught.value
    assert (error.code, error.where) == ("CC201", "reports[1]")
    assert f"not {kind}" in error.message
    assert '{"reports"' in (error.hint or "")


def test_a_model_of_a_list_is_no_payload():
    class Rows(OldModel):
        def model_dump(self):
            return [1]

    with pytest.raises(ResultError) as caught:
        payload(Rows(), "reports")
    assert caught.value.code == "CC201"


def test_sizes_are_bytes():
    emoji = {"text": "😀" * 100_000}
    with pytest.raises(EncodingError) as caught:
        check_size(dumps(emoji), emoji, "reports", limit=262_144)
    error = caught.value
    assert (error.code, error.where) == ("CC220", "reports")
    assert "400,011 bytes" in error.message
    assert "262,144" in error.message
    assert "reports.text 400,002" in error.message
    assert "bucket" in (error.hint or "")


@pytest.mark.parametrize(("characters", "fits"), [(16_777_208, True), (16_777_209, False)])
def test_the_limit_is_16_mib(characters, fits):
    value = {"a": "x" * characters}
    if fits:
        assert check_size(dumps(value), value, "reports") == characters + 8
    else:
        with pytest.raises(EncodingError):
            check_size(dumps(value), value, "reports")


def test_exactly_the_limit_is_allowed():
    assert check_size("x" * 10, {}, "reports", limit=10) == 10
    with pytest.raises(EncodingError):
        check_size("x" * 11, {}, "reports", limit=10)


def test_the_three_largest_members_are_named_inside_the_one_that_is_everything():
    value = {"data": {"small": 1, "rows": ["x" * 50], "text": "y" * 100, "more": {"z": "z" * 20}}}
    with pytest.raises(EncodingError) as caught:
        check_size(dumps(value), value, "reports", limit=100)
    assert "largest: reports.data.text 102, reports.data.rows 54, reports.data.more 28" in caught.value.message


def refused_quickly(characters):
    text = "x" * characters
    begun = process_time()
    value = payload({"rows": [1], "dump": text}, "reports")
    with pytest.raises(EncodingError) as caught:
        check_size(dumps(value), value, "reports")
    assert "reports.dump" in caught.value.message
    return process_time() - begun


def test_a_large_text_is_refused_quickly():
    assert refused_quickly(20_000_000) < 2


@pytest.mark.slow
def test_400_mb_are_refused_within_seconds():
    assert refused_quickly(400_000_000) < 30
