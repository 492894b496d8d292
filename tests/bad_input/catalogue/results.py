"""What a task returns: what cannot be published, and what is published by a fixed rule."""

from __future__ import annotations

from typing import Final

from tests.bad_input.row import Row
from tests.bad_input.ways.commands import published

_APP: Final = """
import base64, dataclasses, datetime as dt, decimal, enum, uuid
from cloud_cron import CloudCron
app = CloudCron("weather")

class Colour(enum.Enum):
    RED = "red"

@dataclasses.dataclass
class Station:
    name: str

class Model:
    def model_dump(self, mode="python"): return {"mode": mode}

class Scalar:
    dtype, shape = "int64", ()
    def item(self): return 7

def circle():
    rows = [1]
    rows.append(rows)
    return rows

def deep(levels):
    value = 1
    for _ in range(levels): value = [value]
    return value

@app.notifier("print", topics=["reports"])
def tell(message): return "told"

@app.schedule(topics=["reports"])
def go(run):
    return """
_TOPICS: Final = "return a dict of topic -> payload, or None"
_TASK: Final = "app.py:33"


def _bad(number: str, given: str, returned: str, code: str, says: str, at: str, fix: str) -> Row:
    return Row(number, given, published(_APP + returned), code, says, at, fix, exit=1)


def _payload(number: str, given: str, value: str, code: str, says: str, at: str, fix: str) -> Row:
    return _bad(number, given, f"{{'reports': {value}}}", code, says, at, fix)


def _good(number: str, given: str, value: str, publishes: str) -> Row:
    way = published(f"{_APP}{{'reports': {value}}}")
    return Row(number, given, way, None, f"publishes {publishes}", exit=0)


ROWS: Final = (
    Row("23", "a task that returns `None`", published(f"{_APP}None"), None, "publishes nothing", exit=0),
    _bad("24", "a list in place of a dict", "[]", "CC201", "task 'go' returned a list", _TASK, _TOPICS),
    _bad("24b", "text", "'text'", "CC201", "task 'go' returned a str", _TASK, _TOPICS),
    _bad("24c", "a tuple", "({},)", "CC201", "task 'go' returned a tuple", _TASK, _TOPICS),
    _bad("25", "a generator", "(i for i in 'ab')", "CC201", "task 'go' returned a generator", _TASK, _TOPICS),
    _payload(
        "25b",
        "a generator as a payload",
        "(i for i in 'ab')",
        "CC201",
        "a payload must be a mapping, a dataclass or a model, not a generator",
        "reports",
        "return such as",
    ),
    _payload(
        "26",
        "`NaN` in a payload",
        "{'rows': [1, {'p': float('nan')}]}",
        "CC210",
        "NaN is not a JSON number",
        "reports.rows[1].p",
        "use None",
    ),
    _payload(
        "26b",
        "infinity in a payload",
        "{'x': float('inf')}",
        "CC210",
        "Infinity is not a JSON number",
        "reports.x",
        "use None",
    ),
    _payload("27", "bytes in a payload", "{'x': b'x'}", "CC210", "bytes is no JSON value", "reports.x", ".decode()"),
    _payload(
        "28",
        "a set in a payload",
        "{'x': {1, 2}}",
        "CC210",
        "a set has no order, and JSON has no sets",
        "reports.x",
        "sorted",
    ),
    _good(
        "29",
        "a `datetime` with its zone",
        "{'at': dt.datetime(2030, 1, 1, tzinfo=dt.UTC)}",
        '{"at": "2030-01-01T00:00:00+00:00"}',
    ),
    _payload(
        "29b",
        "a `datetime` without a zone",
        "{'at': dt.datetime(2030, 1, 1)}",
        "CC211",
        "the datetime 2030-01-01 00:00:00 has no time zone, so nobody knows which instant it is",
        "reports.at",
        "now(UTC)",
    ),
    _good("30", "a `date`", "{'at': dt.date(2030, 1, 1)}", '{"at": "2030-01-01"}'),
    _good("30b", "a `Decimal`", "{'x': decimal.Decimal('1.10')}", '{"x": "1.10"}'),
    _good("31", "a `UUID`", "{'x': uuid.UUID(int=1)}", '{"x": "00000000-0000-0000-0000-000000000001"}'),
    _good("32", "a dataclass", "Station('KSEA')", '{"name": "KSEA"}'),
    _good("32b", "an `Enum`", "{'x': Colour.RED}", '{"x": "red"}'),
    _good("33", "a scalar of numpy", "{'x': Scalar()}", '{"x": 7}'),
    _good("34", "a model of pydantic", "Model()", '{"mode": "json"}'),
    _payload(
        "35",
        "any other object",
        "[{}, {'x': object()}]",
        "CC212",
        "an object is no JSON value",
        "reports[1].x",
        "publish a dict",
    ),
    _payload(
        "36",
        "a payload that contains itself",
        "{'x': circle()}",
        "CC213",
        "the value refers back to reports.x",
        "reports.x[1]",
        "its id",
    ),
    _payload(
        "37",
        "lists 100,000 deep",
        "{'x': deep(100_000)}",
        "CC214",
        "the value is nested deeper than 64 levels",
        "reports.x[0]…",
        "flatten it",
    ),
    _payload(
        "38",
        "an integer of 5,000 digits",
        "{'x': 10 ** 4999}",
        "CC215",
        "the integer has more than 4,300 digits, which JSON readers refuse",
        "reports.x",
        "as text",
    ),
    _payload(
        "39",
        'the keys `1` and `"1"`',
        "{1: 'a', '1': 'b'}",
        "CC216",
        "key 1 is an int, and JSON has only string keys",
        "reports",
        "use '1'",
    ),
    _payload(
        "40",
        "a tuple as a key",
        "{(1, 2): 'a'}",
        "CC216",
        "key (1, 2) is a tuple, and JSON has only string keys",
        "reports",
        "string",
    ),
    _good("41", "the key `self`", "{'self': 1}", '{"self": 1}'),
    _payload(
        "42",
        "half of a surrogate pair",
        "{'x': ['a\\ud800']}",
        "CC217",
        "the text has half of a surrogate pair, U+D800, at character 1",
        "reports.x[0]",
        "repair it",
    ),
    _good("43", "control characters", "{'x': 'a\\x00\\x1b[2J'}", '{"x": "a\\u0000\\u001b[2J"}'),
    _good("44", "255 KiB of text", "{'x': 'x' * 255 * 1024}", "261,129 bytes"),
    _good("44b", "257 KiB of text", "{'x': 'x' * 257 * 1024}", "263,177 bytes"),
    _good("45", "100,000 emoji", "{'x': '\\U0001f600' * 100_000}", "400,009 bytes"),
    _payload(
        "46",
        "more than 16 MiB",
        "{'x': 'x' * 2**24}",
        "CC220",
        "the message has 16,777,485 bytes and 16,777,216 are allowed; largest: reports.x 16,777,218",
        "reports",
        "publish less",
    ),
    _payload(
        "46b",
        "more than 16 MiB of emoji, which are bytes and not characters",
        "{'x': '\\U0001f600' * 2**22}",
        "CC220",
        "the message has 16,777,485 bytes and 16,777,216 are allowed; largest: reports.x 16,777,218",
        "reports",
        "publish less",
    ),
    _bad(
        "47",
        "a topic that is not declared",
        "{'reprots': {}}",
        "CC202",
        "task 'go' returned a result for topic 'reprots', which it does not declare",
        _TASK,
        "did you mean 'reports'?",
    ),
    _good("48", "keys that our own envelope has", "{'topic': 1, 'cc': 2}", '{"topic": 1, "cc": 2}'),
)
