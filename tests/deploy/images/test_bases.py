"""The image that an app's image stands on."""

from __future__ import annotations

import json

import pytest

from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.images import bases
from cloud_cron_cli.deploy.images.image import BASE
from cloud_cron_cli.deploy.images.lockfile import BasePin, Lock
from cloud_cron_cli.deploy.images.oci import DOCKER, OCI, Document, digest
from cloud_cron_cli.deploy.images.options import ImageOptions
from tests.deploy.images.stand_ins import EndlessRepository, HeldRepository, KeptCache

INTEL = ImageOptions("3.13")
ARM = ImageOptions("3.13", "arm64")
DEFAULT = "public.ecr.aws/lambda/python:3.13"
LAYER = b"a layer"
LAYER_TAR = "sha256:" + "1" * 64


def config(architecture="amd64", **settings):
    said = {"Entrypoint": ["/lambda-entrypoint.sh"], "Env": ["LAMBDA_TASK_ROOT=/var/task"], **settings}
    rootfs = {"type": "layers", "diff_ids": [LAYER_TAR]}
    return {"architecture": architecture, "os": "linux", "config": said, "rootfs": rootfs}


def index(repository, *architectures, tag="3.13"):
    """An index of images for these, with an attestation, as builders write them."""
    images = {each: repository.write(OCI, config(each), [LAYER]) for each in architectures}
    for image in images.values():
        repository.put(image.digest, image)
    listed = [
        {
            "mediaType": OCI.manifest,
            "digest": image.digest,
            "size": len(image.raw),
            "platform": {"architecture": each, "os": "linux"},
        }
        for each, image in images.items()
    ]
    attestation = {**listed[0], "platform": {"architecture": "unknown", "os": "unknown"}}
    whole = {"schemaVersion": 2, "mediaType": OCI.listing, "manifests": [attestation, *listed]}
    repository.put(tag, Document(OCI.listing, json.dumps(whole).encode()))
    return images


@pytest.fixture
def repository():
    return HeldRepository()


@pytest.fixture
def market(repository, tmp_path):
    return bases.Market(lambda _: repository, KeptCache(tmp_path / "cache"))


def test_it_is_awss_own_for_the_version_and_the_architecture(repository, market):
    images = index(repository, "amd64", "arm64")

    intel, lock = bases.find(INTEL, Lock(), market)
    arm, lock = bases.find(ARM, lock, market)

    assert (intel.document, arm.document) == (images["amd64"], images["arm64"])
    assert lock.bases == {
        "x86_64": BasePin(DEFAULT, images["amd64"].digest),
        "arm64": BasePin(DEFAULT, images["arm64"].digest),
    }


def test_its_layers_stay_where_they_are(repository, market):
    repository.write(OCI, config(), [LAYER], "3.13")

    (layer,) = bases.find(INTEL, Lock(), market)[0].layers

    assert (layer.role, layer.reused, layer.diff_id) == (BASE, True, LAYER_TAR)
    assert repository.asked["read"] == 1
    assert b"".join(layer.blob.source.chunks()) == LAYER


def test_a_pinned_base_is_read_once_and_never_asked_for_again(repository, market):
    index(repository, "amd64")
    first, lock = bases.find(INTEL, Lock(), market)
    repository.asked.clear()
    index(repository, "amd64", "arm64")
    repository.write(OCI, config(Labels={"newer": "1"}), [LAYER], "3.13")

    assert bases.find(INTEL, lock, market, frozen=True) == (first, lock)
    assert not repository.asked


def test_what_was_damaged_in_the_cache_is_read_again(repository, market):
    repository.write(OCI, config(), [LAYER], "3.13")
    found, lock = bases.find(INTEL, Lock(), market)
    repository.put(found.document.digest, found.document)
    for path in market.cache.folder.iterdir():
        path.write_bytes(path.read_bytes()[:-1])

    assert bases.find(INTEL, lock, market)[0] == found


def test_another_machine_reads_two_small_things(repository, market, tmp_path):
    index(repository, "amd64")
    first, lock = bases.find(INTEL, Lock(), market)
    repository.asked.clear()

    again, _ = bases.find(INTEL, lock, market._replace(cache=KeptCache(tmp_path / "other")))

    assert again == first
    assert repository.asked == {"document": 1, "read": 1}


def test_an_upgrade_and_another_reference_look_again(repository, market):
    repository.write(OCI, config(), [LAYER], "3.13")
    _, lock = bases.find(INTEL, Lock(), market)
    newer = repository.write(OCI, config(Labels={"newer": "1"}), [LAYER], "3.13", "3.12", "mine")

    assert bases.find(INTEL, lock, market, upgrade=True)[0].document == newer
    assert bases.find(INTEL._replace(python="3.12"), lock, market)[0].document == newer
    other, pinned = bases.find(INTEL._replace(base="registry.example/app:mine"), lock, market)
    assert (other.document, pinned.bases["x86_64"].reference) == (newer, "registry.example/app:mine")


def test_a_digest_of_ones_own_needs_no_pin(repository, market):
    image = repository.write(DOCKER, config(), [LAYER], "3.13")

    found, _ = bases.find(INTEL._replace(base=f"registry.example/app@{image.digest}"), Lock(), market, frozen=True)

    assert found.document == image
    assert found.document.family == DOCKER


def refused(market, options=INTEL, lock=None, **how):
    with pytest.raises(ImageError) as caught:
        bases.find(options, lock or Lock(), market, **how)
    return caught.value


def test_frozen_without_a_pin_is_refused(market):
    assert refused(market, frozen=True).code == "CC869"


