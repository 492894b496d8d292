"""What an image is made of, as a CycloneDX bill of materials (specification 1.6, JSON)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import quote
from uuid import UUID, uuid5

from cloud_cron import __version__
from cloud_cron_cli.deploy.images.packages import OWN, Package

if TYPE_CHECKING:
    from collections.abc import Sequence

MEDIA_TYPE: Final = "application/vnd.cyclonedx+json"
_NAMESPACE: Final = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
"""That of URLs (RFC 9562, 6.6): the serial number is made of what the bill says."""


class Contents(NamedTuple):
    """What is in an image: the app and the hash of its sources, the base by reference and digest, and the packages."""

    app: str
    source: str
    base: str
    base_digest: str
    packages: Sequence[Package]


def sbom(contents: Contents, timestamp: str | None = None) -> bytes:
    """The bill; without a time stamp (RFC 3339) its bytes depend on the contents alone."""
    app = _component("application", contents.app, contents.source, _generic(contents.app, contents.source))
    base = _base(contents)
    libraries = [_library(each) for each in (Package(OWN, __version__, ()), *sorted(contents.packages))]
    components = [base, *libraries]
    tool = {"type": "application", "name": OWN, "version": __version__}
    bill: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"tools": {"components": [tool]}, "component": app},
        "components": components,
        "dependencies": [
            {"ref": app["bom-ref"], "dependsOn": sorted(each["bom-ref"] for each in components)},
            *({"ref": each["bom-ref"]} for each in components),
        ],
    }
    bill["serialNumber"] = uuid5(_NAMESPACE, _text(bill)).urn
    if timestamp is not None:
        bill["metadata"]["timestamp"] = timestamp
    return _text(bill).encode() + b"\n"


def _text(bill: dict[str, Any]) -> str:
    return json.dumps(bill, ensure_ascii=False, indent=1, sort_keys=True)


def _base(contents: Contents) -> dict[str, Any]:
    """The base image, by its digest; the name of its repository tells where it is."""
    algorithm, _, digest = contents.base_digest.partition(":")
    name = contents.base.partition("@")[0]
    repository = name.rpartition(":")[0] if ":" in name.rpartition("/")[2] else name
    last = repository.rpartition("/")[2].lower()
    purl = f"pkg:oci/{_quoted(last)}@{_quoted(contents.base_digest)}?repository_url={_quoted(repository)}"
    hashes = [{"alg": algorithm.upper().replace("SHA", "SHA-"), "content": digest}]
    return {**_component("container", repository, contents.base_digest, purl), "hashes": hashes}


def _library(package: Package) -> dict[str, Any]:
    """A package of the index, or of its own address; each of its hashes may be that of the wheel in the image."""
    address = f"?download_url={_quoted(package.url)}" if package.url else ""
    purl = f"pkg:pypi/{_quoted(package.name)}@{_quoted(package.version)}{address}"
    library = _component("library", package.name, package.version, purl)
    if len(package.hashes) == 1:
        library["hashes"] = [{"alg": "SHA-256", "content": package.hashes[0].partition(":")[2]}]
    elif package.hashes:
        hashes = [{"alg": "SHA-256", "content": each.partition(":")[2]} for each in package.hashes]
        library["externalReferences"] = [{"type": "distribution", "url": package.url or purl, "hashes": hashes}]
    return library


def _component(kind: str, name: str, version: str, purl: str) -> dict[str, Any]:
    return {"type": kind, "bom-ref": purl, "name": name, "version": version, "purl": purl}


def _generic(name: str, version: str) -> str:
    return f"pkg:generic/{_quoted(name)}@{_quoted(version)}"


def _quoted(text: str) -> str:
    """As an address of a package has it (Package URL specification): everything is encoded but colons."""
    return quote(text, safe=":")
