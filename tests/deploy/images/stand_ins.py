"""A cache and a repository of their own for tests that are about neither."""

from __future__ import annotations

import json
from collections import Counter

from cloud_cron.errors import ImageError, NotFound
from cloud_cron_cli.deploy.images.oci import Document, digest


class KeptCache:
    """A cache in a folder, without limit."""

    def __init__(self, folder):
        self.folder = folder
        self.facts = {}

    def blob(self, name):
        path = self.folder / name.replace(":", "-")
        return path if path.exists() else None

    def keep(self, name, chunks):
        data = b"".join(chunks)
        if digest(data) != name:
            raise ImageError("CC874", "other bytes")
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / name.replace(":", "-")
        path.write_bytes(data)
        return path

    def recall(self, kind, key):
        return self.facts.get((kind, key))

    def remember(self, kind, key, fact):
        self.facts[kind, key] = fact


class FullCache:
    """A cache in which there is no room."""

    def blob(self, name):
        return None

    def keep(self, name, chunks):
        raise ImageError("CC876", "there is no room")

    def recall(self, kind, key):
        return None

    def remember(self, kind, key, fact):
        pass


class HeldRepository:
    """A repository in memory that counts what it is asked."""

    def __init__(self, host="registry.example", name="app"):
        self.host = host
        self.name = name
        self.blobs = {}
        self.documents = {}
        self.asked: Counter[str] = Counter()

    def document(self, reference):
        self.asked["document"] += 1
        if reference not in self.documents:
            raise NotFound("CC872", f"there is no {reference}")
        return self.documents[reference]

    def holds(self, reference):
        self.asked["holds"] += 1
        found = self.documents.get(reference)
        return found.digest if found else None

    def has(self, name):
        self.asked["has"] += 1
        return name in self.blobs

    def read(self, name, start=0):
        self.asked["read"] += 1
        if name not in self.blobs:
            raise NotFound("CC872", f"there is no {name}")
        yield self.blobs[name][start:]

    def mount(self, name, other):
        return False

    def upload(self, blob, told):
        self.blobs[blob.descriptor.digest] = b"".join(blob.source.chunks())

    def put(self, reference, document):
        self.documents[reference] = self.documents[document.digest] = document

    def take(self, image, *references):
        """Hold a whole image."""
        for blob in image.blobs:
            self.upload(blob, lambda _: None)
        for reference in references or (image.digest,):
            self.put(reference, image.manifest)

    def write(self, family, config, layers, *references):
        """Hold an image of this configuration whose layers are these bytes; its manifest."""
        raw = json.dumps(config).encode()
        for data in (raw, *layers):
            self.blobs[digest(data)] = data
        plain = {
            "schemaVersion": 2,
            "mediaType": family.manifest,
            "config": _described(family.config, raw),
            "layers": [_described(family.layer, data) for data in layers],
        }
        document = Document(family.manifest, json.dumps(plain).encode())
        for reference in references:
            self.put(reference, document)
        return document


class EndlessRepository(HeldRepository):
    """One whose blobs do not end soon."""

    def read(self, name, start=0):
        for _ in range(100):
            self.asked["mebibytes"] += 1
            yield bytes(1 << 20)


def _described(kind, data):
    return {"mediaType": kind, "size": len(data), "digest": digest(data)}
