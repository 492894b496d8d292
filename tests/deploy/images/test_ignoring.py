"""A .dockerignore, read as Docker reads it."""

from __future__ import annotations

import posixpath
import re
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cloud_cron.errors import ConfigError
from cloud_cron_cli.deploy.images.ignoring import Rules, lines, rules
from cloud_cron_cli.deploy.images.patterns import translated
from tests.trying import examples

STEPS = st.text("ab.é", min_size=1, max_size=3).filter(lambda step: step not in {".", ".."})
PATHS = st.lists(STEPS, min_size=1, max_size=4).map("/".join)
PARTS = st.sampled_from(["a", "b", ".", "é", "*", "**", "?", "[ab]", "[^a]", "[a-b.]", r"\a", r"\*", "/", "/", "**/"])
PATTERNS = st.lists(PARTS, min_size=1, max_size=6).map("".join)
LINES = st.lists(st.tuples(st.sampled_from(["", "!"]), PATTERNS).map("".join), max_size=5)


def fits(pattern, path):
    """The obvious way, a character at a time."""
    if pattern.startswith("**") and "/" not in pattern[2:3] and not re.search(r"[*?\[\\]", pattern[2:]):
        return path.endswith(pattern[2:])
    return _fits(pattern, path)


def _fits(pattern, path):
    match pattern[:1]:
        case "":
            return not path
        case "*" if pattern.startswith("**"):
            rest = pattern[3:] if pattern[2:3] == "/" else pattern[2:]
            below = [path[at + 1 :] for at, char in enumerate(path) if char == "/"]
            return not rest or any(_fits(rest, tail) for tail in [path, *below])
        case "*":
            return _fits(pattern[1:], path) or (path[:1] not in {"", "/"} and _fits(pattern, path[1:]))
        case "?":
            return path[:1] not in {"", "/"} and _fits(pattern[1:], path[1:])
        case "[":
            inside, _, rest = pattern[1:].partition("]")
            wanted = inside.removeprefix("^").replace("a-b", "ab")
            return bool(path) and (path[0] in wanted) != inside.startswith("^") and _fits(rest, path[1:])
        case "\\":
            return path[:1] == pattern[1:2] and _fits(pattern[2:], path[1:])
        case literal:
            return path[:1] == literal and _fits(pattern[1:], path[1:])


def cleaned(line):
    pattern = posixpath.normpath(re.sub("^/+", "/", line))
    return pattern[1:] if len(pattern) > 1 and pattern[0] == "/" else pattern


def above(path):
    steps = path.split("/")
    return ["/".join(steps[:count]) for count in range(1, len(steps) + 1)]


def left_out(written, path):
    """The last line that fits the path or a folder above it decides."""
    for line in reversed(written):
        pattern = cleaned(line.removeprefix("!"))
        if any(fits(pattern, each) for each in above(path)):
            return not line.startswith("!")
    return False


@given(LINES, PATHS)
@example(["**.b"], "a.b")
@example(["**", "!a/**", "a/b*"], "a/b/c")
def test_the_rules_say_what_the_obvious_way_says(written, path):
    assert Rules.of(written).leave_out(path) == left_out(written, path)


