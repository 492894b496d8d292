"""Images in files: what `docker save` writes, before Docker 25 and since, and OCI layouts, as an archive or a folder.

Shapes: OCI Image Format Specification 1.1, `image-layout.md`; Docker Image Specification 1.2, "Combined Image JSON +
Filesystem Changeset Format". Every blob ends in the cache, checked; layers that come without compression get it.
"""

from __future__ import annotations

import json
import posixpath
import tarfile
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any

from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.images.choosing import chosen
from cloud_cron_cli.deploy.images.image import CHUNK, LAYER, Blob, Filed, Held, Image, Layer
from cloud_cron_cli.deploy.images.layout import INDEX, LIST
from cloud_cron_cli.deploy.images.oci import DOCKER, INDEXES, Descriptor, Document, Platform, canonical, digest
from cloud_cron_cli.deploy.images.packing import packed
from cloud_cron_cli.deploy.images.verifying import wrong

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cloud_cron_cli.deploy.images.ports import Cache


def opened(path: Path, cache: Cache, platform: Platform | None = None) -> Image:
    """The image of a folder or an archive; of several that for the platform.

    Raises:
        ImageError: CC874 a blob that is not what it is called, CC876 no room, CC880 several images, CC881 what is no
            image, CC883 none for the platform.
    """
    with _readable(str(path)):
        if path.is_dir():
            files = {each.relative_to(path).as_posix(): each for each in path.rglob("*") if each.is_file()}
            return _image(files, cache, platform)
        with path.open("rb") as stream:
            return read(stream, cache, platform)


def read(stream: IO[bytes], cache: Cache, platform: Platform | None = None) -> Image:
    """The image of an archive that comes through a pipe, to its end; raises what `opened` raises."""
    with _readable("the archive"), TemporaryDirectory(prefix="cloud-cron-") as folder:
        image = _image(_unpacked(stream, Path(folder)), cache, platform)
        while stream.read(CHUNK):  # else whoever writes it is cut off
            pass
        return image


