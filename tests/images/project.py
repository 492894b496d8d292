"""An app with a task, a notifier that renders a template, and dependencies; and the command line on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.images.base import ARCHITECTURE, MINOR

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT: Final = Path(__file__).resolve().parents[2]
APP: Final = '''
from pathlib import Path

import iniconfig

from cloud_cron import CloudCron

app = CloudCron("shop")


@app.schedule("rate(1 hour)")
def hourly(run):
    """Everything that it says is of the image."""
    print("compiled", Path(__cached__).exists(), "with", iniconfig.__name__)


@app.schedule(topics=["reports"])
def export(run): ...


@app.notifier("print", topics=["reports"])
def tell(message):
    return message.payload
'''
FILES: Final = {
    "app.py": APP,
    "templates/tell.txt": "{% for each in orders %}order {{ each }}\n{% endfor %}",
    "requirements.txt": "iniconfig==2.0.0\n",
    "data/größe & maß.csv": "a,b\n",
    "tests/test_app.py": "def test_nothing(): ...\n",
}
CONFIG: Final = """
python = "{python}"
architecture = "{architecture}"

[image]
base = "{base}"
repository = "{repository}"
"""


class Project:
    """The folder that a person works in; `environment` is that person's machine."""

    def __init__(self, folder: Path, base: str, repository: str, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.repository = repository
        self.environment = environment
        self.umask = 0o022
        self.write(FILES)
        self.configure(base=base)

    def write(self, files: Mapping[str, str]) -> None:
        """Write files, and what folders they need."""
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def configure(self, base: str, architecture: str = ARCHITECTURE) -> None:
        """Say where the base is, and for what architecture the image shall be."""
        words = {"python": MINOR, "architecture": architecture, "base": base, "repository": self.repository}
        self.write({"cloud-cron.toml": CONFIG.format(**words)})

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace text that is there."""
        text = (self.folder / name).read_text(encoding="utf-8")
        assert old in text
        self.write({name: text.replace(old, new)})

    def cli(self, *words: str) -> Any:
        """Run the command line there; what it printed as JSON."""
        done = subprocess.run(
            [sys.executable, "-m", "cloud_cron_cli", *words, "--json"],
            cwd=self.folder,
            env={**os.environ, **self.environment},
            umask=self.umask,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert not done.returncode, f"{' '.join(words)}: {done.returncode}\n{done.stderr}\n{done.stdout}"
        return json.loads(done.stdout)
