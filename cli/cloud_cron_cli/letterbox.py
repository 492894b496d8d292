"""Content of the outbox in the browser."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cloud_cron.local.mailbox import Letter


def write(letter: Letter) -> Path:
    """The html part, or the text, in a file that a browser can read."""
    content = letter.content
    html = content.get("html") or f"<pre>{escape(str(content.get('text') or content))}</pre>"
    path = Path(tempfile.mkdtemp(prefix="cloud-cron-")) / f"{letter.notifier}.html"
    path.write_text(f'<meta charset="utf-8">\n{html}', encoding="utf-8")
    return path


def show(path: Path) -> subprocess.Popen[bytes]:
    """Let a process of its own find the browser: some wait for its end, and some write to the terminal."""
    nothing = subprocess.DEVNULL
    command = [sys.executable, "-m", "webbrowser", path.as_uri()]
    return subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True)
