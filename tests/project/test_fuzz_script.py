"""Where the fuzzer cannot be had, `make fuzz` says why in one line, and is no failure."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def ran(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The script in a checkout that has no fuzzer yet."""
    for name in ("scripts/fuzz.py", "tests/fuzz/requirements.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    command = [sys.executable, str(folder / "scripts/fuzz.py"), *words]
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, check=False, text=True)


def test_without_the_fuzzer_it_is_skipped(tmp_path):
    empty = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "PIP_CONFIG_FILE": os.devnull}
    done = ran(tmp_path, **empty)

    assert done.returncode == 0
    assert done.stdout.splitlines()[-1].startswith("==> fuzzing skipped: atheris ")


@pytest.mark.parametrize("words", ["2", "soon", "-1m"])
def test_a_time_that_is_none_is_told(tmp_path, words):
    done = ran(tmp_path, words)

    assert (done.returncode, done.stderr) == (1, f"FUZZ={words} is no time: write 90s, 2m or 1h\n")
