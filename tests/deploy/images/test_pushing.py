"""Pushes: only what is missing moves, and a failure leaves no image behind."""

from __future__ import annotations

from threading import Event
from typing import NamedTuple

import pytest

from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.images.cache import FileCache
from cloud_cron_cli.deploy.images.image import BASE, Blob, Distant, Layer
from cloud_cron_cli.deploy.images.oci import OCI, Descriptor
from cloud_cron_cli.deploy.images.pushing import push
from cloud_cron_cli.deploy.images.registry.credentials import Login
from tests.deploy.images.clients import Heard, Known, image, layer, repository, stored
from tests.deploy.images.registry import Bearer, Registry, Rules, Silence, Status

BOTTOM, MIDDLE, TOP = layer(base=b"b" * 5000), layer(dependencies=b"d" * 300), layer(app=b"a")


@pytest.fixture
def registry():
    with Registry(Rules(strict=True, immutable=True)) as made:
        yield made


@pytest.fixture
def pushed(registry, tmp_path):
    """A push by this machine."""

    def once(made, *tags, to="app", heard=None, cache=None, **more):
        target = repository(registry, to)
        return push(made, target, tags, cache=cache or FileCache(tmp_path), transfers=heard or Heard(), **more)

    return once


def test_everything_is_sent_the_first_time_and_the_manifest_last(registry, pushed):
    made, heard = image(BOTTOM, MIDDLE, TOP), Heard()

    done = pushed(made, "b-1", heard=heard)

    assert registry.tags("app") == {"b-1": made.digest}
    assert registry.kinds()[-1] == "PUT manifest"
    assert registry.counted()["PUT blob"] == 4
    assert (done.digest, done.tagged) == (made.digest, ("b-1",))
    assert [part.how for part in done.sizes] == ["sent"] * 4
    assert done.sent == sum(blob.descriptor.size for blob in made.blobs) == sum(part.size for part in done.sizes)
    assert heard.moves == heard.sizes
    assert set(heard.ends) == {part.name for part in done.sizes}
    assert sorted(part.name.split()[0] for part in done.sizes) == ["app", "app", "app", "configuration"]


def test_one_changed_line_sends_two_blobs_and_one_manifest(registry, pushed):
    pushed(image(BOTTOM, MIDDLE, TOP), "b-1")
    registry.forget()

    done = pushed(image(BOTTOM, MIDDLE, layer(app=b"b")), "b-2")

    assert registry.changes() == ["PUT blob", "PUT blob", "PUT manifest"]
    assert sorted(part.how for part in done.sizes) == ["sent", "sent", "there", "there"]


def test_an_image_that_is_there_sends_nothing(registry, pushed):
    made = image(BOTTOM, TOP)
    pushed(made, "b-1")
    registry.forget()

    done = pushed(made, "b-1")

    assert registry.kinds() == ["HEAD manifest"]
    assert (done.sent, done.tagged, {part.how for part in done.sizes}) == (0, (), {"there"})


@pytest.mark.parametrize("tags", [("b-1", "live-x"), ("live-x",)])
def test_an_image_that_is_there_gets_another_tag_by_its_manifest_alone(registry, pushed, tags):
    made = image(TOP)
    pushed(made, "b-1")
    registry.forget()

    assert pushed(made, *tags).tagged == ("live-x",)
    assert registry.changes() == ["PUT manifest"]
    assert registry.tags("app") == {"b-1": made.digest, "live-x": made.digest}


def test_without_a_tag_it_goes_under_its_digest(registry, pushed):
    made = image(TOP)

    assert pushed(made).tagged == (made.digest,)
    assert repository(registry).document(made.digest) == made.manifest
    assert registry.tags("app") == {}


def test_a_tag_that_is_another_image_is_refused(registry, pushed):
    first = image(TOP)
    pushed(first, "b-1")

    with pytest.raises(ImageError, match="CC886"):
        pushed(image(MIDDLE), "b-1")
    assert registry.tags("app") == {"b-1": first.digest}


def test_what_was_pushed_to_one_repository_is_mounted_in_the_next(registry, pushed):
    pushed(image(BOTTOM, TOP), "b-1")
    registry.forget()

    done = pushed(image(BOTTOM, MIDDLE), "b-1", to="other")

    assert registry.changes() == ["POST upload", "PUT blob", "PUT blob", "PUT manifest"]
    assert [part.how for part in done.sizes] == ["mounted", "sent", "sent"]


def test_a_registry_that_mounts_nothing_gets_the_bytes(tmp_path):
    with Registry(Rules(mounts=False)) as registry:
        made = image(TOP)
        for name in ("app", "other"):
            push(made, repository(registry, name), ("1",), cache=FileCache(tmp_path), transfers=Heard())

        assert registry.tags("other") == {"1": made.digest}


