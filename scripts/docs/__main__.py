"""Build the site: `python -m scripts.docs [FOLDER]`, in the project's environment; exit code 1 for a broken link."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from scripts.docs import reference
from scripts.docs.building import built

ROOT = Path(__file__).resolve().parents[2]


def main(out: Path) -> int:
    """Build into a folder whose old content goes, and say what is wrong."""
    shutil.rmtree(out, ignore_errors=True)
    site = built(ROOT / "docs", out, reference.PAGES)
    for problem in site.problems:
        print(f"error: {problem}", file=sys.stderr)
    print(f"==> {site.pages} pages, {out / 'index.html'}")
    return 1 if site.problems else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "docs"))
