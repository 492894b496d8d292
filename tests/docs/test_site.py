"""The documentation site: every page has its place, and every link leads somewhere."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from scripts.docs import building, markdown, navigation
from scripts.docs.navigation import Navigation, Section
from tests.pages import ROOT


@pytest.fixture
def folder(tmp_path):
    """The sources of a site of one page."""
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "navigation.toml").write_text('[[section]]\ntitle = "All"\npages = ["index.md"]\n', encoding="utf-8")
    (docs / "index.md").write_text("# Home\n\n## A part\n", encoding="utf-8")
    return docs


def built(folder, text):
    (folder / "index.md").write_text(text, encoding="utf-8")
    return building.built(folder, folder.parent / "site", {}).problems


@pytest.mark.slow
def test_the_site_builds_without_a_broken_link(tmp_path):
    command = [sys.executable, "-m", "scripts.docs", str(tmp_path / "site")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)

    assert done.returncode == 0, done.stderr
    pages = list((tmp_path / "site").rglob("*.html"))
    assert {"index.html", "tutorial.html", "commands.html", "api.html", "errors.html"} <= {page.name for page in pages}
    loaded = [
        address
        for page in pages
        for address in re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="([^"]+)"', page.read_text(encoding="utf-8"))
    ]
    assert [address for address in loaded if "//" in address] == []


def test_every_page_has_its_place():
    docs = ROOT / "docs"
    written = {file.relative_to(docs).as_posix() for file in docs.rglob("*.md")}
    order = navigation.read(docs)
    made = {page for page in order.pages if page.startswith("reference/")}

    assert order.problems(written | made) == []
    assert made


def test_a_page_without_a_place_is_noticed():
    order = Navigation((Section("All", ("a.md", "gone.md", "a.md")),))

    assert order.problems({"a.md", "b.md"}) == [
        "navigation.toml names gone.md, which is not there",
        "navigation.toml names a.md twice",
        "b.md has no place in navigation.toml",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("# Home\n\n[x](gone.md)", "index.md links to gone.md, which is not there"),
        ("# Home\n\n[x](../README.md)", "index.md links to ../README.md, which is not there"),
        ("# Home\n\n![x](gone.svg)", "index.md links to gone.svg, which is not there"),
        ("# Home\n\n[x](#part)", "index.md links to #part of index.md, which has no such heading"),
        ("No title", "index.md does not begin with its one title"),
        ("# One\n\n# Two", "index.md does not begin with its one title"),
    ],
)
def test_what_is_broken_is_noticed(folder, text, problem):
    assert built(folder, text) == [problem]


def test_what_is_sound_is_not_complained_about(folder):
    assert built(folder, "# Home\n\n## A part\n\n[x](index.md#a-part) [y](#a-part) [z](https://example.org/)") == []
    page = (folder.parent / "site" / "index.html").read_text(encoding="utf-8")
    assert 'href="index.html#a-part"' in page
    assert '<h2 id="a-part">' in page


def test_headings_of_one_name_have_anchors_of_their_own():
    assert [heading.anchor for heading in markdown.read("# A `b`, c\n\n## X\n\n## X").headings] == ["a-b-c", "x", "x-1"]


def test_html_of_a_page_is_text():
    assert "<script>" not in markdown.read("# A\n\n<script>x</script>\n\n```console\n$ <b>\n```\n").html
