"""A copy of the example as an image, and the command line on it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from tests.e2e.emulator import REGION, ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.emulator import LocalStack

STAGE = "e2e"
CONFIG = """

[stages.{stage}.watch]
topic = "trouble"

[stages.{stage}.channels.email]
smtp = "smtp+plain://localhost:{port}"

[stages.{stage}.notifiers.alert]
enabled = false  # nobody here receives an sms

[stages.{stage}.notifiers.report]
recipients = ["ops@example.com", "busy@example.com", "gone@example.com"]
"""
MORE = """

@app.schedule(topics=["late"], timeout=3)
def slow():
    tried = Path(__file__).with_name("tried")
    if not tried.exists():
        tried.touch()
        time.sleep(60)
    return {"late": {"host": "db-2", "name": "disk", "percent": 7}}


@app.schedule(topics=["late"])
def large():
    return {"late": {"host": "db-3", "name": "memory", "percent": 8, "padding": "x" * 300_000}}


@app.notifier("print", topics=["alerts"], attempts=2)
def picky(message: Message):
    raise LookupError("no words for " + message.payload["name"])


@app.notifier("print", topics=["trouble"])
def watcher(message: Message):
    about = message.payload.get("task") or message.payload["notifier"]
    return f"trouble: {message.payload['kind']} {about}, {message.payload['error']['type']}"
"""


class Project:
    """The folder that a person works in; `build` makes an image of what it holds."""

    def __init__(self, folder: Path, localstack: LocalStack, smtp: int) -> None:
        self.folder = folder
        self.account = localstack.account()
        self._images = localstack.images
        shutil.copytree(ROOT / "examples/basic", folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        with (folder / "cloud-cron.toml").open("a", encoding="utf-8") as file:
            file.write(CONFIG.format(stage=STAGE, port=smtp))
        self.edit(
            "app.py",
            "from dataclasses import asdict\n",
            "import time\nfrom dataclasses import asdict\nfrom pathlib import Path\n",
        )
        with (folder / "app.py").open("a", encoding="utf-8") as file:
            file.write(MORE)
        with (folder / "templates/report.txt").open("a", encoding="utf-8") as file:
            file.write("\nRun {{ message.run_id }}\n")

    def build(self) -> str:
        """The URI of an image with what the folder holds now; the same for the same files."""
        files = sorted(path for path in self.folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        digest = hashlib.sha256(str(self.folder).encode())
        for path in files:
            digest.update(str(path.relative_to(self.folder)).encode() + b"\0" + path.read_bytes())
        name = digest.hexdigest()
        shutil.copytree(self.folder, self._images / name, dirs_exist_ok=True)
        return f"{self.account.id}.dkr.ecr.{REGION}.amazonaws.com/basic@sha256:{name}"

    def deploy(self, *words: str) -> Any:
        """Deploy what the folder holds now."""
        return self.cli("deploy", "--image-uri", self.build(), *words)

    def plan(self, code: int = 0) -> Any:
        """What such a deploy would do; `code` is 2 where it would do something."""
        return self.cli("plan", "--image-uri", self.build(), "--exit-code", code=code)

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace text that is there."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def cli(self, *words: str, code: int = 0) -> Any:
        """Run the command line there; what it printed as JSON."""
        done = self._run(*words)
        assert done.returncode == code, f"{' '.join(words)}: {done.returncode}\n{done.stderr}\n{done.stdout}"
        return json.loads(done.stdout)

    def refused(self, code: str, *words: str) -> None:
        """Run a command that must say this error."""
        done = self._run(*words)
        assert done.returncode in {1, 2}
        assert code in done.stderr

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "cloud_cron_cli", "--stage", STAGE, "--region", REGION]
        return subprocess.run(
            [*command, "--endpoint-url", self.account.url, *words, "--json"],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], **self.account.environment},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
