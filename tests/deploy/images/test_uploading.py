"""Blobs on their way into a registry, which has its own ways and its bad days."""

from __future__ import annotations

import pytest

from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.images.image import Blob, Distant, Filed
from cloud_cron_cli.deploy.images.oci import OCI, Descriptor, digest
from tests.deploy.images.clients import held, image, layer, repository, stored
from tests.deploy.images.registry import Cut, Lost, Registry, Rules, Silence, Status, Wrong

DATA = bytes(range(256)) * 4096 * 3
NAME = digest(DATA)


@pytest.fixture
def registry():
    with Registry() as made:
        yield made


@pytest.fixture
def filed(tmp_path):
    (tmp_path / "blob").write_bytes(DATA)
    return Blob(Descriptor.of(OCI.layer, DATA), Filed(tmp_path / "blob"))


def uploaded(registry, blob, **more):
    """What the audience heard, in all."""
    heard: list[int] = []
    repository(registry, **more).upload(blob, heard.append)
    return heard


def test_a_blob_goes_in_one_piece_with_its_length(registry, filed):
    heard = uploaded(registry, filed)

    assert registry.blobs["app", NAME] == DATA
    assert registry.kinds() == ["POST upload", "PUT blob"]
    assert registry.requests[-1].headers["Content-Length"] == str(len(DATA))
    assert (len(heard) > 3, sum(heard)) == (True, len(DATA))


def test_a_registry_that_takes_no_put_gets_one_patch_in_a_session_of_its_own(filed):
    with Registry(Rules(takes_puts=False)) as registry:
        assert sum(uploaded(registry, filed)) == len(DATA)

        assert registry.blobs["app", NAME] == DATA
        sent = [kind for kind in registry.kinds() if kind != "HEAD blob"]
        assert sent == ["POST upload", "PUT blob", "POST upload", "PATCH upload", "PUT blob"]
        assert len(registry.uploads) == 1  # the first session was left behind


@pytest.mark.parametrize("chunks_lost", [True, False])
def test_both_answers_to_a_patch_are_good(filed, chunks_lost):
    with Registry(Rules(takes_puts=False, loses_chunks=chunks_lost)) as registry:
        uploaded(registry, filed)

        assert registry.blobs["app", NAME] == DATA


def test_a_registry_that_takes_neither_says_why(filed):
    with Registry(Rules(takes_puts=False)) as registry:
        registry.play("PATCH", "uploads", Status(416, (), b'{"errors":[{"code":"RANGE_INVALID"}]}'))

        with pytest.raises(
            ImageError, match=rf"CC870 the registry answers 416 for the upload of {NAME}: RANGE_INVALID"
        ):
            uploaded(registry, filed)
        assert registry.blobs == {}


@pytest.mark.parametrize("fault", [Silence(), Status(503), Status(429), Status(500)])
def test_an_upload_that_breaks_begins_anew(registry, filed, fault):
    pauses: list[float] = []
    registry.play("PUT", "uploads", fault, fault)

    heard = uploaded(registry, filed, pauses=pauses)

    assert registry.blobs["app", NAME] == DATA
    assert registry.counted()["POST upload"] == 3
    assert (sum(heard), pauses) == (len(DATA), [0.5, 1.0])


def test_an_answer_that_is_lost_does_not_send_the_blob_twice(registry, filed):
    registry.play("PUT", "uploads", Lost())

    assert sum(uploaded(registry, filed)) == len(DATA)
    assert registry.kinds() == ["POST upload", "PUT blob", "HEAD blob"]


def test_an_upload_that_always_breaks_is_given_up(registry, filed):
    registry.play("PUT", "uploads", *[Silence()] * 9)

    with pytest.raises(ImageError, match=r"CC870 .*breaks off"):
        uploaded(registry, filed)
    assert registry.counted()["POST upload"] == 5


@pytest.mark.parametrize(
    ("method", "status", "code"),
    [("POST", 403, "CC871"), ("POST", 404, "CC872"), ("POST", 400, "CC870"), ("PUT", 403, "CC871")],
)
def test_an_upload_that_is_refused_says_why(registry, filed, method, status, code):
    registry.play(method, "uploads", *[Status(status)] * 9)

    with pytest.raises(ImageError if code != "CC872" else LookupError, match=code):
        uploaded(registry, filed)
    assert registry.counted()["POST upload"] == 1


