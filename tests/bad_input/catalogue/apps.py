"""Apps that cannot be loaded, and functions that could not be called."""

from __future__ import annotations

from typing import Final

from tests.bad_input.row import Row
from tests.bad_input.ways.commands import HEAD, command, declared, published

_ONE: Final = "return one value instead of yielding"
_DEF: Final = "write def name(run: Run)"
_ASYNC: Final = f"{HEAD}@app.schedule(topics=['a'])\nasync def go(run): return {{'a': {{'n': 1}}}}\n"


def _app(number: str, given: str, app: str | None, code: str, says: str, at: str, fix: str, more: str = "") -> Row:
    return Row(number, given, command("list", app=app, files={"jobs.py": more} if more else {}), code, says, at, fix)


def _function(number: str, given: str, body: str, code: str, says: str, fix: str, line: int = 3) -> Row:
    return Row(number, given, declared(body), code, says, f"app.py:{line}", fix)


ROWS: Final = (
    _app(
        "84",
        "a project without app.py",
        None,
        "CC701",
        "there is no app.py and no cloud-cron.toml in …, nor in a folder above it",
        "",
        "`cloud-cron init`",
    ),
    _app(
        "85",
        "a syntax error in app.py",
        "def broken(:",
        "CC702",
        "app.py is not Python: …",
        "app.py:1",
        "correct that line",
    ),
    _app(
        "86",
        "a package that is not installed",
        "\nimport no_such_package",
        "CC702",
        "app.py imports 'no_such_package', which is not there",
        "app.py:2",
        "install",
    ),
    _app(
        "87",
        "`sys.exit()` when app.py is imported",
        "import sys\nsys.exit(3)",
        "CC702",
        "app.py ended the program when it was imported (exit code 3)",
        "app.py:2",
        "only as a script",
    ),
    _app(
        "87b",
        "the network when app.py is imported",
        "from urllib.request import urlopen\nurlopen('http://127.0.0.1:9/')",
        "CC702",
        "app.py raised URLError: …",
        "app.py:2",
        "belongs into the task",
    ),
    _app(
        "88",
        "two apps in app.py",
        "from cloud_cron import CloudCron\none = CloudCron('a')\ntwo = CloudCron('b')",
        "CC703",
        "app.py has several apps: one = CloudCron('a'), two = CloudCron('b')",
        "",
        "--app app:one",
    ),
    _app(
        "88b",
        "an `app` that is none",
        "app = 3",
        "CC704",
        "'app' of app.py is no CloudCron, but of type int",
        "",
        "app = CloudCron(",
    ),
    _app(
        "89",
        "a circle of imports",
        f"import jobs\n{HEAD}",
        "CC702",
        "jobs.py takes part in a circle of imports…",
        "jobs.py:1",
        "import it inside the function",
        "from app import app",
    ),
    Row("90", "an `async def` task", published(_ASYNC), None, 'publishes {"n": 1}', exit=0),
    _function(
        "90b", "a generator as a task", "@app.schedule()\ndef go():\n    yield 1\n", "CC710", "go is a generator", _ONE
    ),
    _function(
        "91",
        "a lambda without `name=`",
        "app.schedule()(lambda run: None)\n",
        "CC110",
        "a lambda has no name to be known by",
        "name=",
    ),
    _function(
        "92",
        "a task with two arguments",
        "@app.schedule()\ndef go(run, limit): ...\n",
        "CC711",
        "go needs 2 arguments (run, limit); it is given one Run, or nothing",
        _DEF,
    ),
    _function(
        "93",
        "a method as a task",
        "class Jobs:\n    @app.schedule()\n    def go(self, run): ...\n",
        "CC711",
        "Jobs.go is a method; a task must be a function at module level",
        _DEF,
        4,
    ),
    _function(
        "93b",
        "decorators in the wrong order",
        "class Jobs:\n    @app.schedule()\n    @classmethod\n    def go(cls): ...\n",
        "CC711",
        "a task must be a function, not classmethod",
        "put this decorator below the others",
        4,
    ),
    _function(
        "93c",
        "a decorator without parentheses",
        "@app.schedule\ndef go(): ...\n",
        "CC711",
        "@app.schedule needs parentheses",
        "write @app.schedule()",
    ),
)
