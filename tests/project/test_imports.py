"""What an import costs: a fixed list of modules that declaring an app, or asking for help, may not load."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PATHS = [str(ROOT), str(ROOT / "cli"), str(ROOT / "templates"), sysconfig.get_path("purelib")]

AWS = {"boto3", "botocore", "s3transfer", "urllib3"}
THIRD_PARTY = AWS | {"click", "jinja2", "markupsafe", "moto", "phonenumbers", "pytest", "rich", "twilio", "yaml"}
STANDARD = {
    "argparse",
    "asyncio",
    "concurrent.futures",
    "difflib",
    "email",
    "hashlib",
    "http",
    "http.client",
    "importlib.metadata",
    "importlib.resources",
    "logging",
    "multiprocessing",
    "pickle",
    "secrets",
    "socket",
    "sqlite3",
    "ssl",
    "subprocess",
    "tempfile",
    "tomllib",
    "unittest",
    "urllib.request",
    "uuid",
}

DECLARE = """
from cloud_cron import SKIP, CloudCron, Message, Run
app = CloudCron("lean")
@app.schedule("rate(1 hour)", "cron(0 8 ? * MON-FRI *)", topics=["a"])
def task(run: Run):
    return {"a": {}}
@app.notifier("email", topics=["a"], recipients=["a@example.com"])
def mail(message: Message):
    return SKIP
assert app.model().topics == ("a",)
"""


def loaded_by(code: str) -> set[str]:
    """The modules that the code adds to a bare interpreter: no site, no environment, no user folder."""
    program = "\n".join(
        [
            "import json, sys",
            f"sys.path += {PATHS!r}",
            "before = set(sys.modules)",
            code,
            "print(json.dumps(sorted(set(sys.modules) - before)))",
        ]
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("code", ["import cloud_cron", DECLARE], ids=["import", "declare"])
def test_declaring_an_app_loads_nothing_heavy(code: str):
    loaded = loaded_by(code)
    assert "cloud_cron" in loaded
    assert loaded & (THIRD_PARTY | STANDARD) == set()


def test_declaring_an_app_loads_only_the_authoring_part_of_the_library():
    loaded = loaded_by(DECLARE)
    assert "cloud_cron.app" in loaded
    packages = {name.split(".")[1] for name in loaded if name.startswith("cloud_cron.")}
    assert packages & {"aws", "local", "rendering", "runtime", "testing"} == set()


def test_the_command_line_starts_without_aws_and_templates():
    loaded = loaded_by("import cloud_cron_cli.main")
    assert loaded & (AWS | {"jinja2", "moto", "pytest", "sqlite3"}) == set()
