"""A copy between registries keeps bytes and digest and sends only what is not there."""

from __future__ import annotations

import json

import pytest

from cloud_cron.errors import ImageError, NotFound
from cloud_cron_cli.deploy.images import fetching
from cloud_cron_cli.deploy.images.cache import FileCache
from cloud_cron_cli.deploy.images.copying import copy, found
from cloud_cron_cli.deploy.images.oci import DOCKER, OCI, Descriptor, Document, Platform, canonical, digest
from cloud_cron_cli.deploy.images.reference import Reference
from tests.deploy.images import made
from tests.deploy.images.clients import Heard, repository, stored
from tests.deploy.images.registry import Basic, Cut, Registry, Rules, Status, Wrong

AMD64, ARM64 = Platform("amd64"), Platform("arm64")
BASE, APP = made.tar("var/", "var/task/"), made.tar("var/", "var/task/", "var/task/app.py")


@pytest.fixture
def there():
    with Registry() as registry:
        yield registry


@pytest.fixture
def here():
    with Registry(Rules(strict=True)) as registry:
        yield registry


@pytest.fixture
def copied(there, here, tmp_path):
    """Copies from one to the other."""

    def copied(reference="1", tags=("copy",), platform=AMD64, target=None, credentials=None, **more):
        tag, named = (None, reference) if reference.startswith("sha256:") else (reference, None)
        reference = Reference(there.host, "public/shop", tag, named)
        return copy(
            found(repository(there, "public/shop", credentials), reference, platform),
            target or repository(here, "mine"),
            tags,
            cache=FileCache(tmp_path / "cache"),
            transfers=Heard(),
            **more,
        )

    return copied


def index(*images):
    """A list of these (manifest, platform)."""
    listed = [
        Descriptor.of(image.media_type, image.raw).to_json() | {"platform": platform._asdict()}
        for image, platform in images
    ]
    return Document(OCI.listing, canonical({"schemaVersion": 2, "manifests": listed}))


def several(registry):
    """An index of both architectures, with an attestation."""
    amd64 = made.image(APP)
    arm64 = made.image(APP, config=made.settings(APP, architecture="arm64"))
    for image in (amd64, arm64):
        stored(registry, "public/shop", image)
    known = [(amd64.manifest, AMD64), (arm64.manifest, ARM64)]
    found = index(*known, (Document(OCI.manifest, b"{}"), Platform("unknown", "unknown")))
    registry.add("public/shop", found, "1")
    return found, amd64, arm64


@pytest.mark.parametrize("family", [OCI, DOCKER])
@pytest.mark.parametrize("by_digest", [True, False])
def test_a_copy_is_the_same_bytes_under_the_same_digest(there, here, copied, family, by_digest):
    image = made.image(BASE, APP, family=family)
    raw = made.changed(image.manifest, annotations={"kept": "as it is"})
    image = image._replace(manifest=raw)
    stored(there, "public/shop", image, "1")

    result = copied(image.digest if by_digest else "1", platform=None)

    assert result.source_digest == result.digest == image.digest
    assert here.manifests["mine", "copy"] == image.manifest
    assert result.sent == sum(len(blob) for (name, _), blob in here.blobs.items() if name == "mine")
    assert {part.how for part in result.sizes} == {"sent"}


def test_of_an_index_only_the_image_for_the_platform_is_copied(there, here, copied):
    found, _, arm64 = several(there)

    result = copied(platform=ARM64)

    assert (result.source_digest, result.digest) == (found.digest, arm64.digest)
    assert here.manifests["mine", "copy"] == arm64.manifest


def test_an_index_of_indexes(there, here, copied):
    inner, amd64, _ = several(there)
    outer = index((inner, AMD64))
    there.add("public/shop", outer, "2")

    assert copied("2").digest == amd64.digest


@pytest.mark.parametrize(("platform", "code"), [(Platform("riscv64"), "CC883"), (None, "CC880")])
def test_what_an_index_holds_is_told(there, here, copied, platform, code):
    several(there)

    with pytest.raises(ImageError, match="linux/amd64, linux/arm64") as caught:
        copied(platform=platform)
    assert caught.value.code == code
    assert here.changes() == []


def test_another_platform_than_asked_is_refused(there, here, copied):
    stored(there, "public/shop", made.image(APP), "1")

    with pytest.raises(ImageError, match="CC883"):
        copied(platform=ARM64)
    assert here.changes() == []


def test_what_is_there_already_is_not_sent_again(there, here, copied):
    image = made.image(BASE, APP)
    stored(there, "public/shop", image, "1")
    here.add_blob("mine", b"".join(image.layers[0].blob.source.chunks()))

    result = copied()

    assert sorted(part.how for part in result.sizes) == ["sent", "sent", "there"]
    assert copied().sent == 0
    assert copied().tagged == ()


