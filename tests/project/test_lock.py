"""The lock: one public registry, a hash for every file, nothing of the machine that wrote it."""

from __future__ import annotations

import tomllib
from pathlib import Path

LOCK = tomllib.loads((Path(__file__).parents[2] / "uv.lock").read_text(encoding="utf-8"))
OTHERS = [package for package in LOCK["package"] if package["name"] != "cloud-cron"]
FILES = [file for package in OTHERS for file in [package.get("sdist"), *package.get("wheels", [])] if file]


def test_the_project_itself_is_the_only_local_package():
    assert [package["source"] for package in LOCK["package"] if package not in OTHERS] == [{"editable": "."}]
    assert all(package["source"].keys() == {"registry"} for package in OTHERS)


def test_everything_comes_from_one_registry():
    registries = {package["source"]["registry"] for package in OTHERS}
    assert len(registries) == 1
    assert registries.pop().startswith("https://")
    assert all(file["url"].startswith("https://") for file in FILES)


def test_every_file_has_its_hash():
    assert len(FILES) > len(OTHERS)
    assert all(file["hash"].startswith("sha256:") for file in FILES)
