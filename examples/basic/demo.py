"""Show this example at work, on the real figures of this machine. Nothing leaves it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent

STEPS = {
    "list": "The tasks, the notifiers, and when they run next.",
    "invoke hourly": "One run, now: what it published, and what each person would have received.",
    "invoke hourly --input low-limits.json": "The same with limits that any machine passes: somebody gets an sms.",
}


def main() -> int:
    """Run the steps in turn, as a person would type them."""
    tool = shutil.which("cloud-cron", path=Path(sys.executable).parent) or "cloud-cron"
    for step, why in STEPS.items():
        print(f"# {why}\n$ cloud-cron {step}\n", flush=True)
        done = subprocess.run([tool, *step.split()], cwd=FOLDER, check=False)
        if done.returncode:
            return done.returncode
        print(flush=True)
    code = os.path.relpath(FOLDER / "app.py")
    print(f"# The code is {code}. To see the mail in a browser: cloud-cron render report --open")
    return 0


if __name__ == "__main__":
    sys.exit(main())
