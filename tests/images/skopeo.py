"""What somebody else's tool says of an image in a registry, and the image as files."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from tests.images.registries import Registry


class Unpacked(NamedTuple):
    """An image as a folder to run in, and its configuration."""

    root: Path
    config: dict[str, Any]


class Skopeo:
    """skopeo, with the credentials of a registry."""

    def __init__(self, registry: Registry, folder: Path) -> None:
        self.registry = registry
        self.folder = folder
        self.unpacked: dict[Path, Unpacked] = {}
        self.login = registry.docker_config(folder / "login") / "config.json"

    def digest(self, image: str) -> str:
        """The digest of what stands there."""
        return self._inspected(image, "--format", "{{.Digest}}")

    def manifest(self, image: str) -> dict[str, Any]:
        """The manifest or index, as it is."""
        return dict(json.loads(self._inspected(image, "--raw")))

    def config(self, image: str) -> dict[str, Any]:
        """The configuration of the image; of an index, of the image for this machine."""
        return dict(json.loads(self._inspected(image, "--config")))

    def unpack(self, image: str) -> Unpacked:
        """Copy it by its digest, checked, and lay its layers over each other; the same folder for the same image."""
        name = image.rpartition("@sha256:")[2]
        copy, root = self.folder / f"{name}.dir", self.folder / f"{name}.root"
        if root not in self.unpacked:
            self.unpacked[root] = self._unpacked(image, copy, root)
        return self.unpacked[root]

    def _unpacked(self, image: str, copy: Path, root: Path) -> Unpacked:
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

    def _inspected(self, image: str, *words: str) -> str:
        secure = "true" if image.startswith(f"{self.registry.host}/") else "false"
        return self._said("inspect", f"--tls-verify={secure}", *words, f"docker://{image}")

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
