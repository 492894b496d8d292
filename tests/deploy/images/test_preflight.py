"""Each thing that Lambda or ECR refuses is told before anything is sent."""

from __future__ import annotations

import json

import pytest

from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.images import preflight
from cloud_cron_cli.deploy.images.cache import FileCache
from cloud_cron_cli.deploy.images.image import Blob, Distant, Filed, Held
from cloud_cron_cli.deploy.images.oci import DOCKER, OCI, Document, Platform, digest
from tests.deploy.images.made import changed, image, manifest, packed, settings, tar

AMD64 = Platform("amd64")
GOOD = tar("var/", "var/task/", "var/task/app.py")
ORPHAN = tar("var/", "var/task/app.py")


def refusal(made, platform=AMD64):
    """The error."""
    with pytest.raises(ImageError) as caught:
        preflight.check(made, platform, contents=True)
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize("family", [OCI, DOCKER])
def test_an_image_of_either_family_passes(family):
    preflight.check(image(GOOD, tar("opt/"), family=family), AMD64, contents=True)


@pytest.mark.parametrize("family", [OCI, DOCKER])
def test_an_index_is_refused_with_the_option_that_avoids_it(family):
    error = refusal(image(GOOD, document=Document(family.listing, b'{"manifests": []}')))

    assert error.code == "CC880"
    assert "--provenance=false" in error.hint


@pytest.mark.parametrize(
    "media_type",
    [
        "application/vnd.docker.distribution.manifest.v1+prettyjws",
        "application/vnd.cncf.oras.artifact.manifest.v1+json",
    ],
)
def test_another_manifest_is_refused_by_its_type(media_type):
    error = refusal(image(GOOD, document=Document(media_type, b"{}")))

    assert error.code == "CC881"
    assert media_type in error.message


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"config": 1}', b"\xff", b'{"config": {}, "layers": []}'])
def test_a_manifest_that_cannot_be_read_is_refused(raw):
    assert refusal(image(GOOD, document=Document(OCI.manifest, raw))).code == "CC881"


@pytest.mark.parametrize(
    ("media_type", "why"),
    [
        ("application/vnd.oci.image.layer.v1.tar", "not compressed"),
        ("application/vnd.docker.image.rootfs.diff.tar", "not compressed"),
        ("application/vnd.oci.image.layer.v1.tar+zstd", "zstd"),
        ("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", "foreign"),
    ],
)
def test_a_layer_of_another_type_is_refused_by_digest_and_reason(media_type, why):
    made = image(GOOD)
    layers = [{"mediaType": media_type, "size": 1, "digest": digest(b"layer")}]

    error = refusal(made._replace(manifest=changed(made.manifest, layers=layers)))

    assert error.code == "CC881"
    assert digest(b"layer") in error.message
    assert why in error.message


def test_something_that_is_no_program_is_refused():
    made = image(GOOD)
    config = {"mediaType": "application/vnd.cncf.helm.config.v1+json", "size": 2, "digest": digest(b"{}")}

    assert "helm" in refusal(made._replace(manifest=changed(made.manifest, config=config))).message


def test_a_layer_that_is_called_compressed_and_is_not():
    error = refusal(image(GOOD, blobs=[GOOD]))

    assert error.code == "CC881"
    assert "no tar packed by gzip" in error.message


@pytest.mark.parametrize(
    "blob", [packed(GOOD)[:-20], packed(b"no tar" * 1000), b"", packed(GOOD) + b"rest", packed(b"")]
)
def test_a_layer_that_is_broken(blob):
    assert refusal(image(GOOD, blobs=[blob])).code == "CC881"


def test_an_empty_layer_is_a_layer():
    preflight.check(image(b"\0" * 1024), AMD64, contents=True)


def test_a_layer_that_is_not_what_the_configuration_says():
    error = refusal(image(GOOD, blobs=[packed(tar("opt/"))]))

    assert error.code == "CC881"
    assert digest(GOOD) in error.message


def test_a_file_without_its_directory_is_named():
    error = refusal(image(tar("opt/"), ORPHAN))

    assert error.code == "CC882"
    assert "'var/task/app.py'" in error.message
    assert digest(packed(ORPHAN)) in error.message


def test_contents_are_read_only_when_asked():
    preflight.check(image(ORPHAN), AMD64, contents=False)


