"""Every benchmark, or those named, each in a process of its own: `python -m benchmarks [NAME...]`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent


def main() -> int:
    """Run them in turn; 1 when one failed, 2 for a name that none has."""
    known = sorted(file.stem for file in FOLDER.glob("*.py") if not file.stem.startswith("_"))
    wanted = sys.argv[1:] or known
    unknown = [name for name in wanted if name not in known]
    if unknown:
        sys.stderr.write(f"there is no benchmark {unknown[0]!r}; known: {', '.join(known)}\n")
        return 2
    return max([run(name) for name in wanted], default=0)


def run(name: str) -> int:
    """Run one under a headline of its own; 1 when it failed."""
    print(f"== {name}", flush=True)
    code = subprocess.run([sys.executable, str(FOLDER / f"{name}.py")], check=False).returncode
    print(flush=True)
    return 1 if code else 0


if __name__ == "__main__":
    sys.exit(main())
