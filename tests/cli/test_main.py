from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module

import click
import pytest

import cloud_cron
from cloud_cron_cli.main import cli
from cloud_cron_cli.options import Command
from cloud_cron_cli.table import HELP, SECTIONS

FREE = {"cloud_cron", "cloud_cron_cli.commands", "rich", "jinja2", "boto3", "asyncio", "tomllib", "difflib"}


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_and_version_import_click_and_the_table_alone(argument):
    code = f"""
import atexit, json, sys
from cloud_cron_cli.main import main
sys.argv = ["cloud-cron", {argument!r}]
atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr))
main()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    loaded = set(json.loads(done.stderr))
    assert not FREE & loaded
    assert {name for name in loaded if name.startswith("cloud_cron_cli")} == {
        "cloud_cron_cli",
        "cloud_cron_cli.ending",
        "cloud_cron_cli.main",
        "cloud_cron_cli.options",
        "cloud_cron_cli.table",
    }


def test_help_has_every_command_under_its_heading(run):
    shown = run("--help").stdout

    assert run("--help").exit_code == 0
    for heading, commands in SECTIONS.items():
        assert f"\n{heading}:\n" in shown
        for name, text in commands.items():
            assert f"  {name:10}  {text}\n" in shown


@pytest.mark.parametrize("name", HELP)
def test_the_table_says_what_the_command_says(name):
    command = import_module(f"cloud_cron_cli.commands.{name}").command

    assert command.name == name
    assert command.short_help == HELP[name]
    assert isinstance(command, Command)
    assert HELP[name].endswith(".")
    assert cli.get_command(click.Context(cli), name) is command


@pytest.mark.parametrize("name", HELP)
def test_every_command_has_help_of_its_own(run, name):
    shown = run(name, "--help")

    assert shown.exit_code == 0
    assert shown.stdout.startswith(f"Usage: cloud-cron {name} ")
    assert "\nEverywhere:\n  --app MODULE:ATTR " in shown.stdout


def test_the_version_is_the_librarys(run):
    assert run("--version").stdout == f"cloud-cron {cloud_cron.__version__}\n"


def test_without_a_command_the_help_is_shown_and_it_is_a_misuse(run):
    result = run()

    assert result.exit_code == 2
    assert result.stdout == run("--help").stdout


@pytest.mark.parametrize(
    "line",
    [
        ["--stage", "prod", "list", "--json"],
        ["list", "--stage", "prod", "--json"],
        ["--json", "--stage", "prod", "list"],
        ["--stage", "dev", "list", "--stage", "prod", "--json"],
        ["--json", "--app", "jobs:weather", "list", "--app", "app:app", "--stage=prod"],
    ],
)
def test_common_options_stand_before_the_command_or_after_it(project, run, line):
    project()

    assert json.loads(run(*line).stdout)["stage"] == "prod"


def test_an_app_is_chosen_by_module_and_attribute(project, run):
    project("", **{"jobs.py": 'from cloud_cron import CloudCron\none = CloudCron("one")\ntwo = CloudCron("two")'})

    assert json.loads(run("list", "--app", "jobs:two", "--json").stdout)["app"] == "two"


def test_the_configuration_names_the_entry(project, run):
    project(
        None,
        **{"jobs.py": "from cloud_cron import CloudCron\none = CloudCron('one')", "cloud-cron.toml": 'entry="jobs"'},
    )

    assert json.loads(run("list", "--json").stdout)["app"] == "one"


def test_a_project_is_found_from_a_folder_inside_it(project, run, monkeypatch):
    folder = project()
    (folder / "samples").mkdir()
    monkeypatch.chdir(folder / "samples")

    assert json.loads(run("list", "--json").stdout)["app"] == "weather"


def test_with_app_a_folder_needs_no_app_py(project, run):
    project(None, **{"jobs.py": 'from cloud_cron import CloudCron\none = CloudCron("one")'})

    assert json.loads(run("list", "--app", "jobs", "--json").stdout)["app"] == "one"
