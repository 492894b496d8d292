"""Let checkov judge every template that the tests make: `python scripts/gates.py`, in the project's environment.

checkov pins most of what it stands on, so that it has an environment of its own. Where it cannot be had, one line says
so.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv-checkov"
PYTHON = VENV / "bin/python"
VERSION = "3.3.30"


def main() -> int:
    """Install checkov if it is missing, then run its tests; pytest's exit code, and 0 when they are skipped."""
    if not (is_right() or installed()):
        print("==> checkov skipped: it could not be installed")
        return 0
    environment = {**os.environ, "CHECKOV_PYTHON": str(PYTHON)}
    command = [sys.executable, "-m", "pytest", "-n", "2", "tests/deploy/template/test_checkov.py", *sys.argv[1:]]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def is_right() -> bool:
    """Whether the very version is there."""
    if not PYTHON.exists():
        return False
    # Not by its own script, whose first line cannot name a path with a space.
    found = subprocess.run([PYTHON, "-m", "checkov.main", "--version"], capture_output=True, text=True, check=False)
    return found.stdout.strip() == VERSION


def installed() -> bool:
    """Make the environment; whether it could be."""
    commands = [
        [sys.executable, "-m", "venv", "--clear", str(VENV)],
        [str(PYTHON), "-m", "pip", "install", "--quiet", f"checkov=={VERSION}"],
    ]
    return all(subprocess.run(command, cwd=ROOT, check=False).returncode == 0 for command in commands) and is_right()


if __name__ == "__main__":
    sys.exit(main())
