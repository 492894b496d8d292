"""The pages of docs/ are followed as a reader would, and what they only name must exist."""

from __future__ import annotations

import re
import shlex
import sys

import click
import pytest

from cloud_cron.aws.names import resource_name
from cloud_cron.config import load
from cloud_cron_cli.main import cli
from tests import aws_cli
from tests.pages import ROOT, Page

ALL = sorted(file.relative_to(ROOT).as_posix() for file in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
OF_THEIR_OWN = {"README.md", "docs/operate.md"}
"""Pages that other tests follow."""

EXAMPLES = sorted(file.relative_to(ROOT).as_posix() for file in (ROOT / "examples").glob("*/README.md"))
"""Pages whose commands tests/test_examples.py runs."""

SLOW = {
    "docs/from-crontab.md",
    "docs/howto/catch-up.md",
    "docs/howto/custom-tasks.md",
    "docs/howto/secrets.md",
    "docs/tutorial.md",
    "docs/walkthrough.md",
}
FOLLOWED = [
    pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else [])
    for name in ALL
    if name not in OF_THEIR_OWN and Page(name).commands()
]


def named(text: str) -> list[list[str]]:
    """The words of each command that stands within a sentence, without its name."""
    spans = re.findall(
        r"(?<!`)`cloud-cron ([a-z][^`]*)`", re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)
    )
    return [shlex.split(" ".join(span.split())) for span in spans]


def parsed(words: list[str]) -> None:
    """Find the command, and each of its options; raises `click.UsageError` for what does not exist."""
    command: click.Command = cli
    context = click.Context(cli)
    rest = list(words)
    while isinstance(command, click.Group) and rest:
        name, *rest = rest
        found = command.get_command(context, name)
        if found is None:
            message = f"no command {name}"
            raise click.UsageError(message)
        command, context = found, click.Context(found, context)
    command.make_parser(context).parse_args(rest)


@pytest.mark.skipif(sys.platform == "win32", reason="hosts fork, so that there are none on Windows")
@pytest.mark.parametrize("name", FOLLOWED)
def test_a_page_says_what_its_commands_say(name, tmp_path):
    Page(name).follow(tmp_path)


@pytest.mark.parametrize("name", [*ALL, *EXAMPLES])
def test_commands_that_a_page_only_names_exist(name):
    page = Page(name)

    for words in [*page.elsewhere(), *named(page.text)]:
        try:
            parsed(words)
        except click.UsageError as error:
            pytest.fail(f"{name}: cloud-cron {shlex.join(words)}: {error.format_message()}")


@pytest.mark.parametrize("line", ["deploy --stage prod --rocket", "launch", "dlq throw", "image copy --sideways A B"])
def test_what_does_not_exist_is_noticed(line):
    with pytest.raises(click.UsageError):
        parsed(line.split())


def test_the_tutorial_goes_all_the_way():
    page = Page("docs/tutorial.md")
    run_here = {words[1] for words in (command.line.split() for command in page.commands()) if len(words) > 1}
    elsewhere = {words[0] for words in page.elsewhere()}

    assert {"check", "list", "next", "invoke", "render", "simulate", "dev", "serve", "doctor", "package"} <= run_here
    assert {"plan", "deploy", "outputs", "status", "doctor", "dlq", "destroy"} <= elsewhere


@pytest.mark.parametrize("name", [*ALL, *EXAMPLES])
def test_commands_of_the_aws_cli_are_as_the_models_of_aws_say(name):
    for call in aws_cli.calls(Page(name)):
        named = [call.parameters[key] for key in ("FunctionName", "logGroupName") if key in call.parameters]
        for function in (each.rpartition("/")[2] for each in named):
            app, stage, part, _ = function.split("-")
            assert function in {resource_name(app, stage, kind, part) for kind in ("task", "notifier")}


@pytest.mark.parametrize(
    "line",
    [
        "sns publsh --topic-arn x",
        "sns publish --topic x --message y",
        "sns publish --message y --message-attributes []",
        "events disable-rule",
        "queues list",
    ],
)
def test_what_the_aws_cli_would_refuse_is_noticed(line):
    with pytest.raises(aws_cli.WrongError):
        aws_cli.read(line.split())


@pytest.mark.parametrize("name", [*ALL, *EXAMPLES])
def test_targets_of_make_exist_and_so_do_the_tests_that_they_are_given(name):
    page = Page(name)
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    blocks = [line for block in page.blocks if block.kind in {"console", "sh"} for line in block.text.splitlines()]
    shell = [line.removeprefix("$ ") for line in blocks if line.removeprefix("$ ").startswith("make ")]
    words = [word for line in [*shell, *re.findall(r"`(make [^`]+)`", page.text)] for word in shlex.split(line)[1:]]

    assert {word for word in words if "=" not in word} <= targets
    assert [word for word in words if word.startswith("TESTS=") and not (ROOT / word[6:]).exists()] == []


@pytest.mark.parametrize("name", ALL)
def test_what_a_page_writes_into_the_configuration_is_accepted(name, tmp_path):
    for block in Page(name).blocks:
        if block.kind == "toml" and "[project]" not in block.text:
            (tmp_path / "cloud-cron.toml").write_text(block.text, encoding="utf-8")
            load(tmp_path, "prod")
