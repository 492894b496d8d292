from __future__ import annotations

import os
import sys
from textwrap import dedent

import pytest

from cloud_cron.errors import DeclarationError, LoadError
from cloud_cron.loader import find_project, load_app

APP = 'from cloud_cron import CloudCron\napp = CloudCron("weather")\n'


@pytest.fixture(autouse=True)
def untouched_imports():
    path, modules = list(sys.path), set(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        del sys.modules[name]


@pytest.fixture
def project(tmp_path):
    def write(**modules):
        for name, text in modules.items():
            file = tmp_path.joinpath(*name.split("__")).with_suffix(".py")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(dedent(text), encoding="utf-8")
        return tmp_path

    return write


def refused(folder, entry=None):
    with pytest.raises(LoadError) as caught:
        load_app(folder, entry)
    return caught.value


# The project


@pytest.mark.parametrize("file", ["app.py", "cloud-cron.toml"])
def test_a_project_is_found_from_inside_it(tmp_path, file):
    (tmp_path / file).touch()
    inside = tmp_path / "jobs" / "daily"
    inside.mkdir(parents=True)

    assert find_project(inside) == find_project(tmp_path) == tmp_path.resolve()


def test_the_nearest_project_counts(tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "app.py").touch()
    (inner / "cloud-cron.toml").touch()

    assert find_project(inner) == inner.resolve()


def test_outside_of_a_project_the_way_to_one_is_named(tmp_path):
    with pytest.raises(LoadError) as caught:
        find_project(tmp_path)

    assert caught.value.code == "CC701"
    assert str(tmp_path.resolve()) in caught.value.message
    assert "`cloud-cron init`" in str(caught.value)


# The app


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        (APP, None),
        (APP, "app"),
        (APP, "app:app"),
        (APP.replace("app =", "weather ="), None),
        (APP.replace("app =", "weather ="), "app:weather"),
        (APP.replace("app =", "weather = app ="), None),
        (APP + 'other = CloudCron("other")', None),
        (APP + 'other = CloudCron("other")', "app:app"),
    ],
)
def test_the_app_is_found(project, text, entry):
    assert load_app(project(app=text), entry).name == "weather"


def test_an_app_that_was_included_is_no_choice(project):
    folder = project(
        parts="""
        from cloud_cron import CloudCron
        parts = CloudCron("parts")

        @parts.schedule()
        def clean(): ...
        """,
        app="""
        from cloud_cron import CloudCron
        from parts import parts

        main = CloudCron("main")

        @main.schedule()
        def morning(): ...

        main.include(parts)
        """,
    )

    assert load_app(folder).name == "main"


def test_a_module_inside_a_package_and_relative_imports_work(project):
    folder = project(jobs____init__="", jobs__names='NAME = "inside"', jobs__daily=APP)
    folder.joinpath("jobs/daily.py").write_text(
        "from cloud_cron import CloudCron\nfrom .names import NAME\napp = CloudCron(NAME)", encoding="utf-8"
    )

    assert load_app(folder, "jobs.daily:app").name == "inside"


@pytest.mark.parametrize("name", ["app", "package.app"])
def test_a_file_that_came_with_the_last_look_is_found(project, name):
    folder = project(package____init__="")
    file = folder.joinpath(*name.split(".")).with_suffix(".py")
    with pytest.raises(LoadError):
        load_app(folder, name)
    tick = file.parent.stat().st_mtime_ns
    file.write_text(APP)
    os.utime(file.parent, ns=(tick, tick))
    assert load_app(folder, name).name == "weather"


def test_two_projects_do_not_see_each_others_module(project, tmp_path_factory):
    first = project(app=APP)
    second = tmp_path_factory.mktemp("second")
    (second / "app.py").write_text(APP.replace("weather", "second"), encoding="utf-8")

    assert load_app(first).name == "weather"
    assert load_app(second).name == "second"
    assert load_app(second) is load_app(second)


# Rows 84 to 89 of the bad inputs: everything that can be wrong with the entry


