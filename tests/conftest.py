"""What every test shares: Hypothesis profiles, what is read once, an environment from which nothing gets out."""

from __future__ import annotations

import gc
import os
import signal
import sys
from functools import cache
from typing import TYPE_CHECKING

import botocore.session
import pytest
from hypothesis import HealthCheck, settings

from tests.trying import QUICK, THOROUGH

if TYPE_CHECKING:
    from collections.abc import Iterator

settings.register_profile("default", max_examples=THOROUGH, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("default"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")

NOBODY = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
for name in [name for name in os.environ if name.startswith(("AWS_", "CLOUD_CRON_"))]:
    del os.environ[name]
os.environ.update(NOBODY)
signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell starts in the background ignores it

# What is printed by users' processes waits in a buffer, unless somebody asked for the contrary.
os.environ.pop("PYTHONUNBUFFERED", None)

# A hundred processes are started here: what one has compiled, the others need not compile again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# What botocore knows of the services takes longer to read than most tests take: the sessions of a process share it.
botocore.session.create_loader = cache(botocore.session.create_loader)


CHOSEN = ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL")
CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


@pytest.fixture(autouse=True)
def what_a_command_sets_for_its_process_ends_with_its_test() -> Iterator[None]:
    """A command of ours tells every client of its process which AWS was chosen, by the environment."""
    before = {name: os.environ.get(name) for name in CHOSEN}
    yield
    for name, value in before.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@pytest.fixture(scope="module", autouse=True)
def credentials_end_with_their_module() -> Iterator[None]:
    """Those that moto or a test sets would give the modules after it an account."""
    before = [os.environ.get(name) for name in CREDENTIALS]
    yield
    assert [os.environ.get(name) for name in CREDENTIALS] == before, "credentials outlive the tests of this module"


def pytest_configure(config: pytest.Config) -> None:
    """Who leaves the slow tests out wants an answer soon: properties are tried on fewer examples, too."""
    if "not slow" in config.option.markexpr:
        settings.register_profile("quick", parent=settings(), max_examples=QUICK)
        settings.load_profile("quick")


def pytest_collection_finish() -> None:
    """Thousands of tests and modules stay to the end: spare the collector of cycles looking at them again and again."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def refuse_the_network(event: str, arguments: tuple[object, ...]) -> None:
    """Audit hook: a connection or a look-up beyond loopback is an error in the test that caused it."""
    match event, arguments:
        case "socket.connect" | "socket.sendto", (_, (host, *_)):
            pass
        case "socket.getaddrinfo", (host, *_):
            pass
        case _:
            return
    name = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    if name not in {"localhost", "::1", "::", "0.0.0.0"} and not name.startswith("127."):  # noqa: S104 - not bound to
        message = f"tests stay on this machine; {event} wanted {name}"
        raise RuntimeError(message)


sys.addaudithook(refuse_the_network)
