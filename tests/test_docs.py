"""docs/errors.md is the list of every code that a person can meet: nothing is missing, nothing is left over."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "errors.md"
CODE = r"(?:CC|W)\d{3}"


def in_source() -> dict[str, set[str]]:
    """Code -> the files that say it, as a string of its own."""
    found: dict[str, set[str]] = {}
    for folder in ("cloud_cron", "cli/cloud_cron_cli"):
        for file in (ROOT / folder).rglob("*.py"):
            for code in re.findall(rf'"({CODE})"', file.read_text(encoding="utf-8")):
                found.setdefault(code, set()).add(file.relative_to(ROOT).as_posix())
    return found


def in_page() -> list[tuple[str, str]]:
    """The rows of the page: code and sentence, in order."""
    return re.findall(rf"^\| `({CODE})` \| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


def test_every_code_of_the_source_has_its_sentence():
    listed = {code for code, _ in in_page()}
    missing = {code: sorted(files) for code, files in sorted(in_source().items()) if code not in listed}

    assert not missing, f"give each a row in docs/errors.md, in numerical order: {missing}"


def test_every_row_is_about_a_code_of_the_source():
    said = in_source()
    gone = [code for code, _ in in_page() if code not in said]

    assert not gone, f"nothing says these any more; take their rows out of docs/errors.md: {gone}"


def test_rows_are_in_order_each_once_and_each_a_sentence():
    rows = in_page()
    codes = [code for code, _ in rows]

    assert codes == sorted(set(codes))
    assert [code for code, sentence in rows if not re.fullmatch(r"[^a-z\s].{10,}\.", sentence)] == []
