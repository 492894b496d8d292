"""Deploy the example to an emulator of AWS and see it work: `python scripts/e2e.py`, in the project's environment.

The emulator is LocalStack's core, which needs Python 3.13 and an environment of its own: it brings a package that calls
itself moto. Where it cannot be had the tests are skipped, and one line says why.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv-e2e"
PYTHON = VENV / "bin/python"
LOCK = ROOT / "tests/e2e/requirements.txt"
READY = VENV / ".ready"
VERSION = "3.13"


def main() -> int:
    """Install what is missing, then run the tests; pytest's exit code, and 0 when they are skipped."""
    why = unavailable()
    if why:
        print(f"==> end-to-end tests skipped: {why}")
        return 0
    options = ["-m", "e2e", *sys.argv[1:]]
    return subprocess.run([sys.executable, "-m", "pytest", *options, "tests/e2e"], cwd=ROOT, check=False).returncode


def unavailable() -> str:
    """Why there is no emulator; nothing when there is one."""
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if READY.exists() and READY.read_text(encoding="utf-8") == wanted and runs(PYTHON):
        return ""
    if os.name == "nt":
        return "the emulator does not run on Windows"
    python = found()
    if python is None:
        return f"LocalStack needs Python {VERSION}, and none was found; name one: make e2e E2E_PYTHON=/path/to/python"
    shutil.rmtree(VENV, ignore_errors=True)
    if not said([str(python), "-m", "venv", str(VENV)]):
        return f"{python} could not create {VENV.name}"
    if not installed():
        return "LocalStack could not be installed"
    READY.write_text(wanted, encoding="utf-8")
    return ""


def found() -> Path | None:
    """A Python of the right version: the one that E2E_PYTHON names, else one on PATH, else one that pyenv keeps."""
    named = os.environ.get("E2E_PYTHON")
    on_path = filter(None, (shutil.which(name) for name in (f"python{VERSION}", "python3", "python")))
    kept = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv").glob(f"versions/{VERSION}.*/bin/python")
    every = [Path(named)] if named else [Path(sys.executable), *map(Path, on_path), *sorted(kept)]
    return next((python for python in every if runs(python)), None)


def runs(python: Path) -> bool:
    """Whether it is there and of the right version."""
    probe = f"import sys, venv; sys.exit('%d.%d' % sys.version_info[:2] != '{VERSION}')"
    try:
        return not subprocess.run([str(python), "-c", probe], capture_output=True, check=False).returncode
    except OSError:
        return False


def installed() -> bool:
    """Install the lock, by uv or else by pip, which may be configured differently for the network."""
    rules = ["install", "--quiet", "--require-hashes", "--requirement", str(LOCK)]
    by_uv = [sys.executable, "-m", "uv", "pip", *rules, "--python", str(PYTHON)]
    return said(by_uv) or said([str(PYTHON), "-m", "pip", *rules])


def said(command: list[str]) -> bool:
    """Show a command and run it; whether it succeeded."""
    print(f"+ {' '.join(command)}", flush=True)
    return not subprocess.run(command, cwd=ROOT, check=False, env={"UV_SYSTEM_CERTS": "true", **os.environ}).returncode


if __name__ == "__main__":
    sys.exit(main())
