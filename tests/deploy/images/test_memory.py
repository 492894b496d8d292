"""A layer of any size flows from registry to registry: it is never held."""

from __future__ import annotations

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from tests.deploy.images.registry import Registry

ROOT = Path(__file__).parents[3]
MEBIBYTES = 500
MOST = 100 * 1024  # KiB, of the program alone; ru_maxrss also counts what its parent held when it was started

PROGRAM = r"""
import re, sys
from pathlib import Path
from cloud_cron_cli.deploy.images.cache import FileCache
from cloud_cron_cli.deploy.images.image import Blob, Distant
from cloud_cron_cli.deploy.images.oci import OCI, Descriptor
from cloud_cron_cli.deploy.images.pushing import push
from tests.deploy.images.clients import Heard, image, layer, repository
class Place:
    def __init__(self, host): self.host = host
source, target = (repository(Place(host), "app") for host in sys.argv[1:3])
digest, size = sys.argv[3], int(sys.argv[4])
base = layer()._replace(blob=Blob(Descriptor(OCI.layer, digest, size), Distant(source, digest)))
push(image(base), target, ("1",), cache=FileCache(Path(sys.argv[5])), transfers=Heard())
print(re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_a_layer_of_500_mebibytes_takes_less_than_100(tmp_path):
    data = os.urandom(1 << 20) * MEBIBYTES
    name = f"sha256:{sha256(data).hexdigest()}"
    with Registry() as source, Registry() as target:
        source.blobs["app", name] = data
        arguments = [source.host, target.host, name, str(len(data)), str(tmp_path)]
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "cli")])}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=False, env=environ
        )

        assert done.returncode == 0, done.stderr
        assert target.blobs["app", name] == data
    assert int(done.stdout) < MOST