@given(LINES, PATHS)
@example(["a", "!a/*/b"], "a/b/b")
def test_no_folder_is_passed_by_from_which_something_may_come_back(written, path):
    found = Rules.of(written)

    passed_by = [each for each in above(path)[:-1] if found.leave_out(each) and not found.may_take_back_within(each)]
    assert not passed_by or found.leave_out(path)


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*.py", "app.py", True),
        ("*.py", "shop/app.py", False),
        ("*/*.py", "shop/app.py", True),
        ("/app.py", "app.py", True),
        ("shop/", "shop/app.py", True),
        ("./shop//app.py", "shop/app.py", True),
        ("shop/../app.py", "app.py", True),
        ("**/app.py", "app.py", True),
        ("**/app.py", "a/b/app.py", True),
        ("**/app.py", "a/my_app.py", False),
        ("**log", "a/catalog", True),
        ("shop/**", "shop", False),
        ("shop/**", "shop/a/b", True),
        ("shop**", "shopping/a", True),
        ("a/**/z", "a/z", True),
        ("a/**/z", "a/b/c/z", True),
        ("two words", "two words", True),
        ("  two words\t", "two words", True),
        ("[a-c]at", "bat", True),
        ("[^a-c]at", "bat", False),
        ("[^a]at", "éat", True),
        (r"\!important", "!important", True),
        (r"a\*b", "axb", False),
        ("a.c", "abc", False),
        ("a]b", "a]b", True),
        ("a(b)|c+$^", "a(b)|c+$^", True),
        ("ab", "abc", False),
        (".", "app.py", False),
        ("/", "app.py", False),
        ("../app.py", "app.py", False),
        ("  # no comment", "# no comment", True),
    ],
)
def test_a_pattern_fits_what_it_fits_for_docker(pattern, path, expected):
    assert Rules.of([pattern]).leave_out(path) == expected


def test_the_last_rule_that_fits_wins():
    found = Rules.of(["*", "!src", "src/secret*", "!src/secret_santa.py"])

    assert [
        path for path in ("app.py", "src/a.py", "src/secret.py", "src/secret_santa.py") if not found.leave_out(path)
    ] == [
        "src/a.py",
        "src/secret_santa.py",
    ]


def test_comments_blank_lines_a_mark_of_utf8_and_ends_of_lines_of_windows_are_no_rules():
    text = b"\xef\xbb\xbf# first\r\n\r\n   \r\n*.csv\r\n#last"

    found = Rules.of(lines(text))

    assert found.leave_out("a.csv")
    assert not found.leave_out("# first")
    assert not found.leave_out("#last")


@pytest.mark.parametrize("line", ["!", "! ", "a[", "a[]", "[^]", "[a-]", "[-a]", "[z-a]", "a\\", "[a"])
def test_what_docker_refuses_is_refused(line):
    with pytest.raises(ConfigError, match=r"CC887 \.dockerignore has the rule"):
        Rules.of([line])


@settings(max_examples=examples(50))
@given(st.text(max_size=12))
def test_no_line_breaks_anything(line):
    try:
        found = Rules.of([line])
    except ConfigError:
        return
    found.leave_out("a/b")
    found.may_take_back_within("a/b")


@given(st.binary(max_size=40))
def test_no_bytes_break_anything(text):
    with suppress(ConfigError):
        assert rules(text).leave_out("app.py") in {True, False}


def test_translated_is_anchored_by_nobody():
    assert translated("**/a?") == "(?:.*/)?a[^/]"


@pytest.mark.parametrize(
    "path",
    [
        "app.py",
        "cloud-cron.toml",
        "shop/__init__.py",
        "shop/testing.py",
        "shop/latest.py",
        "ab_test.py",
        "templates/report.html",
        "templates/build/x.txt",
        "shop/samples/a.json",
        "data/prompt.md",
        "out/data.json",
        "pyproject.toml",
        "shop/README.md",
        ".config/settings.json",
    ],
)
def test_what_an_app_may_need_is_kept_by_default(path):
    assert not rules(None).leave_out(path)


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        ".github/workflows/ci.yml",
        "tests/test_app.py",
        "shop/tests/data.json",
        "test_app.py",
        "shop/conftest.py",
        "samples/orders.json",
        ".venv/bin/python",
        "web/node_modules/x/index.js",
        "__pycache__/app.cpython-313.pyc",
        "shop/app.pyc",
        ".ruff_cache/x",
        ".cloud-cron/dev.db",
        "cloud-cron.lock",
        "Dockerfile",
        ".dockerignore",
        ".idea/x.xml",
        ".app.py.swp",
        "app.py~",
        ".DS_Store",
        "out/template-p1.json",
        "out/model.json",
    ],
)
def test_what_no_function_needs_is_left_out_by_default(path):
    assert rules(None).leave_out(path)


def test_the_projects_own_rules_overrule_ours():
    found = rules(b"!samples\nshop\n")

    assert not found.leave_out("samples/orders.json")
    assert found.leave_out("shop/app.py")
