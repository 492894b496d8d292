"""`make release-check` makes every check, says one line for each, and fails when one has."""

from __future__ import annotations

import pytest

from scripts.release.__main__ import judge, main
from scripts.release.checks import CHECKS, Check
from scripts.release.outcomes import Failed, Ok, Skipped, judged, listed
from scripts.release.tree import Tree


def broken(_tree):
    raise LookupError("no such thing")


GOOD = Check("good", lambda _: Ok("as it should be"))
BAD = Check("bad", lambda _: Failed("not so"))
ELSEWHERE = Check("elsewhere", lambda _: Skipped("not here"))
BROKEN = Check("broken", broken)


def test_every_check_is_made_whatever_the_others_came_to(tmp_path, capsys):
    assert judge([BAD, BROKEN, ELSEWHERE, GOOD], Tree(tmp_path), (Failed,)) == 1
    assert capsys.readouterr().out.splitlines() == [
        "bad        failed   not so",
        "broken     failed   the check itself broke: LookupError: no such thing",
        "elsewhere  skipped  not here",
        "good       ok       as it should be",
    ]


@pytest.mark.parametrize(("bad", "code"), [((Failed,), 0), ((Failed, Skipped), 1)])
def test_what_was_skipped_fails_only_where_nothing_may_be(tmp_path, bad, code):
    assert judge([GOOD, ELSEWHERE], Tree(tmp_path), bad) == code


def test_one_check_can_be_asked_for_alone(tmp_path, capsys):
    (tmp_path / "cloud_cron").mkdir()
    (tmp_path / "cloud_cron/__init__.py").write_text('__version__ = "1.0.0"\n', encoding="utf-8")
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n", encoding="utf-8")

    assert main(["--only", "changelog"], tmp_path) == 1
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()] == [["changelog", "failed"]]


def test_a_check_that_does_not_exist_is_told(tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["--only", "everything"], tmp_path)
    assert "campaign" in capsys.readouterr().err


def test_the_list_says_what_each_check_answers(tmp_path, capsys):
    assert main(["--list"], tmp_path) == 0
    said = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    assert list(said) == [check.name for check in CHECKS]
    assert all(said.values())


def test_several_problems_are_one_line():
    assert judged(["one", "two"], "none") == Failed("one; two")
    assert judged([], "none") == Ok("none")
    assert listed(["a"] * 7) == "a, a, a, a, a and 2 more"
