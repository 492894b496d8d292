"""Functions that could not be called, and apps that cannot be loaded."""

from __future__ import annotations

import pytest

ONE = "return one value instead of yielding"
DEF = "write def name(run: Run)"


@pytest.mark.parametrize(
    ("body", "code", "text", "hint"),
    [
        pytest.param("@app.schedule()\ndef go():\n    yield 1\n", "CC710", "go is a generator", ONE, id="90-generator"),
        pytest.param(
            "@app.schedule()\nasync def go():\n    yield 1\n",
            "CC710",
            "go is a generator",
            ONE,
            id="90-async-generator",
        ),
        pytest.param("app.schedule()(lambda run: None)\n", "CC110", "a lambda has no name", "name=", id="91-lambda"),
        pytest.param(
            "@app.schedule()\ndef go(run, limit): ...\n", "CC711", "needs 2 arguments (run, limit)", DEF, id="92"
        ),
        pytest.param(
            "class Jobs:\n    @app.schedule()\n    def go(self, run): ...\n",
            "CC711",
            "is a method",
            DEF,
            id="93-method",
        ),
        pytest.param(
            "class Jobs:\n    @app.schedule()\n    @classmethod\n    def go(cls): ...\n",
            "CC711",
            "must be a function, not classmethod",
            "put this decorator below the others",
            id="93-order",
        ),
        pytest.param(
            "@app.schedule\ndef go(): ...\n", "CC711", "needs parentheses", "write @app.schedule()", id="93-bare"
        ),
        pytest.param("@app.schedule()\nclass Go: ...\n", "CC711", "not the class Go", DEF, id="93-class"),
    ],
)
def test_90_to_93_a_function_that_could_not_be_called(refused, body, code, text, hint):
    found = refused(body)

    assert (found["code"], found["file"]) == (code, "app.py")
    assert found["line"] in {3, 4}
    assert text in found["message"]
    assert hint in found["hint"]


@pytest.mark.parametrize("body", ["async def go(run): return {'a': {'n': 1}}", "go = lambda run: {'a': {'n': 1}}"])
def test_90_and_91_what_is_supported_runs(project, run, body):
    project(f"{APP}{body}\napp.schedule(topics=['a'], name='go')(go)")

    assert run("invoke", "go").exit_code == 0


APP = "from cloud_cron import CloudCron\napp = CloudCron('weather')\n"


@pytest.mark.parametrize(
    ("files", "code", "text", "place"),
    [
        pytest.param({}, "CC701", "there is no app.py", None, id="84"),
        pytest.param({"app.py": "def broken(:"}, "CC702", "is not Python", "app.py:1", id="85"),
        pytest.param({"app.py": "\nimport no_such_package"}, "CC702", "'no_such_package'", "app.py:2", id="86"),
        pytest.param({"app.py": "import sys\nsys.exit(3)"}, "CC702", "(exit code 3)", "app.py:2", id="87-exit"),
        pytest.param(
            {"app.py": "from urllib.request import urlopen\nurlopen('http://127.0.0.1:9/')"},
            "CC702",
            "raised URLError",
            "app.py:2",
            id="87-network",
        ),
        pytest.param(
            {"app.py": APP.replace("app =", "one =") + "two = CloudCron('b')"},
            "CC703",
            "has several apps: one = CloudCron('weather'), two = CloudCron('b')",
            None,
            id="88-two",
        ),
        pytest.param({"app.py": "app = 3"}, "CC704", "is no CloudCron, but of type int", None, id="88-other"),
        pytest.param(
            {"app.py": "import jobs\n" + APP, "jobs.py": "from app import app"},
            "CC702",
            "takes part in a circle of imports",
            "jobs.py:1",
            id="89",
        ),
    ],
)
def test_84_to_89_an_app_that_cannot_be_loaded(project, run, files, code, text, place):  # noqa: PLR0913, PLR0917 - a table
    project(None, **files)
    for line in (["list"], ["check"], ["invoke", "go", "--send"]):
        result = run(*line)
        told = result.stdout + result.stderr

        assert result.exit_code == 2
        assert f"error {code} " in told
        assert text in told
        assert "  hint " in told or place
        assert place is None or f"  at   {place}\n" in told
        assert "cloud_cron_cli" not in told


@pytest.mark.parametrize("app", ["app = 3", APP.replace("app =", "one =") + "two = CloudCron('b')"])
def test_88_the_hint_asks_for_the_app(project, run, app):
    project(app)
    told = run("list", "--app", "app:ap").stderr

    assert "error CC705 app.py has no 'ap'" in told
    assert "  hint " in told
