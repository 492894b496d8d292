from __future__ import annotations

import os
import shutil
import subprocess

import pytest
from click.shell_completion import ShellComplete

from cloud_cron_cli.main import cli
from cloud_cron_cli.options import Choices


@pytest.fixture
def complete():
    """What a shell would offer for the last word of a line."""

    def completions(*words):
        shell = ShellComplete(cli, {"obj": Choices()}, "cloud-cron", "_CLOUD_CRON_COMPLETE")
        return {item.value: item.help for item in shell.get_completions(list(words[:-1]), words[-1])}

    return completions


def test_commands_are_completed_with_their_help(complete):
    assert complete("in") == {
        "init": "Begin a project that runs and whose tests pass.",
        "invoke": "Run a task once and show everything that comes of it.",
    }


def test_options_are_completed_before_and_after_the_command(complete):
    assert "--stage" in complete("--st")
    assert set(complete("check", "--st")) == {"--strict", "--stage"}


def test_tasks_and_notifiers_are_completed(project, complete):
    project()

    assert complete("invoke", "") == {"morning": "cron(0 8 * * ? 2199)"}
    assert complete("render", "") == {"mail_report": "email", "shout": "print"}
    assert complete("render", "sh") == {"shout": "print"}


def test_commands_that_operate_complete_names_too(project, complete):
    project()

    assert set(complete("pause", "mail_report", "")) == {"morning", "mail_report", "shout"}
    assert set(complete("logs", "m")) == {"morning", "mail_report"}
    assert set(complete("backfill", "")) == {"morning"}
    assert set(complete("dlq", "re")) == {"redrive", "resolve"}
    assert set(complete("image", "")) == {"build", "push", "copy", "prune"}
    assert set(complete("deploy", "--builder", "")) == {"auto", "layers", "docker"}
    assert set(complete("dlq", "redrive", "")) == {"morning", "mail_report", "shout"}


def test_names_are_those_of_the_chosen_app(project, complete):
    project(
        **{"jobs.py": "from cloud_cron import CloudCron\none = CloudCron('one')\n@one.schedule()\ndef evening(): ..."}
    )

    assert set(complete("--app", "jobs", "invoke", "")) == {"evening"}
    assert set(complete("invoke", "--app", "jobs", "")) == {"evening"}


@pytest.mark.parametrize("app", [None, "1 / 0", "raise SystemExit(1)", "print('noise')\napp = 3"])
def test_where_no_app_can_be_loaded_there_is_nothing_to_offer(project, complete, capsys, app):
    project(app)

    assert complete("invoke", "") == {}
    assert capsys.readouterr().out == ""


def test_stages_are_completed(project, complete):
    project(**{"cloud-cron.toml": "[stages.prod]\n[stages.preview]\n[stages.qa]"})

    assert set(complete("list", "--stage", "")) == {"dev", "prod", "preview", "qa"}
    assert set(complete("--stage", "pr")) == {"prod", "preview"}


def test_without_a_readable_configuration_there_is_the_one_stage(project, complete):
    project(**{"cloud-cron.toml": "not toml"})

    assert set(complete("list", "--stage", "")) == {"dev"}


def test_zones_and_shells_are_completed(complete):
    assert set(complete("next", "x", "--timezone", "Europe/Berl")) == {"Europe/Berlin"}
    assert set(complete("completion", "")) == {"bash", "zsh", "fish"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell(run, shell):
    result = run("completion", shell)

    assert result.exit_code == 0
    assert "_CLOUD_CRON_COMPLETE" in result.stdout


def test_the_shell_is_taken_from_the_environment(run, monkeypatch):
    monkeypatch.setenv("SHELL", "/usr/bin/fish")
    assert run("completion").stdout == run("completion", "fish").stdout

    monkeypatch.setenv("SHELL", "/bin/unknown")
    result = run("completion")
    assert result.exit_code == 2
    assert result.stderr.startswith("error say which shell: bash, zsh, fish\n")


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_bash_accepts_its_script(run, tmp_path):
    script = tmp_path / "completion.bash"
    script.write_text(run("completion", "bash").stdout, encoding="utf-8")

    subprocess.run(["bash", "-n", str(script)], check=True, env=dict(os.environ))
