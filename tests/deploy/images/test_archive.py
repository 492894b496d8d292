"""Images in files: every form that Docker, skopeo and we write is read, and what is broken is told."""

from __future__ import annotations

import gzip
import io
import json
import tarfile

import pytest

from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.images import archive, preflight
from cloud_cron_cli.deploy.images.cache import FileCache
from cloud_cron_cli.deploy.images.image import Blob
from cloud_cron_cli.deploy.images.layout import INDEX, LIST, written
from cloud_cron_cli.deploy.images.oci import DOCKER, OCI, Descriptor, Document, Platform, canonical, digest
from tests.deploy.images.made import changed, image, manifest, packed, settings, tar

AMD64, ARM64 = Platform("amd64"), Platform("arm64")
BASE = tar("var/", "var/task/")
APP = tar("var/", "var/task/", "var/task/app.py")


@pytest.fixture
def cache(tmp_path):
    return FileCache(tmp_path / "cache")


class BrokenOff:
    """A source of bytes during which somebody interrupts."""

    def chunks(self, start=0):
        yield b"half"
        raise KeyboardInterrupt


def stored(cache):
    """Its blobs, and which file each is."""
    return {path.name: path.stat().st_ino for path in (cache.folder / "blobs").iterdir()}


def archived(files, links=()):
    """A tar of these files in this order."""
    into = io.BytesIO()
    with tarfile.open(fileobj=into, mode="w") as out:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            out.addfile(entry, io.BytesIO(data))
        for name, target, kind in links:
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, target
            out.addfile(entry)
    into.seek(0)
    return into


def saved(tars, config=None, layers=None):
    """What Docker 20.10 saves: layers first, then the configuration, then the list."""
    config = config or settings(*tars)
    names = [f"{at:064x}/layer.tar" for at, _ in enumerate(tars)]
    name = f"{digest(config)[7:]}.json"
    listed = [{"Config": name, "RepoTags": ["shop:1"], "Layers": layers or names}]
    others = {f"{names[0][:64]}/VERSION": b"1.0", "repositories": b"{}"}
    return {**dict(zip(names, tars, strict=True)), **others, name: config, LIST: json.dumps(listed).encode()}


def layout(*documents, blobs=(), **more):
    """The files of an OCI layout; what the index lists is (document, platform or None)."""
    listed = []
    for document, platform in documents:
        plain = Descriptor.of(document.media_type, document.raw).to_json()
        listed.append(plain | ({"platform": platform._asdict()} if platform else {}))
    held = [document.raw for document, _ in documents]
    index = {"schemaVersion": 2, "manifests": listed}
    named = {f"blobs/sha256/{digest(data)[7:]}": data for data in (*held, *blobs)}
    return {
        "oci-layout": b'{"imageLayoutVersion": "1.0.0"}',
        **named,
        INDEX: json.dumps(index).encode(),
        **more,
    }


def plain(*tars, config=None):
    """The manifest that Docker 25 saves: of layers without compression."""
    layers = [Descriptor.of("application/vnd.oci.image.layer.v1.tar", each).to_json() for each in tars]
    return manifest(config or settings(*tars), [], layers=layers)


