"""What a deploy makes of images, with a registry that is one."""

from __future__ import annotations

import pytest

from cloud_cron_cli.deploy import shipping
from cloud_cron_cli.deploy.images.building import Built
from cloud_cron_cli.deploy.images.cache import FileCache
from cloud_cron_cli.deploy.images.deploying import Means, Shipment
from cloud_cron_cli.deploy.images.lockfile import Lock
from cloud_cron_cli.deploy.images.reference import Reference
from cloud_cron_cli.deploy.images.registry.registries import Registries
from tests.deploy.clouds import Cloud
from tests.deploy.images.clients import Heard, Known, image, layer, patience
from tests.deploy.images.registry import Registry, Rules
from tests.deploy.stages import SMALL, made


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
        lambda: registry.host,
        lambda _: frozenset(),
    )


def shipment(means, host, text, sbom=b'{"bomFormat": "CycloneDX"}'):
    built = Built(image(layer(app=text)), "source", sbom, Lock(), ())
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
    each = shipment(blind, registry.host, b"one", sbom=b"")
    shipping.ship(Cloud().tools, made(SMALL), each, "bucket")

    each.untag(["b-1"])

    assert each.tags() == {}
    assert each.sbom is None
    assert len(registry.tags("shop")) == 2
