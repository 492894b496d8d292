"""What is said of an image: its digest, its layers, and what moved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloud_cron.errors import UnsupportedError
from cloud_cron_cli.output import dim, good, strong
from cloud_cron_cli.words import size

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cloud_cron_cli.deploy.images.building import Built
    from cloud_cron_cli.deploy.images.copying import Copied
    from cloud_cron_cli.deploy.images.pushing import Part, Pushed
    from cloud_cron_cli.image_moves import Copying, ImageHome
    from cloud_cron_cli.output import Output
    from cloud_cron_cli.project import Project


def built(out: Output, project: Project, image: Built, written: Sequence[str]) -> None:
    """An image that was made."""
    if out.json:
        out.data({**_image(project, image), "written": list(written)})
        return
    out.say(f"{good('✓')} {strong(project.model.name)} {image.image.digest}  {dim(size(_size(image)))}")
    _layers(out, image)
    for path in written:
        out.say(f"written to {path}")


def pushed(out: Output, project: Project, image: Built, home: ImageHome, done: Pushed) -> None:
    """An image that was made and sent."""
    if out.json:
        out.data({**_image(project, image), **_moved(home, done)})
        return
    out.say(f"{good('✓')} {strong(project.model.name)} is {home.uri}@{done.digest}")
    _layers(out, image)
    _sent(out, done)
    if home.arn:
        out.note(dim(f"repository {home.arn}"))


def copied(out: Output, copying: Copying, home: ImageHome, done: Copied) -> None:
    """An image that was copied, or would be."""
    if out.json:
        source = {"source": str(copying.source), "source_digest": done.source_digest, "digest": done.digest}
        out.data({**source, **_moved(home, done), "dry_run": copying.dry})
        return
    is_there = "would be" if copying.dry else "is"
    out.say(f"{good('✓')} {copying.source} {is_there} {home.uri}@{done.digest}")
    if done.source_digest != done.digest:
        out.say(f"  of the index {done.source_digest}")
    out.table(["BLOB", "SIZE", ""], [[part.name, size(part.size), part.how] for part in done.sizes])
    _sent(out, done)


def write(file: Path, data: bytes) -> None:
    """Write a file that was asked for: CC708."""
    try:
        file.write_bytes(data)
    except OSError as error:
        message = f"{file} cannot be written: {error.strerror}"
        raise UnsupportedError("CC708", message, hint="name a file that is yours to write") from error


def _sent(out: Output, done: Pushed | Copied) -> None:
    tags = f", tagged {', '.join(done.tagged)}" if done.tagged else ""
    out.say(f"{size(done.sent)} sent{tags}" if done.sent or done.tagged else "nothing was sent: it is all there")


def _layers(out: Output, image: Built) -> None:
    rows = [
        [layer.role, size(layer.blob.descriptor.size), dim(layer.blob.descriptor.digest[7:19]), _how(layer.reused)]
        for layer in image.image.layers
    ]
    out.table(["LAYER", "SIZE", "DIGEST", ""], rows)


def _how(reused: bool) -> str:  # noqa: FBT001 - a column
    return "as it was" if reused else "made now"


def _image(project: Project, image: Built) -> dict[str, Any]:
    layers = [
        {
            "holds": layer.role,
            "digest": layer.blob.descriptor.digest,
            "size": layer.blob.descriptor.size,
            "reused": layer.reused,
        }
        for layer in image.image.layers
    ]
    told = {"app": project.model.name, "digest": image.image.digest, "source": image.source, "size": _size(image)}
    return {**told, "layers": layers, "notes": list(image.notes)}


def _moved(home: ImageHome, done: Pushed | Copied) -> dict[str, Any]:
    return {
        "uri": f"{home.uri}@{done.digest}",
        "repository": home._asdict(),
        "tags": list(done.tagged),
        "parts": [_part(part) for part in done.sizes],
        "sent": done.sent,
    }


def _part(part: Part) -> dict[str, Any]:
    return part._asdict()


def _size(image: Built) -> int:
    return sum(blob.descriptor.size for blob in image.image.blobs)
