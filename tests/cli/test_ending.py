"""A command that is told to end: it lets go of what it began, as at an interrupt, and says by which signal it ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli.test_image_build import registry, shop  # noqa: F401 - fixtures
from tests.deploy.images.conftest import uv_cache, wheelhouse, wheels  # noqa: F401 - fixtures

if sys.platform == "win32":
    pytest.skip("Windows ends a process without asking it", allow_module_level=True)

PATIENCE = 60.0
COMMAND = [sys.executable, "-m", "cloud_cron_cli"]


@pytest.mark.usefixtures("own_cache", "shop")
def test_a_build_that_is_told_to_end_leaves_neither_children_nor_files(tmp_path, monkeypatch):
    rooms, cache = tmp_path / "rooms", Path(os.environ["CLOUD_CRON_CACHE"])
    rooms.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as index:
        index.settimeout(PATIENCE)
        monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://127.0.0.1:{index.getsockname()[1]}/simple")
        monkeypatch.setenv("UV_OFFLINE", "0")
        monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
        monkeypatch.setenv("TMPDIR", str(rooms))
        with subprocess.Popen([*COMMAND, "image", "build"], stderr=subprocess.PIPE) as process:
            child, _ = index.accept()
            inside = list(rooms.iterdir())
            process.terminate()
            said = process.communicate(timeout=PATIENCE)[1]
        child.settimeout(PATIENCE)
        with child, suppress(ConnectionResetError):
            while child.recv(65_536):
                pass

    assert (process.returncode, said.strip()) == (143, b"")
    assert inside, "the build was not at work yet"
    assert list(rooms.iterdir()) == []
    assert not [path for path in cache.rglob("*") if path.name.startswith(".")]
    assert not Path("cloud-cron.lock").exists()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_the_exit_code_says_which_signal_ended_it(project, number, code):
    project(f"import os\nos.kill(os.getpid(), {int(number)})")
    done = subprocess.run([*COMMAND, "list"], capture_output=True, check=False)

    assert (done.returncode, done.stdout, done.stderr.strip()) == (code, b"", b"")


def test_whoever_lets_go_is_not_told_twice(project):
    project("import os\ntry: os.kill(os.getpid(), 15)\nfinally:\n    os.kill(os.getpid(), 15)\n    print('let go')")
    done = subprocess.run([*COMMAND, "list"], capture_output=True, check=False)

    assert (done.returncode, done.stderr.strip()) == (143, b"let go")


def test_a_signal_that_is_to_be_ignored_is_ignored(project):
    project("import os\nos.kill(os.getpid(), 15)\nfrom cloud_cron import CloudCron\napp = CloudCron('shop')")
    done = subprocess.run(["sh", "-c", 'trap "" TERM; exec "$@"', "sh", *COMMAND, "list"], check=False)

    assert done.returncode == 0
