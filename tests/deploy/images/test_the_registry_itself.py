"""The registry of the tests refuses what ECR and Lambda refuse."""

from __future__ import annotations

import gzip
import http.client
import io
import json
import tarfile

import pytest

from cloud_cron_cli.deploy.images.oci import OCI, Descriptor, Document, canonical, digest
from tests.deploy.images.registry import Registry, Rules, Status


def asked(registry, method, path, body=b"", **headers):
    connection = http.client.HTTPConnection(registry.host, timeout=5)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers
    finally:
        connection.close()


def layer(*names):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        for name in names:
            entry = tarfile.TarInfo(name.rstrip("/"))
            entry.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            tar.addfile(entry)
    return file.getvalue()


def manifest(registry, *layers, media_type=OCI.layer):
    config = canonical({"rootfs": {"type": "layers", "diff_ids": [digest(each) for each in layers]}})
    for each in (config, *layers):
        registry.add_blob("app", each)
    listed = [Descriptor.of(media_type, each).to_json() for each in layers]
    plain = {"schemaVersion": 2, "config": Descriptor.of(OCI.config, config).to_json(), "layers": listed}
    return Document(OCI.manifest, canonical(plain))


def put(registry, document, reference="1"):
    return asked(
        registry, "PUT", f"/v2/app/manifests/{reference}", document.raw, **{"Content-Type": document.media_type}
    )


GOOD = gzip.compress(layer("var/", "var/task/", "var/task/app.py"))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (GOOD, None),
        (gzip.compress(layer("var/", "var/task/app.py")), "MissingParentDirectory: var/task/app.py"),
        (layer("var/"), "UnsupportedImageLayerDetected"),
    ],
)
def test_a_strict_one_refuses_layers_that_lambda_refuses(data, why):
    with Registry(Rules(strict=True)) as registry:
        status, body, _ = put(registry, manifest(registry, data))

        assert (status, why is None) in {(201, True), (400, False)}
        assert (why or "") in body.decode()


def test_a_strict_one_refuses_an_index():
    with Registry(Rules(strict=True)) as registry:
        assert put(registry, Document(OCI.listing, b'{"manifests":[]}'))[0] == 400
    with Registry() as registry:
        assert put(registry, Document(OCI.listing, b'{"manifests":[]}'))[0] == 201


def test_a_manifest_needs_its_blobs_and_a_tag_may_be_fixed():
    with Registry(Rules(immutable=True)) as registry:
        first, second = manifest(registry, GOOD), manifest(registry, GOOD, GOOD)

        assert [put(registry, each)[0] for each in (first, first, second)] == [201, 201, 400]
        assert registry.tags("app") == {"1": first.digest}
        registry.blobs.clear()
        assert json.loads(put(registry, first, "2")[1])["errors"][0]["code"] == "MANIFEST_BLOB_UNKNOWN"


def test_the_second_part_of_an_upload_is_lost_without_a_word():
    with Registry() as registry:
        place = asked(registry, "POST", "/v2/app/blobs/uploads/")[2]["Location"]

        assert [asked(registry, "PATCH", place, part)[0] for part in (b"one", b"two")] == [201, 201]
        assert asked(registry, "PUT", f"{place}&digest={digest(b'onetwo')}")[0] == 400
        assert registry.blobs == {}


def test_faults_come_in_the_order_they_were_given():
    with Registry() as registry:
        registry.play("GET", r"/v2/$", Status(503), None, Status(429, (("Retry-After", "2"),)))

        assert [asked(registry, "GET", "/v2/")[0] for _ in range(4)] == [503, 200, 429, 200]
        assert registry.kinds() == ["GET registry"] * 4
