"""The page of each task, and who is paused."""

from __future__ import annotations

import pytest

from cloud_cron import CloudCron
from cloud_cron.local.book import Book, Watched


@pytest.fixture
def book(store) -> Book:
    return Book(store)


def tasks(**schedules: str):
    app = CloudCron("shop")
    for name, expression in schedules.items():
        app.schedule(expression, name=name)(lambda: None)
    return app.model().tasks


def test_a_task_is_expected_since_it_was_first_seen(book):
    book.expect(tasks(a="rate(1 hour)"), 100.0)
    assert book.expect(tasks(a="rate(1 hour)", b="rate(1 hour)"), 200.0) == {
        "a": Watched(100.0, 100.0),
        "b": Watched(200.0, 200.0),
    }


def test_another_schedule_and_a_task_that_is_gone_begin_anew(book):
    book.expect(tasks(a="rate(1 hour)", b="rate(1 hour)"), 100.0)
    book.expect(tasks(a="rate(2 hours)"), 200.0)
    assert book.expect(tasks(a="rate(2 hours)", b="rate(1 hour)"), 300.0) == {
        "a": Watched(200.0, 200.0),
        "b": Watched(300.0, 300.0),
    }


def test_what_is_accounted_for_never_goes_back(book):
    book.expect(tasks(a="rate(1 hour)"), 100.0)
    book.account({"a": 500.0, "gone": 500.0})
    book.account({"a": 400.0})
    assert book.pages() == {"a": Watched(100.0, 500.0)}


def test_a_pause_keeps_its_beginning_and_ends_at_once(book):
    book.pause(["a", "b"], 100.0)
    book.pause(["a"], 200.0)
    assert book.paused() == {"a": 100.0, "b": 100.0}
    book.resume(["a", "c"])
    assert book.paused() == {"b": 100.0}


def test_what_was_told_of_a_queue_is_remembered(book):
    assert book.told("q") == 0
    book.tell("q", 5)
    book.tell("q", 7)
    assert book.told("q") == 7
