"""Functions and apps beyond those of the catalogue."""

from __future__ import annotations

import pytest

from tests.bad_input.conftest import HEAD


@pytest.mark.parametrize(
    ("body", "code", "text"),
    [
        pytest.param("async def go():\n    yield 1\n", "CC710", "go is a generator", id="90-async-generator"),
        pytest.param("class Go: ...\n", "CC711", "not the class Go", id="93-class"),
    ],
)
def test_90_to_93_a_function_that_could_not_be_called(refused, body, code, text):
    found = refused(f"@app.schedule()\n{body}")

    assert (found["code"], found["file"], found["line"]) == (code, "app.py", 3)
    assert text in found["message"]
    assert found["hint"]


def test_91_a_lambda_with_a_name_runs(project, run):
    project(f"{HEAD}app.schedule(topics=['a'], name='go')(lambda run: {{'a': {{'n': 1}}}})")

    assert run("invoke", "go").exit_code == 0


@pytest.mark.parametrize("app", ["app = 3", HEAD.replace("app =", "one =") + "two = CloudCron('b')"])
def test_88_the_hint_asks_for_the_app(project, run, app):
    project(app)
    told = run("list", "--app", "app:ap").stderr

    assert "error CC705 app.py has no 'ap'" in told
    assert "  hint " in told
