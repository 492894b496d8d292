"""A base image in a registry, as AWS publishes it: an index of two images in Docker's media types.

Written without the builder's code, which it is there to prove. Both images have the same layers: nobody runs the other.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import tarfile
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.images.registries import Registry

KIND: Final = "application/vnd.docker"
MANIFEST: Final = f"{KIND}.distribution.manifest.v2+json"
INDEX: Final = f"{KIND}.distribution.manifest.list.v2+json"
ARCHITECTURES: Final = ("amd64", "arm64")


class Packed(NamedTuple):
    """A layer in a file, and the digest of its tar."""

    file: Path
    diff_id: str


def packed(root: Path, file: Path) -> Packed:
    """A folder as a layer that everybody may read."""
    with file.open("wb") as raw, gzip.GzipFile("", "wb", 1, raw, 0) as out:
        hashing = _Hashing(out)
        with tarfile.open(fileobj=hashing, mode="w|", format=tarfile.GNU_FORMAT) as archive:  # type: ignore[call-overload]
            for path in sorted(root.rglob("*")):
                archive.add(path, str(path.relative_to(root)), recursive=False, filter=_root)
    return Packed(file, hashing.digest)


class _Hashing:
    """What is written, hashed."""

    def __init__(self, out: Any) -> None:
        self._out = out
        self._hash = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self._hash.update(data)
        return int(self._out.write(data))

    @property
    def digest(self) -> str:
        return f"sha256:{self._hash.hexdigest()}"


def _root(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    return entry


def publish(registry: Registry, name: str, tag: str, layers: Sequence[Packed], config: Mapping[str, Any]) -> str:
    """Push the index and its images; the index's digest."""
    described = [_file(registry, name, layer.file) for layer in layers]
    images = []
    for architecture in ARCHITECTURES:
        plain = {
            "architecture": architecture,
            "os": "linux",
            "config": config,
            "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]},
            "history": [{"created_by": "the base"} for _ in layers],
        }
        made = json.dumps(plain).encode()
        _upload(registry, name, _digest(made), made)
        told = {"mediaType": f"{KIND}.container.image.v1+json", "size": len(made), "digest": _digest(made)}
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": told, "layers": described}
        platform = {"architecture": architecture, "os": "linux"}
        images.append({**_put(registry, name, None, manifest), "platform": platform})
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": images}
    return str(_put(registry, name, tag, index)["digest"])


def _file(registry: Registry, name: str, file: Path) -> dict[str, Any]:
    with file.open("rb") as data:
        digest = f"sha256:{hashlib.file_digest(data, 'sha256').hexdigest()}"
        data.seek(0)
        _upload(registry, name, digest, data, str(file.stat().st_size))
    return {"mediaType": f"{KIND}.image.rootfs.diff.tar.gzip", "size": file.stat().st_size, "digest": digest}


def _upload(registry: Registry, name: str, digest: str, data: Any, size: str = "") -> None:
    place = registry.call("POST", f"/v2/{name}/blobs/uploads/", b"").headers["Location"]
    target = f"{place}{'&' if '?' in place else '?'}digest={digest}"
    registry.call(
        "PUT", target, data, Content_Type="application/octet-stream", Content_Length=size or str(len(data))
    ).close()


def _put(registry: Registry, name: str, tag: str | None, document: dict[str, Any]) -> dict[str, Any]:
    raw = json.dumps(document).encode()
    kind, digest = document["mediaType"], _digest(raw)
    registry.call("PUT", f"/v2/{name}/manifests/{tag or digest}", raw, Content_Type=kind).close()
    return {"mediaType": kind, "size": len(raw), "digest": digest}


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
