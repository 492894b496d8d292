"""Small images made by hand: exactly what a test says, right or wrong."""

from __future__ import annotations

import gzip
import io
import json
import tarfile

from cloud_cron_cli.deploy.images.image import Blob, Held, Image, Layer
from cloud_cron_cli.deploy.images.oci import OCI, Descriptor, Document, canonical, digest


def tar(*names, **files):
    """A tar of these names in this order; one that ends in a slash is a directory, others are files of their name."""
    into = io.BytesIO()
    with tarfile.open(fileobj=into, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in (*names, *files):
            entry = tarfile.TarInfo(name.rstrip("/"))
            data = files.get(name, name.encode())
            if name.endswith("/"):
                entry.type, entry.mode, data = tarfile.DIRTYPE, 0o755, b""
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return into.getvalue()


def packed(data):
    """Its gzip."""
    return gzip.compress(data, mtime=0)


def settings(*tars, architecture="amd64", **changes):
    """The configuration of an image of these layers."""
    plain = {
        "architecture": architecture,
        "os": "linux",
        "config": {"Cmd": ["app.handler"]},
        "rootfs": {"type": "layers", "diff_ids": [digest(each) for each in tars]},
        "history": [{"created_by": "a test"} for _ in tars],
    }
    return canonical(plain | changes)


def manifest(config, blobs, family=OCI, **changes):
    """The manifest of these bytes."""
    layers = [Descriptor.of(family.layer, blob).to_json() for blob in blobs]
    plain = {
        "schemaVersion": 2,
        "mediaType": family.manifest,
        "config": Descriptor.of(family.config, config).to_json(),
        "layers": layers,
    }
    return Document(family.manifest, canonical(plain | changes))


def image(*tars, family=OCI, config=None, document=None, blobs=None):
    """An image of these tars; what is given replaces what would be right."""
    config = config or settings(*tars)
    blobs = blobs or [packed(each) for each in tars]
    layers = [
        Layer(Blob(Descriptor.of(family.layer, blob), Held(blob)), digest(each), "app")
        for each, blob in zip(tars, blobs, strict=True)
    ]
    holder = Blob(Descriptor.of(family.config, config), Held(config))
    return Image(document or manifest(config, blobs, family), holder, tuple(layers))


def changed(document, **changes):
    """The same manifest with other fields."""
    return Document(document.media_type, json.dumps(json.loads(document.raw) | changes).encode())
