"""Layers of an image that was made before."""

from __future__ import annotations

import json

import pytest

from cloud_cron_cli.deploy.images import reusing
from cloud_cron_cli.deploy.images.oci import OCI
from tests.deploy.images.stand_ins import EndlessRepository, HeldRepository, KeptCache


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"rootfs": {"diff_ids": ["sha256:1"]}, "history": [{"comment": "cloud-cron app:1"}]}, 2),
        ({"rootfs": {"diff_ids": ["sha256:1"]}, "history": 3}, 0),
        ({"rootfs": {"diff_ids": ["sha256:1"]}, "history": [{"comment": 3}]}, 0),
        ({"history": [{}]}, 0),
        ([], 0),
    ],
)
def test_one_that_cannot_be_read_is_as_good_as_none(tmp_path, config, expected):
    repository = HeldRepository()
    repository.write(OCI, config, [b"a layer"], "1")

    assert len(reusing.before((repository, "1"), KeptCache(tmp_path))) == expected


def test_one_whose_configuration_does_not_end_neither(tmp_path):
    repository = EndlessRepository()
    repository.write(OCI, {}, [b"a layer"], "1")

    assert reusing.before((repository, "1"), KeptCache(tmp_path)) == {}
    assert repository.asked["mebibytes"] == 5


@pytest.mark.parametrize("digest", ["../../.ssh/id", 3])
def test_one_whose_manifest_names_no_blobs_neither(tmp_path, digest):
    repository = HeldRepository()
    image = repository.write(OCI, {}, [b"a layer"])
    plain = json.loads(image.raw)
    plain["layers"][0]["digest"] = digest
    repository.put("1", image._replace(raw=json.dumps(plain).encode()))

    assert reusing.before((repository, "1"), KeptCache(tmp_path)) == {}
