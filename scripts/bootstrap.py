"""Make `.venv` what `uv.lock` says, every file checked against its hash: `python3 scripts/bootstrap.py`.

Needs Python 3.11 and nothing else. An older Python gets as far as the sentence that says so, hence no `match` here.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
UV = [str(PYTHON), "-m", "uv"]
EXTRA = ["--extra", "dev"]


def main() -> None:
    """Create the environment when it is missing or does not run, then bring it to the lock."""
    refuse_unusable_python()
    if not is_usable(PYTHON):
        run([sys.executable, "-m", "venv", "--clear", str(VENV)])
    install_uv()
    if not synced():
        sys.stderr.write("uv could not install the lock; trying pip, with pip's own configuration\n")
        install_with_pip()
    (VENV / ".ready").touch()


def refuse_unusable_python() -> None:
    """Say what is missing, and what provides it."""
    version = ".".join(map(str, sys.version_info[:2]))
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is the first that such a Python meets
        sys.exit(f"cloud-cron needs Python 3.11 or later; {sys.executable} is {version}. Try: make PYTHON=python3.13")
    if find_spec("venv") is None or find_spec("ensurepip") is None:
        sys.exit(
            f"{sys.executable} cannot create virtual environments: its venv module is not installed.\n"
            f"On Debian and Ubuntu: apt install python{version}-venv"
        )


def is_usable(python: Path) -> bool:
    """Whether the environment's Python runs, is recent enough, and has pip."""
    probe = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    return (
        python.exists() and not subprocess.run([str(python), "-c", probe], capture_output=True, check=False).returncode
    )


def install_uv() -> None:
    """The installer itself comes from the lock too."""
    import tomllib  # noqa: PLC0415 - an older Python has none, and must reach its refusal first

    packages = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))["package"]
    locked = next(package for package in packages if package["name"] == "uv")
    hashes = " ".join(f"--hash={wheel['hash']}" for wheel in locked["wheels"])
    pip("--only-binary=:all:", requirements=f"uv=={locked['version']} {hashes}\n")


def synced() -> bool:
    """Install exactly the lock. False when uv failed, for example where only pip is configured for the network."""
    environment = {"UV_SYSTEM_CERTS": "true", **os.environ, "UV_PROJECT_ENVIRONMENT": str(VENV)}
    command = [*UV, "sync", "--quiet", "--frozen", *EXTRA, "--python", str(PYTHON)]
    return run(command, check=False, env=environment) == 0


def install_with_pip() -> None:
    """The same set with the same hashes, by the installer that every Python has."""
    export = [*UV, "export", "--quiet", "--frozen", *EXTRA, "--no-emit-project", "--no-header"]
    listed = subprocess.run(export, cwd=ROOT, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout
    pip(requirements=listed)
    run([str(PYTHON), "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", "."])


def pip(*options: str, requirements: str) -> None:
    """Install the lines of a requirements file, each with its hashes."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "requirements.txt")
        file.write_text(requirements, encoding="utf-8")
        run([str(PYTHON), "-m", "pip", "install", "--quiet", "--require-hashes", *options, "--requirement", str(file)])


def run(command: list[str], *, check: bool = True, env: dict[str, str] | None = None) -> int:
    """Show the command, then run it in the project's folder; end with its exit code when it must not fail."""
    sys.stdout.write(f"+ {' '.join(command)}\n")
    sys.stdout.flush()
    code = subprocess.run(command, cwd=ROOT, check=False, env=env).returncode
    if check and code:
        sys.exit(code)
    return code


if __name__ == "__main__":
    main()
