"""The shape of a CycloneDX bill of materials (specification 1.6, JSON), whatever it is of."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import quote
from uuid import UUID, uuid5

from cloud_cron import __version__
from cloud_cron_cli.deploy.images.packages import OWN, Package

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_NAMESPACE: Final = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
"""That of URLs (RFC 9562, 6.6): the serial number is made of what the bill says."""

Component: TypeAlias = "dict[str, Any]"


def bill(
    subject: Component,
    components: Sequence[Component],
    needs: Mapping[str, Sequence[str]],
    timestamp: str | None = None,
) -> bytes:
    """What a subject is made of, and which of it needs which, by reference.

    Without a time stamp (RFC 3339) the bytes depend on the contents alone.
    """
    tool = {"type": "application", "name": OWN, "version": __version__}
    said: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"tools": {"components": [tool]}, "component": subject},
        "components": [*components],
        "dependencies": [_needing(each["bom-ref"], needs) for each in (subject, *components)],
    }
    said["serialNumber"] = uuid5(_NAMESPACE, _text(said)).urn
    if timestamp is not None:
        said["metadata"]["timestamp"] = timestamp
    return _text(said).encode() + b"\n"


def component(kind: str, name: str, version: str, purl: str) -> Component:
    """One part, which is referred to by its address."""
    return {"type": kind, "bom-ref": purl, "name": name, "version": version, "purl": purl}


def library(package: Package) -> Component:
    """A package of the index, or of its own address; each of its hashes may be that of the wheel that is installed."""
    address = f"?download_url={quoted(package.url)}" if package.url else ""
    purl = f"pkg:pypi/{quoted(package.name)}@{quoted(package.version)}{address}"
    said = component("library", package.name, package.version, purl)
    if len(package.hashes) == 1:
        said["hashes"] = [{"alg": "SHA-256", "content": package.hashes[0].partition(":")[2]}]
    elif package.hashes:
        hashes = [{"alg": "SHA-256", "content": each.partition(":")[2]} for each in package.hashes]
        said["externalReferences"] = [{"type": "distribution", "url": package.url or purl, "hashes": hashes}]
    return said


def quoted(text: str) -> str:
    """As an address of a package has it (Package URL specification): everything is encoded but colons."""
    return quote(text, safe=":")


def _needing(reference: str, needs: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    on = needs.get(reference)
    return {"ref": reference, "dependsOn": sorted(on)} if on else {"ref": reference}


def _text(said: dict[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True)
