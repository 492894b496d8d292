"""What a task returns, as `invoke` meets it: exit code 1 and words, or a message that holds what was meant."""

from __future__ import annotations

import json

import pytest

HEAD = """
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
"""


@pytest.fixture
def returned(project, run):
    """What `invoke` says of a task that returns this expression."""

    def invoke(expression, *options):
        project(f"{HEAD}\n@app.schedule(topics=['reports'])\ndef go(run): return {expression}\n")
        return run("invoke", "go", *options)

    return invoke


def row(number, expression, code, *said):
    return pytest.param(expression, code, *said, id=str(number))


TOPICS = "return a dict of topic -> payload, or None"


@pytest.mark.parametrize(
    ("expression", "code", "text", "place", "hint"),
    [
        row("23-list", "[]", "CC201", "returned a list", "app.py:33", TOPICS),
        row("23-str", "'text'", "CC201", "returned a str", "app.py:33", TOPICS),
        row("24-tuple", "({},)", "CC201", "returned a tuple", "app.py:33", TOPICS),
        row("25-generator", "(i for i in 'ab')", "CC201", "returned a generator", "app.py:33", TOPICS),
        row("25-inside", "{'reports': (i for i in 'ab')}", "CC201", "not a generator", "reports", "return such as"),
        row("26-nan", "{'reports': {'rows': [1, {'p': float('nan')}]}}", "CC210", "NaN", "reports.rows[1].p", "None"),
        row("26-infinity", "{'reports': {'x': float('inf')}}", "CC210", "Infinity", "reports.x", "use None"),
        row("27", "{'reports': {'x': b'x'}}", "CC210", "bytes is no JSON", "reports.x", ".decode()"),
        row("28", "{'reports': {'x': {1, 2}}}", "CC210", "a set has no order", "reports.x", "sorted"),
        row("29-naive", "{'reports': {'at': dt.datetime(2030, 1, 1)}}", "CC211", "time zone", "reports.at", "now(UTC)"),
        row("35", "{'reports': [{}, {'x': object()}]}", "CC212", "an object is", "reports[1].x", "publish a dict"),
        row("36", "{'reports': {'x': circle()}}", "CC213", "refers back to reports.x", "reports.x[1]", "its id"),
        row("37", "{'reports': {'x': deep(100_000)}}", "CC214", "deeper than 64", "reports.x" + "[0]" * 63, "flatten"),
        row("38", "{'reports': {'x': 10 ** 4999}}", "CC215", "4,300 digits", "reports.x", "as text"),
        row("39", "{'reports': {1: 'a', '1': 'b'}}", "CC216", "key 1 is an int", "reports", "use '1'"),
        row("40", "{'reports': {(1, 2): 'a'}}", "CC216", "a tuple", "reports", "string"),
        row("42", "{'reports': {'x': ['a\\ud800']}}", "CC217", "U+D800", "reports.x[0]", "repair it"),
        row(
            "46-ascii", "{'reports': {'x': 'x' * 2**24}}", "CC220", "16,777,216 are allowed", "reports", "publish less"
        ),
        row("46-emoji", "{'reports': {'x': '\\U0001f600' * 2**22}}", "CC220", "16,777,218", "reports", "publish less"),
        row("47", "{'reprots': {}}", "CC202", "topic 'reprots'", "app.py:33", "did you mean 'reports'?"),
    ],
)
def test_a_result_that_cannot_be_published(returned, expression, code, text, place, hint):  # noqa: PLR0913, PLR0917 - a table
    result = returned(expression)

    assert (result.exit_code, result.stdout) == (1, "")
    first, where, last = result.stderr.splitlines()
    assert first.startswith(f"error {code} ")
    assert text in first
    assert where == f"  at   {place}"
    assert last.startswith("  hint ")
    assert hint in last


@pytest.mark.parametrize(
    ("expression", "payload"),
    [
        row("29", "{'at': dt.datetime(2030, 1, 1, tzinfo=dt.UTC)}", {"at": "2030-01-01T00:00:00+00:00"}),
        row("30-date", "{'at': dt.date(2030, 1, 1)}", {"at": "2030-01-01"}),
        row("30-decimal", "{'x': decimal.Decimal('1.10')}", {"x": "1.10"}),
        row("31", "{'x': uuid.UUID(int=1)}", {"x": "00000000-0000-0000-0000-000000000001"}),
        row("32-dataclass", "Station('KSEA')", {"name": "KSEA"}),
        row("32-enum", "{'x': Colour.RED}", {"x": "red"}),
        row("33", "{'x': Scalar()}", {"x": 7}),
        row("34", "Model()", {"mode": "json"}),
        row("41", "{'self': 1}", {"self": 1}),
        row("43", "{'x': 'a\\x00\\x1b[2Jb\\x9b'}", {"x": "a\x00\x1b[2Jb\x9b"}),
        row("44-255", "{'x': 'x' * 255 * 1024}", {"x": "x" * 255 * 1024}),
        row("44-257", "{'x': 'x' * 257 * 1024}", {"x": "x" * 257 * 1024}),
        row("45", "{'x': '\\U0001f600' * 100_000}", {"x": "\U0001f600" * 100_000}),
        row("48", "{'result_type': 1, 'cc': 2, 'topic': 3}", {"result_type": 1, "cc": 2, "topic": 3}),
    ],
)
def test_a_result_that_is_published_by_a_fixed_rule(returned, expression, payload):
    result = returned(f"{{'reports': {expression}}}", "--json")

    assert result.exit_code == 0
    assert [message["payload"] for message in json.loads(result.stdout)["published"]] == [payload]


def test_23_none_is_no_message(returned):
    result = returned("None", "--json")

    assert (result.exit_code, json.loads(result.stdout)["published"]) == (0, [])


def test_43_control_characters_are_escaped_where_a_person_reads(project, run):
    project(f"""{HEAD}
@app.schedule(topics=["all"])
def go(run): return {{"all": {{"x": "a\\x00\\x1b[2Jb\\x9b"}}}}

@app.notifier("print", topics=["all"])
def repeat(message): return message.payload["x"]

@app.schedule()
def fail(run): raise ValueError("a\\x00\\x1b[2Jb\\x9b")
""")
    shown, failed = run("invoke", "go"), run("invoke", "fail")

    assert "a\\x00\\x1b[2Jb\\x9b" in shown.stdout
    assert "task 'fail' raised ValueError: a\\x00\\x1b[2Jb\\x9b" in failed.stderr
    for text in (shown.stdout, failed.stderr):
        assert not set(text) & {"\x00", "\x1b", "\x9b"}