def test_a_writer_is_not_sent_elsewhere(registry, filed):
    registry.play("POST", "uploads", Status(307, (("Location", "/v2/app/blobs/uploads/1"),)))

    with pytest.raises(ImageError, match="CC870 the registry answers 307"):
        uploaded(registry, filed)
    assert registry.kinds() == ["POST upload"]


def test_a_session_without_a_place(registry, filed):
    registry.play("POST", "uploads", Status(202))

    with pytest.raises(ImageError, match=r"CC870 .*no place"):
        uploaded(registry, filed)


def test_a_file_that_changed_is_not_sent_whole(registry, filed):
    filed.source.path.write_bytes(DATA[:-1] + b"!")

    with pytest.raises(ImageError, match="CC874"):
        uploaded(registry, filed)
    assert registry.blobs == {}


def test_a_file_that_is_gone_is_told(registry, filed):
    filed.source.path.unlink()

    with pytest.raises(ImageError, match=r"CC876 .*blob"):
        uploaded(registry, filed)


class TestFromRegistryToRegistry:
    @pytest.fixture
    def source(self):
        with Registry(Rules(redirects=True)) as made:
            made.add_blob("base", DATA)
            yield made

    @pytest.fixture
    def blob(self, source):
        return Blob(Descriptor.of(OCI.layer, DATA), Distant(repository(source, "base"), NAME))

    def test_it_flows(self, registry, blob):
        uploaded(registry, blob)

        assert registry.blobs["app", NAME] == DATA

    def test_a_source_that_breaks_off_is_not_noticed_by_the_target(self, registry, source, blob):
        source.play("GET", "storage", Cut(1_500_000), Cut(5))
        uploaded(registry, blob)

        assert registry.blobs["app", NAME] == DATA
        assert registry.counted()["PUT blob"] == 1

    def test_wrong_bytes_of_the_source_never_arrive(self, registry, source, blob):
        source.play("GET", "storage", Wrong())

        with pytest.raises(ImageError, match=rf"CC874 .*{source.host}"):
            uploaded(registry, blob)
        assert registry.blobs == {}

    def test_a_source_that_fails_is_named(self, registry, source, blob):
        source.play("GET", "blobs", *[Status(500)] * 5)

        with pytest.raises(ImageError, match=rf"CC870 the registry answers 500 .*{source.host}"):
            uploaded(registry, blob)


class TestMounts:
    def test_a_blob_is_taken_over(self, registry):
        registry.add_blob("other", DATA)

        assert repository(registry).mount(NAME, "other")
        assert registry.blobs["app", NAME] == DATA

    def test_a_registry_may_not_do_it(self):
        with Registry(Rules(mounts=False)) as registry:
            registry.add_blob("other", DATA)

            assert not repository(registry).mount(NAME, "other")

    @pytest.mark.parametrize("fault", [Status(400), Status(403), Status(405), Status(500), Silence()])
    def test_a_mount_that_fails_is_none(self, registry, fault):
        registry.play("POST", "mount=", *[fault] * 9)

        assert not repository(registry).mount(NAME, "other")


class TestManifests:
    def test_a_tag_may_move_where_tags_may(self, registry):
        first, second = image(layer(a=b"1")), image(layer(a=b"2"))
        for made in (first, second):
            stored(registry, "app", made)
            repository(registry).put("1", made.manifest)

        assert registry.tags("app") == {"1": second.digest}

    def test_a_tag_that_is_another_image_is_told(self):
        with Registry(Rules(immutable=True)) as registry:
            first, second = image(layer(a=b"1")), image(layer(a=b"2"))
            stored(registry, "app", first, "1")
            stored(registry, "app", second)

            with pytest.raises(ImageError, match=r"CC886 app:1 is another image already.*immutable"):
                repository(registry).put("1", second.manifest)
            repository(registry).put("1", first.manifest)

    def test_a_manifest_that_is_there_although_its_answer_was_lost(self):
        with Registry(Rules(immutable=True)) as registry:
            made = image(layer())
            stored(registry, "app", made, "1")
            registry.play("PUT", "manifests", Lost(), Status(400))

            repository(registry).put("1", made.manifest)

    def test_what_lambda_would_not_take_is_refused_with_the_reason(self):
        with Registry(Rules(strict=True)) as registry:
            made = image(layer()._replace(blob=held(b"no gzip")))
            stored(registry, "app", made)
            registry.manifests.clear()

            with pytest.raises(ImageError, match=r"CC870 .*UnsupportedImageLayerDetected"):
                repository(registry).put("1", made.manifest)