def test_a_copy_that_lacks_a_layer_tags_nothing_and_is_made_when_the_layer_is_back(there, here, copied):
    image = made.image(BASE, APP)
    stored(there, "public/shop", image, "1")
    largest = max(image.layers, key=lambda layer: layer.blob.descriptor.size).blob.descriptor.digest
    blob = there.blobs.pop(("public/shop", largest))
    with pytest.raises(NotFound):
        copied()
    assert here.manifests == {}
    there.blobs["public/shop", largest] = blob

    copied()

    assert here.manifests["mine", "copy"] == image.manifest


def test_a_copy_that_broke_off_is_taken_up(there, here, copied):
    image = made.image(BASE, APP)
    stored(there, "public/shop", image, "1")
    here.play("PUT", "manifests", Status(403))
    with pytest.raises(ImageError):
        copied()
    assert here.manifests == {}

    result = copied()

    assert here.manifests["mine", "copy"] == image.manifest
    assert [part.how for part in result.sizes] == ["there"] * 3


def test_a_connection_that_is_cut_is_no_failure(there, here, copied):
    image = made.image(APP)
    stored(there, "public/shop", image, "1")
    there.play("GET", "blobs", Cut(10), Cut(100))

    assert copied().digest == image.digest


def test_other_bytes_than_asked_for_are_refused(there, here, copied):
    image = made.image(APP)
    stored(there, "public/shop", image, "1")
    there.play("GET", "blobs/" + image.layers[0].blob.descriptor.digest, *[Wrong()] * 20)

    with pytest.raises(ImageError, match="CC874"):
        copied()
    assert ("mine", "copy") not in here.manifests


def test_a_dry_run_tells_what_would_move_and_moves_nothing(there, here, copied):
    image = made.image(BASE, APP)
    stored(there, "public/shop", image, "1")
    here.add_blob("mine", b"".join(image.layers[0].blob.source.chunks()))

    foreseen = copied(dry=True)

    assert here.changes() == []
    assert there.changes() == []
    assert foreseen == copied()
    assert copied(dry=True) == copied()


def test_repositories_of_one_registry_share_their_blobs(there, copied):
    image = made.image(BASE, APP)
    stored(there, "public/shop", image, "1")
    mine = repository(there, "mine")

    foreseen = copied(target=mine, dry=True)
    result = copied(target=mine)

    assert result == foreseen
    assert result.sent == image.config.descriptor.size, "it was read anyway"
    assert [part.how for part in result.sizes] == ["mounted", "mounted", "sent"]


def test_a_private_source_wants_credentials(there, copied):
    stored(there, "public/shop", made.image(APP), "1")
    there.rules = Rules(auth=Basic())

    with pytest.raises(ImageError, match="CC871"):
        copied()


def test_nothing_there(copied):
    with pytest.raises(NotFound, match="CC872"):
        copied("nothing")


def test_a_tag_that_is_another_image_stays(there, here, copied):
    stored(there, "public/shop", made.image(APP), "1")
    stored(here, "mine", made.image(BASE), "copy")
    here.rules = Rules(immutable=True)

    with pytest.raises(ImageError, match="CC886"):
        copied()


def test_what_lambda_would_refuse_is_not_begun(there, here, copied):
    image = made.image(APP)
    layers = [each | {"mediaType": OCI.layer + "+zstd"} for each in json.loads(image.manifest.raw)["layers"]]
    stored(there, "public/shop", image._replace(manifest=made.changed(image.manifest, layers=layers)), "1")

    with pytest.raises(ImageError, match="CC881"):
        copied()
    assert here.changes() == []


def test_a_configuration_larger_than_any_is_not_copied(there, here, copied):
    config = made.settings(APP, author="x" * fetching.LARGEST_CONFIG)
    stored(there, "public/shop", made.image(APP, config=config), "1")

    with pytest.raises(ImageError, match="CC881 the configuration of the image cannot be read: it has more than 4 MiB"):
        copied()
    assert here.changes() == []


def test_an_image_of_dockers_first_schema_is_refused_by_name(there, copied):
    old = "application/vnd.docker.distribution.manifest.v1+prettyjws"
    headers = (("Content-Type", old), ("Docker-Content-Digest", digest(b"without its signatures")))
    there.play("GET", "manifests", Status(200, headers, b'{"schemaVersion": 1, "signatures": []}'))

    with pytest.raises(ImageError, match="schema 1") as caught:
        copied()
    assert caught.value.code == "CC881"
    assert "docker push" in (caught.value.hint or "")
