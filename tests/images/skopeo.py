"""What somebody else's tool says of an image in a registry, and the image as files."""

from __future__ import annotations

import json
import os
import subprocess
from itertools import count
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from tests.images.registries import Registry
_NUMBERS: Final = count(1)


class Unpacked(NamedTuple):
    """An image as a folder to run in, and its configuration."""

    root: Path
    config: dict[str, Any]


class Skopeo:
    """skopeo, with the credentials of a registry."""

    def __init__(self, registry: Registry, folder: Path) -> None:
        self.registry = registry
        self.folder = folder
        self.login = registry.docker_config(folder / "login") / "config.json"

    def digest(self, image: str) -> str:
        """The digest of what stands there."""
        return self._said("inspect", "--format", "{{.Digest}}", f"docker://{image}")

    def manifest(self, image: str) -> dict[str, Any]:
        """The manifest or index, as it is."""
        return dict(json.loads(self._said("inspect", "--raw", f"docker://{image}")))

    def config(self, image: str) -> dict[str, Any]:
        """The configuration of the image; of an index, of the image for this machine."""
        return dict(json.loads(self._said("inspect", "--config", f"docker://{image}")))

    def unpack(self, image: str) -> Unpacked:
        """Copy it, checked, and lay its layers over each other in a folder of its own."""
        number = next(_NUMBERS)
        copy, root = self.folder / f"{number}.dir", self.folder / f"{number}.root"
        self._said("copy", f"docker://{image}", f"dir:{copy}")
        manifest = json.loads((copy / "manifest.json").read_bytes())
        root.mkdir()
        for layer in manifest["layers"]:
            blob = copy / layer["digest"].removeprefix("sha256:")
            subprocess.run(["tar", "-xzpf", str(blob), "-C", str(root)], check=True)
        return Unpacked(root, json.loads((copy / manifest["config"]["digest"].removeprefix("sha256:")).read_bytes()))

    def copy(self, source: str, target: str) -> None:
        """From one registry to the other, of which one is open to everybody."""
        self._said("copy", "--src-tls-verify=false", f"docker://{source}", f"docker://{target}")

    def _said(self, *words: str) -> str:
        trusted = {"SSL_CERT_FILE": str(self.registry.certificates), "REGISTRY_AUTH_FILE": str(self.login)}
        done = subprocess.run(
            ["skopeo", "--insecure-policy", *words],
            env={**os.environ, **(trusted if self.registry.authority else {})},
            capture_output=True,
            text=True,
            check=False,
        )
        assert not done.returncode, done.stderr
        return done.stdout.strip()
