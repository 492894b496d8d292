"""An image put together: a base, layers upon it, and what Lambda is to run. The same parts are the same bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from cloud_cron_cli.deploy.images.bases import TASK_ROOT
from cloud_cron_cli.deploy.images.image import Blob, Held, Image
from cloud_cron_cli.deploy.images.oci import Descriptor, Document, canonical

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cloud_cron_cli.deploy.images.bases import Base
    from cloud_cron_cli.deploy.images.image import Layer
    from cloud_cron_cli.deploy.images.reusing import Key

_LONG_AGO: Final = "1970-01-01T00:00:00Z"
_KEPT: Final = ("architecture", "author", "os", "os.features", "os.version", "variant")
"""What the specification knows of a configuration; builders leave other things in theirs (OCI, `config.md`)."""


def assembled(base: Base, layers: Sequence[tuple[Key, Layer]], command: str, labels: Mapping[str, str]) -> Image:
    """The image of one platform, in the family of its base."""
    whole = (*base.layers, *(layer for _, layer in layers))
    config = canonical(
        {
            **{name: base.config[name] for name in _KEPT if name in base.config},
            "created": _LONG_AGO,
            "config": _settings(base, command, labels),
            "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in whole]},
            "history": [*_history(base), *(_step(key) for key, _ in layers)],
        }
    )
    family = base.document.family
    described = Descriptor.of(family.config, config)
    manifest = canonical(
        {
            "schemaVersion": 2,
            "mediaType": family.manifest,
            "config": described.to_json(),
            "layers": [layer.blob.descriptor.to_json() for layer in whole],
        }
    )
    return Image(Document(family.manifest, manifest), Blob(described, Held(config)), whole)


def _settings(base: Base, command: str, labels: Mapping[str, str]) -> dict[str, Any]:
    """How it is run: as the base says, with our command."""
    settings = dict(base.settings)
    if not str(settings.get("WorkingDir") or "").strip("/"):
        settings["WorkingDir"] = TASK_ROOT
    return {**settings, "Cmd": [command], "Labels": {**(settings.get("Labels") or {}), **labels}}


def _history(base: Base) -> list[dict[str, Any]]:
    """The steps of the base, one for each layer: some builders write fewer, or none."""
    steps = list(base.config.get("history") or ())
    missing = len(base.layers) - sum(not step.get("empty_layer") for step in steps)
    return [*({"created": _LONG_AGO, "created_by": "unknown"} for _ in range(missing)), *steps]


def _step(key: Key) -> dict[str, Any]:
    return {"created": _LONG_AGO, "created_by": "cloud-cron image build", "comment": str(key)}
