from __future__ import annotations

import json
import subprocess
import sys
import tomllib

import pytest

from cloud_cron.checks import APP
from cloud_cron_cli.blueprints import STARTER, blueprint, blueprints
from cloud_cron_cli.scaffold import app_name, steps

FILES = [
    ".gitignore",
    "README.md",
    "app.py",
    "cloud-cron.toml",
    "pyproject.toml",
    "samples/alerts.json",
    "samples/reports.json",
    "templates/mail_report.html",
    "templates/mail_report.subject.txt",
    "templates/mail_report.txt",
    "tests/test_app.py",
]


def written(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_project_is_written_named_after_its_folder(project, run):
    folder = project(None)
    result = run("init", "Night Watch")

    assert result.exit_code == 0
    assert written(folder / "Night Watch") == FILES
    assert 'CloudCron("night-watch")' in (folder / "Night Watch" / "app.py").read_text(encoding="utf-8")
    assert "\n  cd Night Watch\n  cloud-cron check " in result.stdout


def test_the_current_folder_is_taken_when_none_is_named(project, run):
    folder = project(None, **{"notes.txt": "mine"})
    result = run("init", "--json")

    assert written(folder) == sorted([*FILES, "notes.txt"])
    assert json.loads(result.stdout) == {
        "app": app_name(folder.name),
        "template": "starter",
        "folder": str(folder),
        "files": FILES,
    }


def test_nothing_is_overwritten(project, run):
    folder = project("mine", **{"templates/mail_report.txt": "mine"})
    result = run("init")

    assert result.exit_code == 2
    assert result.stderr.startswith(
        f"error CC706 folder {folder.name} has app.py, templates/mail_report.txt already, and nothing is overwritten\n"
    )
    assert written(folder) == ["app.py", "templates/mail_report.txt"]
    assert (folder / "app.py").read_text(encoding="utf-8") == "mine"


def test_a_file_in_place_of_the_folder_is_told(project, run):
    project(None, here="a file")

    assert run("init", "here").exit_code == 2
    result = run("init", "here/inside")
    assert result.exit_code == 2
    assert result.stderr.startswith("error CC706 ")


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("weather", "weather"),
        ("Weather_Alerts 2", "weather-alerts-2"),
        ("2030-jobs", "jobs"),
        ("--", "app"),
        ("été", "t"),
        ("", "app"),
        ("x" * 50, "x" * 31),
    ],
)
def test_an_app_is_named_after_the_folder(folder, name):
    assert app_name(folder) == name
    assert APP.fullmatch(app_name(folder))


@pytest.mark.parametrize("template", blueprints())
def test_every_template_takes_the_name_of_the_app(template):
    project = blueprint(template, "night-watch")

    assert 'CloudCron("night-watch")' in project["app.py"]
    assert project["README.md"].startswith("# night-watch\n")
    assert tomllib.loads(project["pyproject.toml"])["project"]["name"] == "night-watch"
    assert project[".gitignore"].startswith(".cloud-cron/\n")


@pytest.mark.parametrize("template", blueprints())
def test_what_to_do_next_are_the_commands_of_the_readme(template):
    commands = [command for command, meaning in steps(blueprint(template, "x")) if meaning]

    assert commands[0] == "cloud-cron check"
    assert any(command.startswith("cloud-cron invoke ") for command in commands)
    assert commands[-1] == "pytest"


def test_the_list_has_a_line_for_every_template(project, run):
    folder = project(None)
    told = json.loads(run("init", "--list", "--json").stdout)

    assert {each["template"]: each["about"] for each in told} == blueprints()
    assert {"starter", "feed", "quality", "oncall", "instrument"} <= {each["template"] for each in told}
    assert run("init", "--list").stdout.startswith("starter     Looks at ")
    assert written(folder) == []


def test_a_template_that_is_not_there_is_told_with_the_closest_one(project, run):
    folder = project(None)
    result = run("init", "--template", "qualty", "shop")

    assert result.exit_code == 2
    assert result.stderr == "error CC723 there is no template 'qualty'\n  hint did you mean 'quality'?\n"
    assert written(folder) == []


def test_what_running_an_example_leaves_there_is_not_taken_along():
    left = (".cloud-cron", ".pytest_cache", "__pycache__", ".venv")

    assert not [path for name in blueprints() for path in blueprint(name, "x") if path.startswith(left)]


def test_the_project_has_no_mistakes_and_its_tests_pass(project, run, monkeypatch):
    folder = project(None)
    run("init", "watch")
    monkeypatch.chdir(folder / "watch")

    checked = run("check", "--strict", "--json")
    assert json.loads(checked.stdout) == {"ok": True, "diagnostics": []}
    assert checked.stderr == ""
    assert [task["name"] for task in json.loads(run("list", "--json").stdout)["tasks"]] == ["daily"]
    invoked = json.loads(run("invoke", "daily", "--json").stdout)
    assert invoked["deliveries"][0]["recipient"] == "you@example.com"
    assert run("render", "mail_report").exit_code == run("render", "print_alert").exit_code == 0
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_the_readme_names_only_commands_that_there_are(run):
    lines = [
        line.split("#")[0].split()
        for line in blueprint(STARTER, "x")["README.md"].splitlines()
        if line.startswith("$ cloud")
    ]

    assert lines
    for _, _, command, *_ in lines:
        assert run(command, "--help").exit_code == 0


def test_what_cannot_be_written_whole_is_not_begun(project, run):
    folder = project(None)
    (folder / "shop").mkdir()
    (folder / "shop" / "templates").write_text("in the way", encoding="utf-8")
    result = run("init", "shop")

    assert (result.exit_code, "CC706" in result.stderr) == (2, True)
    assert written(folder / "shop") == ["templates"]