def test_no_image_at_that_tag_is_told_with_what_to_do(market):
    error = refused(market, ImageOptions("3.99"))
    assert (error.code, error.message) == ("CC860", "there is no image public.ecr.aws/lambda/python:3.99")
    assert "python =" in (error.hint or "")
    assert "base =" in (refused(market, INTEL._replace(base="example.com/a:1")).hint or "")


def test_a_pinned_image_that_is_gone_is_told_with_the_way_on(market):
    error = refused(market, lock=Lock(bases={"x86_64": BasePin(DEFAULT, "sha256:" + "0" * 64)}))

    assert error.code == "CC860"
    assert "--upgrade" in (error.hint or "")


def test_an_index_without_the_platform_is_told_with_what_it_has(repository, market):
    index(repository, "amd64")

    error = refused(market, ARM)

    assert (error.code, error.message) == ("CC860", f"{DEFAULT} is there for linux/amd64, and not for linux/arm64")


def test_an_image_for_another_architecture_is_refused(repository, market):
    repository.write(OCI, config("arm64"), [LAYER], "3.13")

    error = refused(market)

    assert (error.code, error.message) == (
        "CC861",
        f"{DEFAULT} is for linux/arm64, and the functions are for linux/amd64",
    )


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"Entrypoint": None}, "has no entrypoint"),
        ({"Env": ["PYTHON_VERSION=3.12.4"]}, "has Python 3.12.4, and the image is made for 3.13"),
    ],
)
def test_an_image_that_no_function_could_run_in_is_refused(repository, market, settings, why):
    repository.write(OCI, config(**settings), [LAYER], "3.13")

    error = refused(market)

    assert error.code == "CC860"
    assert why in error.message


def test_an_image_whose_layers_and_configuration_disagree_is_refused(repository, market):
    repository.write(OCI, config(), [LAYER, b"another"], "3.13")

    assert "has 2 layers, and its configuration names 1" in refused(market).message


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b'{"rootfs": 3}',
        b'{"rootfs": {"diff_ids": [3]}}',
        b'{"rootfs": {"diff_ids": ["x"]}, "config": [1]}',
        b'{"rootfs": {"diff_ids": ["x"]}, "config": {"Env": 3}}',
        b'{"rootfs": {"diff_ids": ["x"]}, "config": {"Labels": 3}}',
        b'{"rootfs": {"diff_ids": ["x"]}, "history": 3}',
    ],
)
def test_a_configuration_of_another_form_is_told(repository, market, raw):
    image = repository.write(OCI, config(), [LAYER])
    repository.blobs[digest(raw)] = raw
    described = {"mediaType": OCI.config, "digest": digest(raw), "size": len(raw)}
    repository.put("3.13", Document(OCI.manifest, json.dumps(json.loads(image.raw) | {"config": described}).encode()))

    error = refused(market)

    assert (error.code, "its configuration cannot be read" in error.message) == ("CC860", True), error.message


def test_a_configuration_without_end_is_not_read_to_its_end(tmp_path):
    repository = EndlessRepository()
    repository.write(OCI, config(), [LAYER], "3.13")
    error = refused(bases.Market(lambda _: repository, KeptCache(tmp_path / "cache")))

    assert (error.code, "it has more than 4 MiB" in error.message) == ("CC860", True), error.message
    assert repository.asked["mebibytes"] == 5


@pytest.mark.parametrize(
    ("kind", "plain"),
    [
        (OCI.manifest, {}),
        (OCI.manifest, {"config": 3, "layers": []}),
        (OCI.manifest, {"config": {"mediaType": OCI.config, "digest": "../../.ssh/id", "size": 1}, "layers": []}),
        (OCI.listing, {"manifests": 3}),
        (OCI.listing, {"manifests": [{"platform": {"architecture": "amd64", "os": "linux"}}]}),
    ],
)
def test_a_manifest_of_another_form_is_told(repository, market, kind, plain):
    repository.put("3.13", Document(kind, json.dumps({"mediaType": kind, **plain}).encode()))

    error = refused(market)

    assert (error.code, "its manifest cannot be read" in error.message) == ("CC860", True), error.message


@pytest.mark.parametrize(
    ("base", "is_refused"),
    [
        ("mirror.example.org/lambda/python:3.12", True),
        ("python:3.12-slim", True),
        ("python:3.13.1", False),
        ("mirror.example.org/team/python:latest", False),
        ("mirror.example.org/jython:3.12", False),
    ],
)
def test_a_base_whose_tag_tells_another_python_is_refused(repository, market, base, is_refused):
    repository.write(OCI, config(), [LAYER], base.rpartition(":")[2])
    options = INTEL._replace(base=base)

    if is_refused:
        with pytest.raises(ImageError, match=r"CC860 .*has Python 3\.12, and the image is made for 3\.13"):
            bases.find(options, Lock(), market)
    else:
        assert bases.find(options, Lock(), market)


def test_a_manifest_of_the_first_kind_is_refused(repository, market):
    repository.put("3.13", Document("application/vnd.docker.distribution.manifest.v1+prettyjws", b"{}"))

    assert refused(market).code == "CC860"


@pytest.mark.parametrize(
    ("settings", "root"),
    [
        ({}, "var/task"),
        ({"Env": [], "WorkingDir": "/function"}, "function"),
        ({"Env": ["LAMBDA_TASK_ROOT=/opt/app/"], "WorkingDir": "/"}, "opt/app"),
        ({"Env": None, "WorkingDir": "/"}, "var/task"),
        ({"Env": None}, "var/task"),
    ],
)
def test_the_folder_of_the_function_is_what_the_image_says(repository, market, settings, root):
    repository.write(OCI, config(**settings), [LAYER], "3.13")

    assert bases.find(INTEL, Lock(), market)[0].task_root == root
