"""Packages as files: the same ones whoever installed them, wherever."""

from __future__ import annotations

from importlib.metadata import Distribution

import pytest

from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.images.installing import install, tidy
from cloud_cron_cli.deploy.images.lockfile import Lock
from cloud_cron_cli.deploy.images.options import ImageOptions
from cloud_cron_cli.deploy.images.packages import Locked
from cloud_cron_cli.deploy.images.requirements import locked
from cloud_cron_cli.deploy.images.targets import Target
from tests.deploy.images.test_requirements import HERE, INTEL, PIP, no_pip


def tree(folder) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def chosen(folder, *wanted, options=INTEL):
    return locked(folder, wanted, options, Lock())[0]


@pytest.mark.usefixtures("wheelhouse")
def test_files_of_the_target_are_installed_and_nothing_of_the_machine(tmp_path):
    install(chosen(tmp_path, "zz-both", "zz-pure<2", options=ImageOptions("3.13", "arm64")), tmp_path / "into")
    found = tree(tmp_path / "into")
    assert found["zz_both/_aarch64.so"] == b"313"
    notes = {f"zz_pure-1.0.dist-info/{name}" for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt")}
    pure = {name for name in found if name.startswith("zz_pure")}
    assert pure == {"zz_pure/__init__.py", "zz_pure/data, odd.txt", *notes}
    assert {name.partition("/")[0].partition("-")[0] for name in found} == {"zz_both", "zz_dep", "zz_pure"}
    assert not any(str(tmp_path).encode() in data for data in found.values())


@pytest.mark.usefixtures("wheelhouse")
def test_the_record_is_true(tmp_path):
    install(chosen(tmp_path, "zz-pure<2"), tmp_path)
    files = Distribution.at(tmp_path / "zz_pure-1.0.dist-info").files or []
    assert sorted(map(str, files)) == [name for name in sorted(tree(tmp_path)) if name.startswith("zz_pure")]
    assert b'"zz_pure/data, odd.txt",sha256=' in (tmp_path / "zz_pure-1.0.dist-info" / "RECORD").read_bytes()


@pytest.mark.usefixtures("wheelhouse")
def test_another_folder_holds_the_same_bytes(tmp_path):
    packages = chosen(tmp_path, "zz-both", "zz-pure<2")
    install(packages, tmp_path / "one")
    install(packages, tmp_path / "a folder")
    assert tree(tmp_path / "one") == tree(tmp_path / "a folder")


@pytest.mark.slow
@no_pip
@pytest.mark.usefixtures("wheelhouse")
def test_pip_lays_the_same_bytes_as_uv(tmp_path):
    packages = chosen(tmp_path, "zz-both", "zz-pure<2", options=HERE)
    install(packages, tmp_path / "uv")
    install(packages, tmp_path / "pip", tools=PIP)
    assert tree(tmp_path / "pip") == tree(tmp_path / "uv") != {}


@pytest.mark.usefixtures("wheelhouse")
def test_another_file_than_was_locked_is_refused(tmp_path):
    text = f"zz-dep==1.0 \\\n    --hash=sha256:{'0' * 64}\n"
    with pytest.raises(ImageError) as caught:
        install(Locked(text, Target("3.13", "x86_64")), tmp_path)
    assert (caught.value.code, "Hash mismatch" in caught.value.message) == ("CC864", True)


def test_places_that_the_project_names_are_asked(tmp_path, wheelhouse, monkeypatch):
    packages = chosen(tmp_path, "zz-dep")
    monkeypatch.setenv("UV_DEFAULT_INDEX", (tmp_path / "nothing").as_uri())
    install(packages._replace(options=(f"-f {wheelhouse.folder / 'zz-dep'}",)), tmp_path / "into")
    assert "zz_dep/__init__.py" in tree(tmp_path / "into")


def test_no_packages_are_no_files(tmp_path):
    install(Locked("", Target("3.13", "arm64")), tmp_path / "into")
    assert tree(tmp_path / "into") == {}


def test_an_installer_may_leave_notes_and_they_go(tmp_path):
    notes = tmp_path / "zz-1.dist-info"
    notes.mkdir()
    for name in ("direct_url.json", "uv_cache.json", "INSTALLER", "REQUESTED", "METADATA"):
        (notes / name).write_text(name)
    (notes / "RECORD").write_text(
        "../../bin/zz,,\nzz-1.dist-info/RECORD,,\nzz-1.dist-info/METADATA,,\nzz-1.dist-info/INSTALLER,,\n"
    )
    for folder in ("bin", "zz/__pycache__"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "x").touch()
    (tmp_path / ".lock").touch()
    tidy(tmp_path)
    assert tree(tmp_path) == {
        "zz-1.dist-info/METADATA": b"METADATA",
        "zz-1.dist-info/RECORD": b"zz-1.dist-info/METADATA,,\nzz-1.dist-info/RECORD,,\n",
    }
