"""Where the emulator cannot be had, `make e2e` says why in one line, and is no failure."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="skipped there before it looks for anything")


def skipped(folder: Path, python: Path) -> str:
    """What the script says in a checkout that has no emulator yet, with that Python for it."""
    for name in ("scripts/e2e.py", "tests/e2e/requirements.txt"):
        (folder / name).parent.mkdir(parents=True)
        shutil.copy(ROOT / name, folder / name)
    done = subprocess.run(
        [sys.executable, str(folder / "scripts/e2e.py")],
        env={"PATH": os.environ["PATH"], "E2E_PYTHON": str(python)},
        capture_output=True,
        check=False,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()[-1]


def test_without_the_right_python_it_is_skipped(tmp_path):
    said = skipped(tmp_path, tmp_path / "python3.13")

    assert said.startswith("==> end-to-end tests skipped: LocalStack needs Python 3.13")
    assert "make e2e E2E_PYTHON=" in said


def test_an_environment_that_cannot_be_made_is_a_reason_to_skip(tmp_path):
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\n[ "$1" = -c ]\n', encoding="utf-8")  # of the right version, and good for nothing
    python.chmod(0o755)

    assert skipped(tmp_path, python).endswith("could not create .venv-e2e")
