"""Where no engine can be had, `make images` says why in one line and how much is skipped, and is no failure."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="skipped there before it looks for anything")


def skipped(folder: Path, **environment: str) -> str:
    """What the script says in a checkout with one test, without packages of Debian."""
    shutil.copytree(ROOT / "scripts", folder / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "tests/images").mkdir(parents=True)
    (folder / "tests/images/test_one.py").write_text(
        "import pytest\n@pytest.mark.images\ndef test_one(): ...\n", encoding="utf-8"
    )
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = images\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(folder / "scripts/images.py")],
        env={"PATH": str(folder), **environment},
        capture_output=True,
        check=False,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()[-1]


def test_without_an_engine_the_tests_are_counted_and_skipped(tmp_path):
    said = skipped(tmp_path)

    assert said.startswith("==> 1 test of images skipped: ")
    if os.geteuid() == 0:
        assert "apt-get install" in said
    else:
        assert "need root" in said
