"""Names of tasks and notifiers, and the topics between them."""

from __future__ import annotations

from typing import Final

from tests.aws.test_names import APP, STAGE, twins
from tests.bad_input.row import Row
from tests.bad_input.ways.commands import HEAD, command, declared, warned

_ANOTHER: Final = "give it another one with name="
_TELL_APART: Final = "rename one, or tell them apart with name="
_LETTERS: Final = "use letters, digits, - and _"


def _name(number: str, name: str, says: str, given: str = "") -> Row:
    way = declared(f"@app.schedule(name={name!r})\ndef go(): ...\n")
    return Row(number, given or f"a task called `{name}`", way, "CC110", says, "app.py:3", _ANOTHER)


def _twice(number: str, given: str, body: str, says: str, at: str, fix: str = _TELL_APART) -> Row:
    return Row(number, given, declared(body), "CC112", says, at, fix)


def _topics(number: str, written: str, says: str, fix: str) -> Row:
    way = declared(f"@app.notifier('print', topics={written})\ndef go(m): ...\n")
    return Row(number, f"`topics={written}`", way, "CC120", says, "app.py:3", fix)


def _deployed_as_one() -> Row:
    names = twins()
    tasks = "".join(f"@app.schedule(name={name!r})\ndef task{number}(): ...\n" for number, name in enumerate(names))
    way = command("check", "--stage", STAGE, app=HEAD.replace("weather", APP) + tasks)
    given = "two names that differ only where a deployed name is cut off"
    return Row(
        "11",
        given,
        way,
        "CC111",
        "'nnn…' and 'nnn…' (at app.py:3) would both be deployed as …",
        "app.py:5",
        "rename one of them",
    )


ROWS: Final = (
    _name("10", "my task", "task name 'my task' must match [A-Za-z][A-Za-z0-9_-]{0,39}"),
    _name(
        "10b", "a" * 65, "task name 'aaa…' must match [A-Za-z][A-Za-z0-9_-]{0,39}", "a task whose name has 65 letters"
    ),
    _name("10c", "x.fifo", "task name 'x.fifo' must match [A-Za-z][A-Za-z0-9_-]{0,39}"),
    _name("10d", "\N{ALARM CLOCK}", "task name '⏰' must match [A-Za-z][A-Za-z0-9_-]{0,39}"),
    _deployed_as_one(),
    _name("12", "_internal", "task name '_internal' begins with an underscore, which is reserved"),
    _twice(
        "13",
        "two tasks of one name",
        "@app.schedule()\ndef go(): ...\n@app.schedule(name='go')\ndef other(): ...\n",
        "'go' at app.py:5 is already a task, declared at app.py:3",
        "app.py:5",
    ),
    _twice(
        "14",
        "one function decorated twice",
        "@app.schedule('rate(1 day)')\n\n@app.schedule('rate(2 days)')\ndef go(): ...\n",
        "'go' at app.py:3 is already a task, declared at app.py:5",
        "app.py:3",
        "give both expressions to one schedule()",
    ),
    _twice(
        "15",
        "two notifiers of one name",
        "@app.notifier('print')\ndef go(m): ...\n@app.notifier('email', name='go')\ndef other(m): ...\n",
        "'go' at app.py:5 is already a notifier, declared at app.py:3",
        "app.py:5",
    ),
    _twice(
        "16",
        "a notifier called as a task",
        "@app.schedule()\ndef go(): ...\n@app.notifier('print', name='go')\ndef other(m): ...\n",
        "'go' at app.py:5 is already a task, declared at app.py:3",
        "app.py:5",
    ),
    _topics("17", "['']", "topic '' must match [A-Za-z0-9_-]{1,128}", _LETTERS),
    _topics("18", "['a b']", "topic 'a b' must match [A-Za-z0-9_-]{1,128}", _LETTERS),
    _topics("19", "['x' * 129]", "topic 'xxx… (129 characters) must match [A-Za-z0-9_-]{1,128}", _LETTERS),
    _topics("20", "'reports'", "topics must be a list of names, not 'reports'", "write topics=['reports']"),
    Row(
        "21",
        "a topic that nobody hears",
        warned("@app.schedule(topics=['reports'])\ndef go(): ...\n"),
        "W121",
        "task 'go' publishes to 'reports', and no notifier hears it",
        "app.py:3",
        "add a notifier for it",
    ),
    Row(
        "22",
        "a notifier that hears a topic nobody publishes to",
        warned("@app.notifier('print', topics=['reports'])\ndef go(m): ...\n"),
        "W122",
        "notifier 'go' hears 'reports', and no task publishes to it",
        "app.py:3",
        "name it in the topics= of a task",
    ),
)
