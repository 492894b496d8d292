"""A Python that cannot make the environment is told what is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "scripts" / "bootstrap.py"


def refusal(preparation: str) -> str:
    program = f"import runpy, sys\n{preparation}\nrunpy.run_path({str(SCRIPT)!r}, run_name='__main__')"
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, check=False, text=True)
    assert done.returncode == 1
    assert not done.stdout
    return done.stderr


def test_an_old_python_is_refused():
    message = refusal("sys.version_info = (3, 9, 1)")
    assert "needs Python 3.11 or later" in message
    assert "is 3.9" in message
    assert "make PYTHON=" in message


def test_a_python_without_venv_names_the_package():
    message = refusal("sys.modules['ensurepip'] = None")
    assert f"apt install python{sys.version_info.major}.{sys.version_info.minor}-venv" in message