def test_layers_of_a_registry_and_layers_that_were_reused_are_not_read_again():
    made = image(ORPHAN, ORPHAN)
    first, second = made.layers
    nowhere = Distant(None, "")  # type: ignore[arg-type]
    distant = first._replace(blob=Blob(first.blob.descriptor, nowhere))

    preflight.check(made._replace(layers=(distant, second._replace(reused=True))), AMD64, contents=True)


@pytest.mark.parametrize(
    ("config", "found"),
    [
        (settings(GOOD, architecture="arm64"), "linux/arm64"),
        (settings(GOOD, os="windows"), "windows/amd64"),
        (settings(GOOD, architecture=None), "linux/no architecture"),
    ],
)
def test_another_platform_is_named(config, found):
    error = refusal(image(GOOD, config=config))

    assert error.code == "CC883"
    assert found in error.message
    assert "linux/amd64" in error.message


@pytest.mark.parametrize(
    "config", [b"no JSON", b"[]", b"\xff\xfe", settings(GOOD, rootfs=None), settings(GOOD, history=[1])]
)
def test_a_configuration_that_cannot_be_read(config):
    assert refusal(image(GOOD, config=config)).code == "CC881"


@pytest.mark.parametrize(
    ("config", "what"),
    [
        (settings(GOOD, GOOD), "2 diff_ids"),
        (settings(GOOD, history=[{}, {}]), "2 lines of history"),
        (settings(GOOD, history=[{"empty_layer": True}]), "0 lines of history"),
    ],
)
def test_a_configuration_that_does_not_fit_the_layers(config, what):
    error = refusal(image(GOOD, config=config))

    assert error.code == "CC881"
    assert what in error.message


@pytest.mark.parametrize("history", [[], None, [{"empty_layer": True}, {"created_by": "COPY"}, {"empty_layer": True}]])
def test_a_history_may_be_missing_and_may_have_lines_without_a_layer(history):
    preflight.check(image(GOOD, config=settings(GOOD, history=history)), AMD64, contents=True)


def test_so_many_layers_and_no_more():
    least = tar()
    preflight.check(image(*[least] * 127), AMD64, contents=False)

    error = refusal(image(*[least] * 128))

    assert error.code == "CC884"
    assert "128" in error.message


def test_a_manifest_of_so_many_bytes_and_no_more():
    made = image(GOOD)
    spare = preflight.LARGEST_MANIFEST - len(changed(made.manifest, annotations={"a": ""}).raw)
    preflight.check_document(changed(made.manifest, annotations={"a": "x" * spare}), None, AMD64)

    with pytest.raises(ImageError, match="CC884"):
        preflight.check_document(changed(made.manifest, annotations={"a": "x" * (spare + 1)}), None, AMD64)


def test_ten_gigabytes_and_no_more():
    made = image(GOOD)
    plain = json.loads(made.manifest.raw)["layers"][0]
    at_most = changed(made.manifest, layers=[plain | {"size": preflight.LARGEST}])
    preflight.check_document(at_most, None, AMD64)

    with pytest.raises(ImageError, match="CC884"):
        preflight.check_document(
            changed(made.manifest, layers=[plain | {"size": preflight.LARGEST}, plain]), None, AMD64
        )


def test_what_a_layer_unpacks_to_counts_and_is_not_read_beyond_the_limit():
    large = tar("a")
    made = image(large, large)
    almost = made.layers[0]
    size = almost.blob.descriptor._replace(size=preflight.LARGEST - 1)
    held = almost._replace(reused=True, blob=Blob(size, Held(b"")))

    assert refusal(made._replace(layers=(held, made.layers[1]))).code == "CC884"


def test_a_document_alone_is_judged_without_its_configuration():
    preflight.check_document(manifest(settings(), []), None, Platform("arm64"))


def test_a_layer_that_was_found_right_is_not_read_again(tmp_path):
    cache = FileCache(tmp_path)
    made = image(GOOD)
    preflight.check(made, AMD64, contents=True, cache=cache)
    (layer,) = made.layers
    gone = layer._replace(blob=Blob(layer.blob.descriptor, Filed(tmp_path / "gone")))

    preflight.check(made._replace(layers=(gone,)), AMD64, contents=True, cache=cache)


def test_a_layer_that_was_refused_is_refused_again(tmp_path):
    for _ in range(2):
        with pytest.raises(ImageError, match="CC882"):
            preflight.check(image(ORPHAN), AMD64, contents=True, cache=FileCache(tmp_path))