def on_disk(folder, files):
    """The same as files of a folder."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def tars(found):
    """What the layers hold."""
    return [gzip.decompress(b"".join(layer.blob.source.chunks())) for layer in found.layers]


def test_what_docker_saved_before_25(cache):
    found = archive.read(archived(saved([BASE, APP])), cache)

    assert tars(found) == [BASE, APP]
    assert [layer.diff_id for layer in found.layers] == [digest(BASE), digest(APP)]
    assert found.manifest.media_type == DOCKER.manifest
    assert found.manifest.config == found.config.descriptor
    assert found.manifest.layers == tuple(layer.blob.descriptor for layer in found.layers)
    preflight.check(found, AMD64, contents=True)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_a_layer_that_is_there_twice_is_saved_as_a_link(cache, kind):
    files = saved([BASE, APP, BASE])
    again = f"{2:064x}/layer.tar"
    del files[again]
    first = f"{0:064x}/layer.tar"
    target = f"../{first}" if kind == tarfile.SYMTYPE else first

    assert tars(archive.read(archived(files, [(again, target, kind)]), cache)) == [BASE, APP, BASE]


def test_what_docker_saves_since_25_has_its_layers_compressed(cache):
    config = settings(BASE, APP)
    files = layout((plain(BASE, APP), None), blobs=[config, BASE, APP], **{LIST: b"for older ones"})

    found = archive.read(archived(files), cache)

    assert tars(found) == [BASE, APP]
    assert found.manifest.media_type == OCI.manifest
    assert {each.media_type for each in found.manifest.layers} == {OCI.layer}
    preflight.check(found, AMD64, contents=True)


@pytest.mark.parametrize("family", [OCI, DOCKER])
def test_a_layout_that_is_right_keeps_its_very_bytes(cache, family):
    made = image(BASE, APP, family=family)
    blobs = [b"".join(blob.source.chunks()) for blob in made.blobs]

    found = archive.read(archived(layout((made.manifest, None), blobs=blobs)), cache)

    assert found.manifest == made.manifest
    assert found.digest == made.digest
    assert [layer.blob.descriptor for layer in found.layers] == [layer.blob.descriptor for layer in made.layers]


def test_a_compressed_archive_is_an_archive(cache):
    assert tars(archive.read(io.BytesIO(gzip.compress(archived(saved([APP])).read())), cache)) == [APP]


def test_the_pipe_is_read_to_its_end(cache):
    stream = io.BytesIO(archived(saved([APP])).read() + b"\0" * 3_000_000)
    archive.read(stream, cache)

    assert stream.read() == b""


def test_a_file_and_a_folder_are_read_alike(cache, tmp_path):
    config = settings(APP)
    files = layout((plain(APP), AMD64), blobs=[config, APP])
    folder = on_disk(tmp_path / "layout", files)
    file = tmp_path / "layout.tar"
    file.write_bytes(archived(files).read())

    assert archive.opened(folder, cache).digest == archive.opened(file, cache).digest


def test_the_same_layers_are_compressed_once(cache):
    first = archive.read(archived(saved([BASE, APP])), cache)
    before = stored(cache)
    again = archive.read(archived(saved([BASE, APP])), cache)

    assert again.digest == first.digest
    assert stored(cache) == before


def test_a_fact_about_a_blob_that_is_gone_is_of_no_use(cache):
    first = archive.read(archived(saved([APP])), cache)
    cache.blob(first.layers[0].blob.descriptor.digest).unlink()

    assert archive.read(archived(saved([APP])), cache) == first


def several(*architectures):
    """An index of one image for each, and the blobs."""
    made = [image(APP, config=settings(APP, architecture=each)) for each in architectures]
    blobs = [b"".join(blob.source.chunks()) for each in made for blob in each.blobs]
    return made, blobs


@pytest.mark.parametrize("told", [True, False])
def test_of_several_platforms_the_one_that_is_asked_for(cache, told):
    made, blobs = several("amd64", "arm64")
    documents = [(made[0].manifest, AMD64 if told else None), (made[1].manifest, ARM64 if told else None)]

    assert archive.read(archived(layout(*documents, blobs=blobs)), cache, ARM64).digest == made[1].digest


def test_an_index_in_an_index_and_its_attestations(cache):
    (made,), blobs = several("arm64")
    listed = Descriptor.of(OCI.manifest, made.manifest.raw).to_json()
    attestation = Descriptor.of(OCI.manifest, b"{}").to_json()
    inner = {
        "manifests": [
            listed | {"platform": {"architecture": "arm64", "os": "linux"}},
            attestation | {"platform": {"architecture": "unknown", "os": "unknown"}},
        ]
    }
    files = layout((Document(OCI.listing, canonical(inner)), None), blobs=[*blobs, made.manifest.raw, b"{}"])

    assert archive.read(archived(files), cache, ARM64).digest == made.digest


def test_a_platform_that_is_not_there_is_told_with_those_that_are(cache):
    made, blobs = several("amd64", "arm64")
    files = layout(*((each.manifest, None) for each in made), blobs=blobs)

    with pytest.raises(ImageError, match="linux/amd64, linux/arm64") as caught:
        archive.read(archived(files), cache, Platform("riscv64"))
    assert caught.value.code == "CC883"


def test_several_images_and_no_platform(cache):
    made, blobs = several("amd64", "arm64")
    files = layout(*((each.manifest, None) for each in made), blobs=blobs)

    with pytest.raises(ImageError, match="CC880"):
        archive.read(archived(files), cache)


def test_two_images_that_were_saved_together(cache):
    files = saved([APP])
    listed = json.loads(files[LIST])

    with pytest.raises(ImageError, match="CC880"):
        archive.read(archived(files | {LIST: json.dumps(listed * 2).encode()}), cache)


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"README": b"nothing"},
        {LIST: b"no JSON"},
        {LIST: b"[{}]"},
        {LIST: b"[1]"},
        {INDEX: b"{}"},
        {INDEX: b'{"manifests": []}'},
        {INDEX: b'{"manifests": [{"digest": "sha256:../../../etc/passwd", "size": 1, "mediaType": ""}]}'},
        layout((manifest(b"[]", []), None), blobs=[b"[]"]),
        layout((plain(BASE), None)),
        layout((plain(BASE, config=settings(BASE, APP)), None), blobs=[settings(BASE, APP), BASE]),
        saved([APP], layers=["../../etc/passwd"]),
        saved([APP], config=settings(APP, BASE)),
        saved([APP], config=b"{}"),
    ],
)
def test_what_is_no_image_is_refused(cache, files):
    with pytest.raises(ImageError, match="CC881"):
        archive.read(archived(files), cache)


@pytest.mark.parametrize("data", [b"", b"no archive at all" * 100, packed(b"x")[:-3]])
def test_what_is_no_archive_is_refused(cache, data):
    with pytest.raises(ImageError, match="CC881"):
        archive.read(io.BytesIO(data), cache)


def test_an_archive_that_ends_too_early_is_refused(cache):
    whole = archived(saved([APP])).read()

    with pytest.raises(ImageError, match="CC881"):
        archive.read(io.BytesIO(whole[: len(whole) // 2]), cache)


def test_layers_and_blobs_that_were_changed_are_told(cache):
    other = tar("opt/")
    with pytest.raises(ImageError, match="CC874"):
        archive.read(archived(saved([other], config=settings(APP))), cache)

    files = layout((plain(APP), None), blobs=[settings(APP), APP])
    changes = {f"blobs/sha256/{digest(each)[7:]}": each for each in (APP, settings(APP), plain(APP).raw)}
    for name, data in changes.items():
        for wrong in (data[:-1], b"x" + data[1:]):
            with pytest.raises(ImageError, match="CC874"):
                archive.read(archived(files | {name: wrong}), cache)


def test_a_file_that_is_not_there_is_told(cache, tmp_path):
    with pytest.raises(ImageError, match=r"nowhere.tar"):
        archive.opened(tmp_path / "nowhere.tar", cache)


def test_what_is_written_is_read_again(cache, tmp_path):
    made = image(BASE, APP)
    written(made, tmp_path / "out", "shop:1")
    written(made, tmp_path / "out", "shop:1")

    found = archive.opened(tmp_path / "out", cache, AMD64)
    assert found.digest == made.digest
    assert tars(found) == [BASE, APP]
    assert sorted(path.name for path in (tmp_path / "out" / "blobs" / "sha256").iterdir()) == sorted(
        name[7:] for name in (made.digest, *(blob.descriptor.digest for blob in made.blobs))
    )


def test_an_older_docker_finds_the_same_image_in_what_is_written(cache, tmp_path):
    written(image(BASE, APP), tmp_path / "out", "shop:1")
    (tmp_path / "out" / INDEX).unlink()

    assert json.loads((tmp_path / "out" / LIST).read_text())[0]["RepoTags"] == ["shop:1"]
    assert tars(archive.opened(tmp_path / "out", cache)) == [BASE, APP]


def test_nothing_of_another_kind_is_written_over(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine")

    with pytest.raises(ImageError, match="CC876"):
        written(image(APP), tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.txt"]


def test_a_place_where_nothing_can_be_written(tmp_path):
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(ImageError, match="CC876"):
        written(image(APP), tmp_path / "file" / "out")


def test_what_is_broken_off_leaves_no_part_of_a_file(tmp_path):
    made = image(APP)
    broken = Blob(made.layers[0].blob.descriptor, BrokenOff())
    layers = (made.layers[0]._replace(blob=broken),)

    with pytest.raises(KeyboardInterrupt):
        written(made._replace(layers=layers), tmp_path / "out")
    assert list((tmp_path / "out").rglob("*.part")) == []


def test_the_same_image_is_written_as_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        written(image(APP), tmp_path / name, "shop:1")

    def held(folder):
        return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    assert held(tmp_path / "one") == held(tmp_path / "two")


def test_a_layer_packed_in_another_way_is_left_for_preflight(cache):
    zstd = [Descriptor.of("application/vnd.oci.image.layer.v1.tar+zstd", b"zstd").to_json()]
    document = changed(plain(APP), layers=zstd)
    found = archive.read(archived(layout((document, None), blobs=[settings(APP), b"zstd"])), cache)

    with pytest.raises(ImageError, match="zstd"):
        preflight.check(found, AMD64, contents=True)


def test_a_layer_that_the_list_of_docker_names_may_be_compressed(cache):
    files = saved([APP])
    files[f"{0:064x}/layer.tar"] = packed(APP)

    assert tars(archive.read(archived(files), cache)) == [APP]
