"""An app with a task, a notifier that renders a template, and dependencies; and the command line on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

from tests.images.base import ARCHITECTURE, MINOR

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.images.registries import Registry

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
"""


class Project:
    """The folder that a person works in; `environment` is that person's machine."""

    def __init__(self, folder: Path, base: str, environment: Mapping[str, str], umask: int = 0o022) -> None:
        self.folder = folder
        self.base = base
        self.environment = environment
        self.umask = umask

    def begin(self) -> None:
        """Write the app."""
        self.write(FILES)
        self.configure(ARCHITECTURE)

    def write(self, files: Mapping[str, str]) -> None:
        """Write files, and what folders they need."""
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def configure(self, architecture: str, **build_args: str) -> None:
        """Say for what architecture the image shall be, and what a Dockerfile is told."""
        words = {"python": MINOR, "architecture": architecture, "base": self.base}
        told = "".join(f'build_args.{name} = "{value}"\n' for name, value in build_args.items())
        self.write({"cloud-cron.toml": CONFIG.format(**words) + told})

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace text that is there."""
        text = (self.folder / name).read_text(encoding="utf-8")
        assert old in text
        self.write({name: text.replace(old, new)})

    def copied(self, folder: Path, environment: Mapping[str, str], umask: int) -> Project:
        """The same files as somebody else has them: written in another order, for nobody else to read, long ago."""
        for path in sorted(self.folder.rglob("*"), reverse=True):
            if path.is_file():
                target = folder / path.relative_to(self.folder)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())
                target.chmod(0o600)
                os.utime(target, (0, 1_000_000_000))
        return Project(folder, self.base, environment, umask)

    def cli(self, *words: str) -> Any:
        """Run the command line there; what it printed as JSON."""
        done = self.run(*words, "--json")
        assert not done.returncode, f"{' '.join(words)}: {done.returncode}\n{done.stderr}\n{done.stdout}"
        return json.loads(done.stdout)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the command line there."""
        return subprocess.run(
            [sys.executable, "-m", "cloud_cron_cli", *words],
            cwd=self.folder,
            env={**os.environ, **self.environment},
            umask=self.umask,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )


def machine(home: Path, registry: Registry) -> dict[str, str]:
    """The environment of a person whose home is new, who may push to the registry, and trusts nobody besides."""
    return {
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "DOCKER_CONFIG": str(registry.docker_config(home / ".docker")),
        "SSL_CERT_FILE": str(registry.certificates),
        "REQUESTS_CA_BUNDLE": "",
        "CURL_CA_BUNDLE": "",
    }
