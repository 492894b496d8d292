"""What a deploy makes of images, with a registry that is one."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from cloud_cron_cli.deploy import shipping
from cloud_cron_cli.deploy.engine import Order, deploy
from cloud_cron_cli.deploy.images import lockfile
from cloud_cron_cli.deploy.images.building import Built
from cloud_cron_cli.deploy.images.cache import FileCache
from cloud_cron_cli.deploy.images.deploying import AppImages, Means, Shipment
from cloud_cron_cli.deploy.images.interpreters import RUNNING
from cloud_cron_cli.deploy.images.lockfile import Lock
from cloud_cron_cli.deploy.images.options import Wish
from cloud_cron_cli.deploy.images.reference import Reference
from cloud_cron_cli.deploy.images.registry.registries import Registries
from cloud_cron_cli.deploy.images.sbom import Contents
from tests.deploy.clouds import Cloud
from tests.deploy.images.clients import Heard, Known, image, layer, patience, stored
from tests.deploy.images.made import image as base
from tests.deploy.images.made import settings, tar
from tests.deploy.images.registry import Registry, Rules, Status
from tests.deploy.stages import MAIN, SMALL, made

BASE = tar("var/", "var/runtime/", "var/runtime/bootstrap")
TOLD = {"Entrypoint": ["/lambda-entrypoint.sh"], "Env": ["LAMBDA_TASK_ROOT=/var/task"], "WorkingDir": "/var/task"}


class Shelf:
    """The tags of the registry in memory, which ECR tells by an API of its own."""

    def __init__(self, registry, name):
        self._registry = registry
        self._name = name

    def all(self):
        return self._registry.tags(self._name)

    def remove(self, tags):
        for tag in tags:
            self._registry.manifests.pop((self._name, tag))


class Place(NamedTuple):
    """Where repositories are that nothing else tells of."""

    host: str

    def uri(self, name):
        return f"{self.host}/{name}"

    def serves(self, uri):
        return True


@pytest.fixture
def registry():
    with Registry(Rules(strict=False, immutable=True)) as found:
        yield found


@pytest.fixture
def means(registry, tmp_path):
    return Means(
        Registries(Known(), patience()),
        FileCache(tmp_path),
        Heard(),
        lambda _: None,
        lambda target: Shelf(registry, target.name) if target.host == registry.host else None,
        lambda _: None,
        Place(registry.host),
        lambda _: frozenset(),
    )


HELD = Contents("shop", "source", "base:1", f"sha256:{'a' * 64}", ())


def shipment(means, host, text, held=HELD):
    built = Built(image(layer(app=text)), "source", (lambda: held) if held else None, Lock(), ())
    return Shipment(Reference(host, "shop"), built, means)


def test_an_image_goes_to_its_repository_once_and_its_tags_keep_it(registry, means):
    cloud, app = Cloud(), made(SMALL)
    first, second = (shipment(means, registry.host, text) for text in (b"one", b"two"))
    for ship in (first, first, second):
        shipping.ship(cloud.tools, app, ship, "bucket")

    assert registry.counted()["PUT blob"] == 4
    tags = registry.tags("shop")
    assert [tags[tag] for tag in shipping.live(app, tags)] == [first.built.image.digest, second.built.image.digest]
    assert {tags[shipping.built(each.built.image.digest)] for each in (first, second)} == set(tags.values())
    assert first.uri == f"{registry.host}/shop@{first.built.image.digest}"
    assert any(url.endswith(f"{first.built.image.digest[7:]}.cdx.json") for url in cloud.objects)


def test_tags_of_many_deploys_ago_go_and_what_they_named_stays(registry, means):
    cloud, app = Cloud(), made(SMALL)
    for number in range(12):
        each = shipment(means, registry.host, str(number).encode())
        shipping.ship(cloud.tools, app, each, "bucket")
        shipping.retire(cloud.tools, app, each, [])
        cloud.seconds += 60

    tags = registry.tags("shop")
    assert len(shipping.live(app, tags)) == shipping.KEPT
    assert sum(tag.startswith("b-") for tag in tags) == 12


def test_where_nobody_tells_the_tags_nothing_is_taken_away(registry, means):
    blind = means._replace(tags=lambda _: None)
    each = shipment(blind, registry.host, b"one", held=None)
    shipping.ship(Cloud().tools, made(SMALL), each, "bucket")

    each.untag(["b-1"])

    assert each.tags() == {}
    assert each.sbom is None
    assert len(registry.tags("shop")) == 2


@pytest.fixture
def shop(registry, wheelhouse, tmp_path):
    """A project whose packages are as small as can be, on a base of one layer."""
    for name in ("boto3", "jinja2", "tzdata"):
        wheelhouse.wheel(name, "9000.0")
    stored(registry, "python", base(BASE, config=settings(BASE, config=TOLD)), "1")
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "app.py").write_text("app = 1\n")
    return folder


def test_a_project_is_deployed_with_the_image_that_is_made_of_it_and_again_with_none(registry, means, shop):
    cloud = Cloud()
    given = {"repository": f"{registry.host}/shop", "base": f"{registry.host}/python:1", "builder": "layers"}
    app = made(SMALL, python=RUNNING, image=given)
    tools = cloud.tools._replace(images=AppImages(shop, means, Wish()))

    done = deploy(tools, app, Order())
    digest = str(done.image).partition("@")[2]
    assert registry.tags("shop")[shipping.built(digest)] == digest
    assert (shop / lockfile.NAME).exists()

    registry.forget()
    assert deploy(tools, app, Order()).changed == ()
    assert registry.kinds() == []

    (shop / "app.py").write_text("app = 2\n")
    frozen = AppImages(shop, means, Wish(frozen=True), keeps_lock=False)
    again = deploy(tools._replace(images=frozen), app, Order())
    assert again.changed == (MAIN,)
    assert registry.counted()["PUT blob"] == 2  # the app, and the configuration
    assert len(shipping.live(app, registry.tags("shop"))) == 2


def test_an_image_before_that_may_not_be_read_is_no_matter(registry, means, shop):
    given = {"base": f"{registry.host}/python:1", "builder": "layers"}
    registry.play("GET", r"/theirs/manifests/", Status(403))

    app = made(SMALL, python=RUNNING, image=given)
    built = AppImages(shop, means, Wish()).built(
        app.model, app.settings, lambda: f"{registry.host}/theirs@sha256:{0:064x}"
    )

    assert not any(layer.reused for layer in built.image.layers if layer.role == "app")
