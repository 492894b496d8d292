"""A layer that somebody else made, as Lambda takes it: compressed by gzip, and remembered so that it is done once."""

from __future__ import annotations

from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Final

from cloud_cron_cli.deploy.images.gunzipping import MAGIC
from cloud_cron_cli.deploy.images.gzipping import Measure, gzipped
from cloud_cron_cli.deploy.images.image import CHUNK, Blob, Filed
from cloud_cron_cli.deploy.images.oci import Descriptor
from cloud_cron_cli.deploy.images.verifying import wrong

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from cloud_cron_cli.deploy.images.ports import Cache

_IN_MEMORY: Final = 8 << 20
_FACT: Final = "gzip"
"""By the digest of a tar, that of its gzip."""


def packed(file: Path, media_type: str, diff_id: str, cache: Cache) -> Blob:
    """The layer of a tar, which may be compressed already; raises `ImageError` CC874 for another tar."""
    known = cache.recall(_FACT, diff_id)
    if known and (kept := cache.blob(known)):
        return Blob(Descriptor(media_type, known, kept.stat().st_size), Filed(kept))
    tar, gzip = Measure(), Measure()
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as into:
        into.writelines(gzip.passing(_gzip(file, tar)))
        into.seek(0)
        kept = cache.keep(gzip.digest, iter(lambda: into.read(CHUNK), b""))
    if tar.size and tar.digest != diff_id:
        raise wrong(diff_id, tar.digest, "the archive")
    cache.remember(_FACT, diff_id, gzip.digest)
    return Blob(Descriptor(media_type, gzip.digest, gzip.size), Filed(kept))


def _gzip(file: Path, tar: Measure) -> Iterable[bytes]:
    """The file as it is when it is a gzip, else compressed as it is read."""
    with file.open("rb") as begun:
        if begun.read(len(MAGIC)) == MAGIC:
            return Filed(file).chunks()
    return gzipped(tar.passing(Filed(file).chunks()), tar)
