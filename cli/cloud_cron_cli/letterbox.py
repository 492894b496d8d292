"""Content of the outbox in the browser."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cloud_cron.local.mailbox import Letter


_OUT: Final = 1
_ERR: Final = 2


def write(letter: Letter) -> Path:
    """The html part, or the text, in a file that a browser can read."""
    content = letter.content
    html = content.get("html") or f"<pre>{escape(str(content.get('text') or content))}</pre>"
    path = Path(tempfile.mkdtemp(prefix="cloud-cron-")) / f"{letter.notifier}.html"
    path.write_text(html, encoding="utf-8-sig")  # the mark says so; a line before its own first one spoils its layout
    return path


def show(path: Path) -> subprocess.Popen[bytes]:
    """Let a process of its own find the browser: some wait for its end, and some write to the terminal."""
    nothing = subprocess.DEVNULL
    command = [sys.executable, "-m", "webbrowser", path.as_uri()]
    return subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True)


@contextmanager
def aside() -> Iterator[None]:
    """What a program that is started within writes to standard output is talk, and no data of ours."""
    sys.stdout.flush()
    kept = os.dup(_OUT)
    os.dup2(_ERR, _OUT)
    try:
        yield
    finally:
        os.dup2(kept, _OUT)
        os.close(kept)
