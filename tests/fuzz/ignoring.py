"""Rules of .dockerignore: every line but the last; the last one is the path of a file."""

from __future__ import annotations

from typing import Final

from cloud_cron.errors import ConfigError
from cloud_cron_cli.deploy.images.ignoring import Rules, lines
from tests.fuzz.target import Target, assert_well_said, text_of


def check(data: bytes) -> None:
    """No folder is passed by from which a file comes back; one more rule at the end decides for what it names."""
    text, _, last = data.rpartition(b"\n")
    path = text_of(last)[:80]
    own = lines(text)
    try:
        found = Rules.of(own)
    except ConfigError as error:
        assert_well_said(error, {"CC887"})
        return
    out = found.leave_out(path)
    assert Rules.of(own).leave_out(path) is out
    for folder in _above(path):
        if found.leave_out(folder) and not found.may_take_back_within(folder):
            assert found.leave_out(path)
    if path.replace("/", "").isalnum() and "//" not in path and path == path.strip("/"):
        assert Rules.of([*own, path]).leave_out(path)
        assert not Rules.of([*own, f"!{path}"]).leave_out(path)


def _above(path: str) -> list[str]:
    steps = path.split("/")
    return ["/".join(steps[:count]) for count in range(1, len(steps))]


TARGET: Final = Target(
    "ignoring",
    check,
    seeds=(
        "*.csv\n!keep.csv\ndata/a.csv",
        "**/.git\n[a-c]at\nbat",
        "*\n!src\nsrc/secret*\nsrc/app.py",
        "# comment\n\n  two words\ntwo words",
        "a/**/z\n!a/*/b\na/b/b",
        "**log\n\\!important\ncatalog",
        "[^a]b?\n../x\n/\n.\nab/c",
        "a[\nb",
    ),
    words=("**", "**/", "!", "[^", "]", "\\", "/", "..", "app.py", "\r\n", "\ufeff"),
)
