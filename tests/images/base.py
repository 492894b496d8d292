"""A stand-in for AWS's base image of Python, made from the Python that runs the tests.

It has what functions and builds meet there: Python in /var/lang, awslambdaric in /var/runtime, pip, a shell and
a few programs, and an entrypoint that takes the name of a handler. Its C library is this machine's.
"""

from __future__ import annotations

import compileall
import platform
import py_compile
import re
import shutil
import subprocess
import sys
import sysconfig
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

MINOR: Final = f"{sys.version_info.major}.{sys.version_info.minor}"
ARCHITECTURE: Final = {"x86_64": "x86_64", "aarch64": "arm64"}[platform.machine()]
"""Lambda's word for this machine's."""
LANG: Final = "var/lang"
RUNTIME: Final = "var/runtime"
CERTIFICATES: Final = "etc/ssl/certs/ca-certificates.crt"
CLIENT: Final = ("awslambdaric", "simplejson", "snapshot-restore-py")
PROGRAMS: Final = ("sh", "env", "cat", "chmod", "cp", "find", "id", "ln", "ls", "mkdir", "mv", "rm", "touch")
WANTED: Final = r"lib(?:dl|gcc_s|nss_dns|nss_files|pthread|resolv|rt|stdc\+\+|util)\.so\.\d"
"""Libraries that wheels are linked to, or that the C library loads by name."""
UNWANTED: Final = (
    "__pycache__",
    "config-*",
    "ensurepip",
    "idlelib",
    "site-packages",
    "test*",
    "tkinter",
    "_test*",
    "_tkinter*",
)
ENVIRONMENT: Final = {
    "LANG": "en_US.UTF-8",
    "TZ": ":/etc/localtime",
    "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin:/bin:/opt/bin",
    "LD_LIBRARY_PATH": "/var/lang/lib:/var/task:/var/task/lib:/opt/lib",
    "LAMBDA_TASK_ROOT": "/var/task",
    "LAMBDA_RUNTIME_DIR": "/var/runtime",
    "SSL_CERT_FILE": f"/{CERTIFICATES}",
    "PIP_CERT": f"/{CERTIFICATES}",  # an index that this machine trusts by its own authority
}
CONFIG: Final = {
    "Env": [f"{name}={value}" for name, value in ENVIRONMENT.items()],
    "Entrypoint": ["/lambda-entrypoint.sh"],
    "WorkingDir": "/var/task",
}
START: Final = """#!/bin/sh
if [ "$#" -ne 1 ]; then
    echo "name one handler, such as app.handler" >&2
    exit 64
fi
export _HANDLER="$1" PYTHONPATH=/var/runtime
exec /var/lang/bin/python3 -m awslambdaric "$1"
"""


def make(root: Path) -> None:
    """Fill an empty folder; a few seconds."""
    for folder in ("dev", "etc", "opt", "proc", "root", "sys", "tmp", "usr/bin", "usr/local/bin", "var/task", RUNTIME):
        (root / folder).mkdir(parents=True)
    (root / "tmp").chmod(0o1777)
    _python(root)
    _distributions(root / RUNTIME, CLIENT)
    _distributions(root / LANG / f"lib/python{MINOR}/site-packages", ("pip",))
    programs = {name: Path(found) for name in PROGRAMS if (found := shutil.which(name))}
    for name, program in programs.items():
        _copy(program, root / "usr/bin" / name)
    _copy(programs["sh"], root / "bin/sh")
    _libraries(root, programs.values())
    _files(root)
    for folder in (LANG, RUNTIME):
        compileall.compile_dir(
            root / folder,
            stripdir=str(root),
            prependdir="/",
            quiet=2,
            workers=0,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )


def _python(root: Path) -> None:
    """The interpreter, its library, and the standard library without what no function needs."""
    lang, program = root / LANG, Path(sys.base_prefix, "bin", f"python{MINOR}")
    _copy(program, lang / "bin" / program.name)
    for link in ("python3", "python"):
        (lang / "bin" / link).symlink_to(program.name)
    shutil.copytree(
        sysconfig.get_path("stdlib", vars={"installed_base": sys.base_prefix}),
        lang / f"lib/python{MINOR}",
        symlinks=True,
        ignore=shutil.ignore_patterns(*UNWANTED),
    )
    for shared in Path(sys.base_prefix, "lib").glob(f"libpython{MINOR}.so*"):
        shutil.copy2(shared, lang / "lib" / shared.name, follow_symlinks=False)
    strip = shutil.which("strip")
    if strip:
        large = [str(file) for file in (*lang.rglob("*.so*"), lang / "bin" / program.name) if not file.is_symlink()]
        subprocess.run([strip, "--strip-unneeded", *large], check=True)


def _distributions(folder: Path, names: tuple[str, ...]) -> None:
    """Copy installed distributions: the lock of this project has chosen and checked them."""
    for name in names:
        for file in distribution(name).files or ():
            if ".." not in file.parts and "__pycache__" not in file.parts:
                _copy(Path(str(file.locate())), folder / file)


def _libraries(root: Path, programs: Iterable[Path]) -> None:
    """The C library and whatever else the programs are linked to, at this machine's places."""
    known = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
    libraries = {Path(path) for path in re.findall(rf"^\t{WANTED} \(libc6[^)]*\) => (\S+)$", known, re.MULTILINE)}
    linked = {*(root / "var").rglob("*.so*"), *(root / LANG / "bin").iterdir(), *programs, *libraries}
    told = subprocess.run(["ldd", *map(str, linked)], capture_output=True, text=True, check=False).stdout
    libraries |= {Path(path) for path in re.findall(r"^\s(?:\S+ => )?(/\S+) \(0x", told, re.MULTILINE)}
    for library in libraries:
        if not library.is_relative_to(sys.base_prefix) or sys.base_prefix == "/usr":
            _copy(library, root / str(library).lstrip("/"))


def _files(root: Path) -> None:
    """What the C library and the engine look for, and the entrypoint."""
    pip = "#!/var/lang/bin/python3\nimport sys\nfrom pip._internal.cli.main import main\nsys.exit(main())\n"
    texts = {
        f"{LANG}/bin/pip": pip,
        "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
        "etc/group": "root:x:0:\n",
        "etc/nsswitch.conf": "hosts: files dns\n",
        "lambda-entrypoint.sh": START,
    }
    for name, text in texts.items():
        (root / name).write_text(text, encoding="utf-8")
    for program in (f"{LANG}/bin/pip", "lambda-entrypoint.sh"):
        (root / program).chmod(0o755)
    if Path("/", CERTIFICATES).exists():
        _copy(Path("/", CERTIFICATES), root / CERTIFICATES)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)
