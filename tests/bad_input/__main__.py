"""Meet every row, and count: `python -m tests.bad_input`."""

from __future__ import annotations

import signal
import sys

from tests.bad_input.meeting import impossible, met
from tests.bad_input.row import faults
from tests.bad_input.whole import CATALOGUE


def main() -> int:
    """Say which rows are wrong, and how many are right; 1 when one is wrong."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell starts in the background ignores it
    right = shown = 0
    rows = [row for row in CATALOGUE if not impossible(row)]
    for row in rows:
        told = met(row)
        wrong = faults(row, told)
        right += not wrong
        shown += told.has_our_traceback
        sys.stdout.writelines(f"{row.number}: {each}\n" for each in wrong)
    sys.stdout.write(f"bad inputs right: {right} of {len(rows)}, tracebacks shown: {shown}\n")
    return 0 if right == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