def test_a_base_of_the_same_registry_is_mounted_and_one_of_another_flows_through(registry, pushed, tmp_path):
    with Registry(Rules(redirects=True)) as public:
        for place in (registry, public):
            stored(place, "python", image(BOTTOM))
        hows = []
        for place, to in ((public, "app"), (registry, "other")):
            distant = Distant(repository(place, "python"), BOTTOM.blob.descriptor.digest)
            base = Layer(Blob(BOTTOM.blob.descriptor, distant), BOTTOM.diff_id, BASE)
            hows.append(pushed(image(base, TOP), "1", to=to, cache=FileCache(tmp_path / to)).sizes[0].how)

        assert hows == ["sent", "mounted"]


def test_a_layer_of_the_image_before_in_the_same_repository_is_not_asked_for(registry, pushed):
    pushed(image(BOTTOM), "b-1")
    registry.forget()
    there = Distant(repository(registry), BOTTOM.blob.descriptor.digest)

    done = pushed(image(BOTTOM._replace(blob=BOTTOM.blob._replace(source=there)), TOP), "b-2")

    assert registry.counted()["HEAD blob"] == registry.counted()["PUT blob"] == 2
    assert [part.how for part in done.sizes] == ["there", "sent", "sent"]


def test_a_blob_that_fails_ends_the_push_before_there_is_a_manifest(registry, pushed):
    registry.play("POST", "uploads", Status(403))

    with pytest.raises(ImageError, match="CC871"):
        pushed(image(BOTTOM, MIDDLE, TOP), "b-1")
    assert registry.manifests == {}


def test_a_push_that_broke_sends_only_the_rest_the_next_time(registry, pushed):
    made = image(BOTTOM, TOP)
    registry.play("PUT", "manifests", *[Silence()] * 5)
    with pytest.raises(ImageError, match="CC870"):
        pushed(made, "b-1")
    registry.forget()

    assert pushed(made, "b-1").sent == 0
    assert registry.changes() == ["PUT manifest"]


def test_what_was_deleted_is_not_asked_for_where_it_was(registry, pushed):
    made = image(TOP)
    pushed(made, "b-1")
    registry.blobs.clear()
    registry.manifests.clear()
    registry.forget()

    assert pushed(made, "b-1").sent > 0
    assert not any("mount=" in request.path for request in registry.requests)


class Endless:
    """A hundred megabytes, a kilobyte at a time."""

    SIZE = 100_000 * 1000

    def __init__(self):
        self.begun = Event()
        self.ended = False

    def chunks(self, start=0):
        self.begun.set()
        for _ in range(100_000):
            yield bytes(1000)
        self.ended = True


class Failing(NamedTuple):
    """Nothing, once another has begun."""

    other: Endless

    def chunks(self, start=0):
        assert self.other.begun.wait(30)
        raise ImageError("CC874", "these are other bytes")


def test_a_blob_that_fails_ends_the_others_before_their_end(registry, pushed):
    endless = Endless()
    long = Blob(Descriptor(OCI.layer, "sha256:" + "1" * 64, Endless.SIZE), endless)
    bad = Blob(Descriptor(OCI.layer, "sha256:" + "2" * 64, 10), Failing(endless))

    with pytest.raises(ImageError, match="CC874"):
        pushed(image(BOTTOM._replace(blob=long), TOP._replace(blob=bad)), "b-1")
    assert not endless.ended


def test_one_token_is_enough_for_all_threads(tmp_path):
    made = image(*(layer(file=bytes([number])) for number in range(12)))
    with Registry(Rules(auth=Bearer("AWS"))) as registry:
        target = repository(registry, credentials=Known(Login("AWS", "hunter2")))
        push(made, target, ("1",), cache=FileCache(tmp_path), transfers=Heard())

        assert registry.tags("app") == {"1": made.digest}
        assert registry.counted()["GET token"] == 2


class Straight:
    """Another way in: into the memory of the registry."""

    def __init__(self, registry):
        self.registry = registry

    def upload(self, name, blob, told):
        data = b"".join(blob.source.chunks())
        told(len(data))
        self.registry.add_blob(name, data)


def test_the_last_resort_is_another_way_in(registry, pushed):
    made, heard = image(BOTTOM, TOP), Heard()
    registry.play("PUT", "uploads", *[Status(400)] * 99)

    done = pushed(made, "b-1", heard=heard, last_resort=Straight(registry))

    assert registry.tags("app") == {"b-1": made.digest}
    assert [part.how for part in done.sizes] == ["sent"] * 3
    assert heard.moves == heard.sizes


def test_the_last_resort_is_not_for_those_who_may_not(registry, pushed):
    registry.play("POST", "uploads", *[Status(403)] * 9)

    with pytest.raises(ImageError, match="CC871"):
        pushed(image(TOP), "b-1", last_resort=Straight(registry))