@pytest.mark.parametrize(
    ("entry", "message", "hint"),
    [
        (None, "there is no module 'app' in", "begin one with `cloud-cron init`, or name yours with --app"),
        ("wether:app", "there is no module 'wether' in", "did you mean --app weather?"),
        ("weather.daily", "there is no module 'weather.daily' in", "did you mean --app weather?"),
        ("weather.py", "'weather.py' is a path, and a module is needed", "say --app weather"),
        ("./jobs/weather.py:app", "'./jobs/weather.py:app' is a path", "say --app jobs.weather:app"),
        ("weather:", "'weather:' is not module:attribute", "such as --app app:app"),
        ("two words", "'two words' is not module:attribute", "such as --app app:app"),
    ],
)
def test_no_such_module(project, entry, message, hint):
    error = refused(project(weather=APP), entry)

    assert (error.code, error.hint) == ("CC701", hint)
    assert error.message.startswith(message)


@pytest.mark.parametrize(
    ("text", "message", "where"),
    [
        ("def broken(:\n    pass", "app.py is not Python: invalid syntax", "app.py:1"),
        ("x = 1\nimport not_there_at_all", "app.py imports 'not_there_at_all', which is not there", "app.py:2"),
        ("x = 1\n\nraise ValueError('no such station')", "app.py raised ValueError: no such station", "app.py:3"),
        ("variable_x", "app.py raised NameError: name 'variable_x' is not defined", "app.py:1"),
        ("import sys\nsys.exit(3)", "app.py ended the program when it was imported (exit code 3)", "app.py:2"),
        ("from cloud_cron import Nothing", "app.py raised ImportError: cannot import name 'Nothing'", "app.py:1"),
        ("import helper", "helper.py raised ZeroDivisionError: division by zero", "helper.py:1"),
        ("import twisted_one", "twisted_one.py takes part in a circle of imports", "twisted_one.py:1"),
    ],
)
def test_a_module_that_raises_is_told_by_the_users_own_line(project, text, message, where):
    error = refused(
        project(app=text, helper="1 / 0", twisted_one="from app import x", twisted_two="from twisted_one import y")
    )

    assert (error.code, error.where) == ("CC702", where)
    assert error.message.startswith(message)
    assert error.__cause__ is not None


def test_the_network_at_import_fails_in_the_users_line(project):
    folder = project(
        app="""
        from urllib.request import urlopen
        urlopen("http://127.0.0.1:9/")
        """
    )

    assert refused(folder).where == "app.py:3"


def test_a_missing_module_that_is_nearly_one_of_the_project_is_a_misspelling(project):
    assert refused(project(app="import helpr", helper="")).hint == "did you mean 'helper'?"


def test_an_import_error_of_the_module_is_not_a_missing_module(project):
    assert refused(project(jobs="import jobsx"), "jobs").code == "CC702"


def test_a_mistake_in_a_declaration_comes_through_as_it_is(project):
    folder = project(app=APP + '\n@app.schedule("rate(1 hours)")\ndef morning(): ...')

    with pytest.raises(DeclarationError) as caught:
        load_app(folder)

    assert (caught.value.code, caught.value.where) == ("CC101", "app.py:4")


@pytest.mark.parametrize(
    ("text", "entry", "code", "message", "hint"),
    [
        (
            'from cloud_cron import CloudCron\none = CloudCron("a")\ntwo = CloudCron("b")',
            None,
            "CC703",
            "app.py has several apps: one = CloudCron('a'), two = CloudCron('b')",
            "say which with --app module:attribute, or with entry = in cloud-cron.toml; such as --app app:one",
        ),
        (
            "app = 3",
            None,
            "CC704",
            "'app' of app.py is no CloudCron, but of type int",
            'write app = CloudCron("name")',
        ),
        (
            "x = 3",
            None,
            "CC704",
            "app.py declares no CloudCron app",
            'declare one: from cloud_cron import CloudCron; app = CloudCron("name")',
        ),
        (
            "from pathlib import Path\napp = Path()\n" + APP.replace("app =", "weather ="),
            "app:app",
            "CC704",
            "'app' of app.py is no CloudCron, but of type pathlib.",
            "its apps: weather; say which with --app module:attribute, or with entry = in cloud-cron.toml",
        ),
        (APP, "app:ap", "CC705", "app.py has no 'ap'", "did you mean --app app:app?"),
        (APP, "app:weather", "CC705", "app.py has no 'weather'", "did you mean --app app:app?"),
        ("", "app:weather", "CC705", "app.py has no 'weather'", "its apps: none"),
    ],
)
def test_a_module_without_the_one_app(project, text, entry, code, message, hint):  # noqa: PLR0913, PLR0917 - a table
    error = refused(project(app=text), entry)

    assert (error.code, error.hint) == (code, hint)
    assert error.message.startswith(message)
