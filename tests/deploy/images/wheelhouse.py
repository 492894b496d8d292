"""An index of packages in a folder, and the tiny wheels that are in it."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

PURE = "py3-none-any"


def digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


class Wheelhouse:
    """Packages by name, as pip and uv look for them (PEP 503); what was added can be asked for its hash."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hashes: dict[str, str] = {}

    def wheel(
        self,
        name: str,
        version: str,
        tag: str = PURE,
        needs: Sequence[str] = (),
        files: Mapping[str, bytes] | None = None,
    ) -> None:
        module = name.replace("-", "_")
        notes = f"{module}-{version}.dist-info"
        metadata = "".join(
            [
                f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
                *(f"Requires-Dist: {need}\n" for need in needs),
            ]
        )
        inside = {
            f"{module}/__init__.py": f"VERSION = {version!r}\n".encode(),
            **(files or {}),
            f"{notes}/METADATA": metadata.encode(),
            f"{notes}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n".encode(),
            f"{notes}/entry_points.txt": f"[console_scripts]\n{module} = {module}:main\n".encode(),
        }
        record = [f'"{path}",sha256={digest(data)},{len(data)}' for path, data in inside.items()]
        inside[f"{notes}/RECORD"] = "\n".join([*record, f"{notes}/RECORD,,", ""]).encode()
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for path, data in inside.items():
                archive.writestr(zipfile.ZipInfo(path), data)
        self._add(name, f"{module}-{version}-{tag}.whl", packed.getvalue())

    def sources(self, name: str, version: str) -> None:
        packed = io.BytesIO()
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()
        with tarfile.open(fileobj=packed, mode="w:gz") as archive:
            info = tarfile.TarInfo(f"{name}-{version}/PKG-INFO")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text))
        self._add(name, f"{name}-{version}.tar.gz", packed.getvalue())

    def _add(self, name: str, file: str, data: bytes) -> None:
        here = self.folder / name
        here.mkdir(exist_ok=True)
        (here / file).write_bytes(data)
        self.hashes[file] = hashlib.sha256(data).hexdigest()
        links = "".join(
            f'<a href="{each}#sha256={self.hashes[each]}">{each}</a>\n'
            for each in sorted(p.name for p in here.iterdir() if p.name != "index.html")
        )
        (here / "index.html").write_text(f"<!DOCTYPE html><html><body>{links}</body></html>", encoding="utf-8")


def filled(folder: Path) -> Wheelhouse:
    """Everything that the tests ask for."""
    house = Wheelhouse(folder)
    for version in ("0.9", "1.0", "2.0"):
        house.wheel("zz-dep", version)
    house.wheel(
        "zz-pure",
        "1.0",
        needs=["zz-dep>=1"],
        files={"zz_pure/data, odd.txt": b"odd\n", "zz_pure/__pycache__/x.pyc": b"x"},
    )
    house.wheel("zz-pure", "2.0", needs=["zz-dep<1"])
    for machine in ("x86_64", "aarch64"):
        for python in ("311", "312", "313"):
            house.wheel(
                "zz-both",
                "1.0",
                f"cp{python}-cp{python}-manylinux_2_17_{machine}",
                files={f"zz_both/_{machine}.so": python.encode()},
            )
    house.wheel("zz-intel", "1.0", "cp313-cp313-manylinux_2_28_x86_64")
    house.wheel("zz-arm", "1.0", "cp313-cp313-manylinux_2_28_aarch64")
    house.wheel("zz-new", "1.0", "py3-none-manylinux_2_34_x86_64")
    house.wheel("zz-newer", "1.0", "py3-none-manylinux_2_35_x86_64")
    house.wheel(
        "zz-marked", "1.0", needs=["zz-dep; python_version >= '3.13'", "zz-intel; platform_machine == 'x86_64'"]
    )
    house.wheel("zz-tool", "1.0")
    house.wheel("zz-own", "1.0", needs=["cloud-cron>=1", "zz-dep"])
    house.wheel("cloud-cron", "1.0", needs=["zz-tool", "zz-dep"])
    house.sources("zz-sources", "1.0")
    return house
