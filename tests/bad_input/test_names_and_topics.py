"""Names and topics of notifiers and tasks, beyond those of the catalogue."""

from __future__ import annotations

import pytest

NAMES = ["my task", "a" * 65, "a" * 41, "x.fifo", "\N{ALARM CLOCK}", "", "_internal", "9to5", "zürich"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_no_notifier_could_carry(refused, name):
    found = refused(f"@app.notifier('print', name={name!r})\ndef go(it): ...\n")

    assert (found["code"], found["file"], found["line"]) == ("CC110", "app.py", 3)
    assert repr(name) in found["message"]
    assert ("is reserved" if name == "_internal" else "must match [A-Za-z][A-Za-z0-9_-]{0,39}") in found["message"]
    assert found["hint"] == "give it another one with name="


def test_a_function_whose_own_name_is_reserved(refused):
    assert refused("@app.schedule()\ndef _internal(): ...\n")["code"] == "CC110"


@pytest.mark.parametrize("topics", ["['']", "['a b']", "['x' * 129]", "'reports'"])
def test_topics_that_no_task_could_publish_to(refused, topics):
    found = refused(f"@app.schedule(topics={topics})\ndef go(it): ...\n")

    assert (found["code"], found["file"], found["line"]) == ("CC120", "app.py", 3)
    assert found["hint"]