@contextmanager
def _readable(name: str) -> Iterator[None]:
    """What can be wrong with files that somebody else wrote, said in our words."""
    try:
        yield
    except OSError as error:
        message = f"{error.filename or name} cannot be read or written: {error.strerror}"
        raise ImageError("CC876", message, hint="make room in the folder of temporary files, or set TMPDIR") from error
    except (tarfile.TarError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        message = f"{name} is no image: {error!r}"
        raise ImageError("CC881", message, hint="write it with docker save, or as an OCI layout") from error


def _unpacked(stream: IO[bytes], folder: Path) -> dict[str, Path]:
    """The files of an archive by name; in the folder they have numbers: no name leads out of it."""
    files: dict[str, Path] = {}
    links: dict[str, str] = {}
    with tarfile.open(fileobj=stream, mode="r|*", bufsize=CHUNK) as tar:
        for entry in tar:
            name = posixpath.normpath(entry.name)
            if entry.issym():  # Docker 20.10 writes a layer that it has written before as one
                links[name] = posixpath.normpath(posixpath.join(posixpath.dirname(name), entry.linkname))
            elif entry.islnk():
                links[name] = posixpath.normpath(entry.linkname)
            elif content := tar.extractfile(entry):
                files[name] = folder / str(len(files))
                with files[name].open("wb") as file:
                    while chunk := content.read(CHUNK):
                        file.write(chunk)
    return files | {name: files[target] for name, target in links.items() if target in files}


def _image(files: Mapping[str, Path], cache: Cache, platform: Platform | None) -> Image:
    """The image of these files, which have the names they have in an archive."""
    if INDEX in files:
        return _of_layout(files, cache, platform)
    if LIST in files:
        return _of_list(files, cache)
    message = f"it holds neither {INDEX} nor {LIST}"
    raise ValueError(message)


def _of_layout(files: Mapping[str, Path], cache: Cache, platform: Platform | None) -> Image:
    """An OCI layout: the manifest as it is, unless a layer has to be compressed."""
    document = _document(files, platform)
    config = document.config
    settings = _blob(files, config).read_bytes()
    layers = [_layer(files, each, document.family.layer, cache) for each in document.layers]
    if tuple(each.descriptor for each in layers) != document.layers:
        plain = json.loads(document.raw) | {"layers": [each.descriptor.to_json() for each in layers]}
        document = Document(document.media_type, canonical(plain))
    return _composed(document, Blob(config, Held(settings)), layers)


def _document(files: Mapping[str, Path], platform: Platform | None) -> Document:
    """The manifest that an index leads to, through indexes of indexes."""
    raw = files[INDEX].read_bytes()
    while True:
        listed = _images(json.loads(raw)["manifests"])
        if len({each["digest"] for each in listed}) == 1:
            found = Descriptor.from_json(listed[0])
        else:
            found = chosen([(_platform(each, files), Descriptor.from_json(each)) for each in listed], platform, INDEX)
        raw = _blob(files, found).read_bytes()
        _check(found, raw)
        if found.media_type not in INDEXES:
            return Document(found.media_type, raw)


def _images(manifests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Without attestations, which are for no platform."""
    return [each for each in manifests if each.get("platform", {}).get("architecture") != "unknown"]


def _platform(listed: dict[str, Any], files: Mapping[str, Path]) -> Platform:
    """Of an image of an index; where the index does not say it, its configuration does."""
    plain = listed.get("platform")
    if not plain:
        manifest = json.loads(_blob(files, Descriptor.from_json(listed)).read_bytes())
        plain = json.loads(_blob(files, Descriptor.from_json(manifest["config"])).read_bytes())
    return Platform(plain["architecture"], plain["os"])


def _of_list(files: Mapping[str, Path], cache: Cache) -> Image:
    """What `docker save` wrote before Docker 25: layers without compression, and no manifest."""
    images = json.loads(files[LIST].read_bytes())
    if len(images) != 1:
        message = f"the archive holds {len(images)} images, and one is wanted"
        raise ImageError("CC880", message, hint="save one image alone")
    (listed,) = images
    settings = files[listed["Config"]].read_bytes()
    config = Blob(Descriptor.of(DOCKER.config, settings), Held(settings))
    diff_ids = json.loads(settings)["rootfs"]["diff_ids"]
    pairs = zip(listed["Layers"], diff_ids, strict=True)
    layers = [packed(files[name], DOCKER.layer, diff_id, cache) for name, diff_id in pairs]
    plain = {
        "schemaVersion": 2,
        "mediaType": DOCKER.manifest,
        "config": config.descriptor.to_json(),
        "layers": [each.descriptor.to_json() for each in layers],
    }
    return _composed(Document(DOCKER.manifest, canonical(plain)), config, layers)


def _layer(files: Mapping[str, Path], layer: Descriptor, media_type: str, cache: Cache) -> Blob:
    """A layer of a layout, compressed if it is not; other ways of compression are for `preflight` to judge."""
    file = _blob(files, layer)
    if layer.media_type.endswith("tar"):
        return packed(file, media_type, layer.digest, cache)
    return Blob(layer, Filed(cache.blob(layer.digest) or cache.keep(layer.digest, Filed(file).chunks())))


def _blob(files: Mapping[str, Path], wanted: Descriptor) -> Path:
    """The file of a blob, of the size it should have."""
    kind, _, name = wanted.digest.partition(":")
    file = files[f"blobs/{kind}/{name}"]
    size = file.stat().st_size
    if size != wanted.size:
        message = f"{wanted.digest} has {size:,} bytes, and should have {wanted.size:,}"
        raise ImageError("CC874", message, hint="the archive is incomplete: write it again")
    return file


def _check(wanted: Descriptor, data: bytes) -> None:
    if digest(data) != wanted.digest:
        raise wrong(wanted.digest, digest(data), "the archive")


def _composed(document: Document, config: Blob, layers: list[Blob]) -> Image:
    """Blobs with the digests of their tars, which the configuration knows."""
    settings = b"".join(config.source.chunks())
    _check(config.descriptor, settings)
    diff_ids = json.loads(settings)["rootfs"]["diff_ids"]
    each = zip(layers, diff_ids, strict=True)
    return Image(document, config, tuple(Layer(blob, diff_id, LAYER) for blob, diff_id in each))
