"""The examples are what newcomers read first: their own tests, checks and demos run here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import run, untouched_imports
from tests.pages import Page

__all__ = ["run", "untouched_imports"]

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
PROJECTS = sorted(file.parent.name for file in EXAMPLES.glob("*/app.py"))


def ran(folder: Path, *command: str) -> str:
    """What a command in the folder says, in a pipe, on a terminal of 80 columns, once it ended well."""
    environment = {**os.environ, "COLUMNS": "80", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def test_there_are_examples():
    assert "basic" in PROJECTS


@pytest.mark.parametrize("name", PROJECTS)
def test_the_checks_find_nothing_to_say(name: str, run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(EXAMPLES / name)
    said = run("check", "--strict")

    assert said.exit_code == 0, said.output


@pytest.mark.parametrize("name", PROJECTS)
def test_an_example_is_no_longer_than_a_page(name: str):
    assert len((EXAMPLES / name / "app.py").read_text(encoding="utf-8").splitlines()) <= 90


@pytest.mark.slow
@pytest.mark.parametrize("name", PROJECTS)
def test_the_commands_of_its_readme_run_its_tests_among_them(name: str, tmp_path: Path):
    left = shutil.ignore_patterns(".*_cache", ".cloud-cron", "__pycache__")
    page = Page(f"examples/{name}/README.md")

    assert "pytest" in {command.line.split()[0] for command in page.commands()}
    page.check(Path(shutil.copytree(EXAMPLES / name, tmp_path / name, ignore=left)))
    assert [target for target in page.links() if not (EXAMPLES / name / target).exists()] == []


@pytest.mark.parametrize("name", PROJECTS)
def test_what_an_example_is_fits_into_a_line(name: str):
    line, *_ = (EXAMPLES / name / "app.py").read_text(encoding="utf-8").splitlines()

    assert re.fullmatch(r'"""[A-Z].{20,85}\.("""|)', line)


@pytest.mark.parametrize("name", PROJECTS)
def test_a_mail_loads_nothing_from_a_server(name: str):
    mails = [file.read_text(encoding="utf-8") for file in (EXAMPLES / name / "templates").glob("*.html")]

    assert mails
    assert not [mail for mail in mails if re.search(r"""<link|@import|src=["'](?!cid:)|url\(""", mail)]


@pytest.mark.parametrize("name", PROJECTS)
def test_an_example_names_nobody_who_could_be_told(name: str):
    files = [file for file in (EXAMPLES / name).rglob("*") if file.suffix in {".csv", ".json", ".py", ".toml"}]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)

    assert not re.search(r"\+(?!120255501)\d{8,}", text), "numbers that nobody has are +1 202 555 01xx"
    assert set(re.findall(r"\w@([\w.]+\w)", text)) <= {"example.com"}


def test_the_demo_shows_what_every_notifier_would_send():
    shown = ran(EXAMPLES / "basic", sys.executable, "demo.py")

    for said in ("ops@example.com", "+12025550123", ": disk at ", "alerts: "):
        assert said in shown
    assert re.search("subject .*: disk.* over the limit", shown)
    assert "Traceback" not in shown
    assert "\x1b[" not in shown, "a pipe gets no colours"
    assert max(map(len, shown.splitlines())) <= 100
