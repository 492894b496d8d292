"""The log of a host: whole lines from many writers, and what user code prints."""

from __future__ import annotations

import io
import json
import logging
from concurrent.futures import ThreadPoolExecutor

import pytest

from cloud_cron.local import log as logs
from cloud_cron.local.log import Handler, Log, read, spoken, stream


@pytest.fixture
def path(tmp_path):
    return tmp_path / "dev.log"


@pytest.fixture
def log(path):
    log = Log(path, "", task="t")
    yield log
    log.close()


def test_a_line_is_one_object_with_what_is_common(log, path):
    further = log.but(run_id="t@1")
    further.write(event="run", status="done", text="zwei\nZeilen")
    further.close()
    [line] = read(path)

    assert {"task": "t", "run_id": "t@1", "event": "run", "status": "done", "level": "info"}.items() <= line.items()
    assert line["time"].endswith("Z")
    assert path.read_text(encoding="utf-8").count("\n") == 1


def test_many_writers_share_a_file(path):
    def write(number: int) -> None:
        log = Log(path, "", writer=number)
        for n in range(50):
            log.write(n=n, text="x" * 500)
        log.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    assert sorted((line["writer"], line["n"]) for line in read(path)) == [(w, n) for w in range(8) for n in range(50)]


def test_a_large_file_is_turned_over_and_writers_follow(log, path, monkeypatch):
    monkeypatch.setattr(logs, "LARGEST", 1000)
    other = Log(path, "")
    for number in range(100):
        (log if number % 2 else other).write(n=number, text="x" * 100)
        log.turn_over()
    other.close()

    kept = [line["n"] for line in read(path)]
    assert kept == list(range(kept[0], 100))
    assert len(list(path.parent.glob("dev.log*"))) == logs.KEPT + 1


def test_it_is_repeated_for_a_person_or_a_machine(path):
    for style, begins in (("json", '{"time"'), ("text", "")):
        echo = io.StringIO()
        log = Log(path, style, echo)
        log.write(event="run", task="morning", status="done", messages=2)
        log.write(level="debug", event="run", task="morning", status="duplicate")
        log.close()
        [line] = echo.getvalue().splitlines()
        assert line.startswith(begins)
        assert "morning" in line


def test_a_line_for_a_person_has_no_control_characters():
    entry = {
        "time": "2030-01-01T08:00:00.000Z",
        "level": "error",
        "event": "run",
        "task": "t",
        "reason": "a\x1b[2Jb\nc",
    }
    assert spoken(entry) == "08:00:00  t  ERROR a [2Jb c"


def test_what_is_printed_becomes_lines(log, path):
    out = stream(log, "stdout", 1)
    print("one\ntwo", file=out)
    out.buffer.write(b"raw \xff\n")
    out.write("unfinished")
    out.close()

    assert [(line["stream"], line["message"]) for line in read(path)] == [
        ("stdout", "one"),
        ("stdout", "two"),
        ("stdout", "raw �"),
        ("stdout", "unfinished"),
    ]


def test_what_is_logged_keeps_its_level_and_traceback(log, path):
    logger = logging.Logger("shop")  # noqa: LOG001 - of its own, so that no other test hears it
    logger.addHandler(Handler(log))
    try:
        {"box": 1}["shelf"]
    except LookupError:
        logger.exception("it failed for %s", "ada")
    [line] = read(path)

    assert (line["level"], line["logger"], line["message"]) == ("error", "shop", "it failed for ada")
    assert line["traceback"].rstrip().endswith("KeyError: 'shelf'")


def test_an_error_keeps_the_level_that_it_is_given(log, path):
    log.error(ValueError("x"), event="run", level="warning")
    [line] = read(path)

    assert (line["level"], line["message"]) == ("warning", "ValueError: x")


def test_a_log_that_cannot_be_written_fails_nobody(tmp_path):
    Log(tmp_path / "none" / "dev.log", "").write(event="run")


def test_lines_that_are_no_json_are_left_out(path):
    path.write_text('{"n": 1}\nhalf a li\n' + json.dumps({"n": 2}) + "\n", encoding="utf-8")
    assert [line["n"] for line in read(path)] == [1, 2]
