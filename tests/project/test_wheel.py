"""The artefact itself: built through the source distribution, installed beside its declared dependencies, and used.

The environment holds the wheel and links to the distributions that the wheel's metadata asks for, and nothing else: a
module that is missing from the wheel, or a dependency that is not declared, fails here. No network is used.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from email.parser import Parser
from importlib.metadata import Distribution, PathDistribution, distribution
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import Path as InZip
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
PACKAGES = {"cloud_cron", "cloud_cron_cli", "cloud_cron_templates"}
SCRIPTS = "Scripts" if os.name == "nt" else "bin"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the source distribution that was built from this tree."""
    out = tmp_path_factory.mktemp("dist")
    finish([sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)], cwd=out)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel and its declared dependencies."""
    home = tmp_path_factory.mktemp("wheel") / "venv"
    venv.create(home, symlinks=os.name != "nt")
    python = home / SCRIPTS / Path(sys.executable).name
    install = [sys.executable, "-m", "uv", "pip", "install", "--offline", "--no-cache", "--no-deps", "--no-index"]
    finish([*install, "--python", str(python), str(wheel)], cwd=home)
    site = Path(sysconfig.get_path("purelib", "venv", vars={"base": str(home), "platbase": str(home)}))
    for needed in dependencies(required_by(wheel)).values():
        link(needed, site)
    return home


def test_the_wheel_holds_the_three_packages_and_their_types(wheel: Path):
    with ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == PACKAGES
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(names)


def test_the_wheel_passes_the_checker_of_wheels(wheel: Path):
    finish([sys.executable, "-m", "check_wheel_contents", str(wheel)], cwd=ROOT)


def test_the_wheel_carries_its_licence_and_entry_points(wheel: Path):
    (info,) = (path for path in InZip(wheel).iterdir() if path.name.endswith(".dist-info"))
    metadata = Parser().parsestr((info / "METADATA").read_text(encoding="utf-8"))
    entry_points = (info / "entry_points.txt").read_text(encoding="utf-8")
    assert metadata["License-Expression"] == "Apache-2.0"
    assert (info / "licenses" / "LICENSE").exists()
    assert "cloud-cron = cloud_cron_cli.main:main" in entry_points
    assert "cloud_cron = cloud_cron.testing.plugin" in entry_points


def test_a_person_can_start_with_the_wheel_alone(environment: Path, tmp_path: Path):
    command = str(environment / SCRIPTS / "cloud-cron")
    project = tmp_path / "weather"
    assert "invoke" in finish([command, "--help"], cwd=tmp_path)
    finish([command, "init", str(project)], cwd=tmp_path)
    task = json.loads(finish([command, "list", "--json"], cwd=project))["tasks"][0]["name"]
    report = json.loads(finish([command, "invoke", task, "--json"], cwd=project))
    assert report["task"] == task
    assert report["deliveries"]
    assert {delivery["status"] for delivery in report["deliveries"]} == {"outbox"}


def test_a_person_can_start_with_every_example_of_the_tree(environment: Path, tmp_path: Path):
    command = str(environment / SCRIPTS / "cloud-cron")
    told = json.loads(finish([command, "init", "--list", "--json"], cwd=tmp_path))
    assert {each["template"] for each in told} == {file.parent.name for file in ROOT.glob("examples/*/app.py")}
    finish([command, "init", "--template", "instrument", "station"], cwd=tmp_path)
    assert json.loads(finish([command, "check", "--strict", "--json"], cwd=tmp_path / "station"))["ok"]
    finish([command, "invoke", "nightly", "--at", "2016-01-02T00:30"], cwd=tmp_path / "station")


def test_the_sources_are_out_of_reach(environment: Path, tmp_path: Path):
    where = "import cloud_cron, cloud_cron_cli, cloud_cron_templates as t; print(cloud_cron.__file__, t.__file__)"
    places = finish([str(environment / SCRIPTS / Path(sys.executable).name), "-c", where], cwd=tmp_path).split()
    assert all(Path(place).is_relative_to(environment) for place in places)


def required_by(wheel: Path) -> Distribution:
    (info,) = (path for path in InZip(wheel).iterdir() if path.name.endswith(".dist-info"))
    return PathDistribution(info)  # a path inside an archive serves as well


def dependencies(start: Distribution) -> dict[str, Distribution]:
    """Every installed distribution that `start` needs without extras, and what those need."""
    found: dict[str, Distribution] = {}
    waiting = list(needs(start))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = distribution(name)
            waiting += needs(found[name])
    return found


def needs(dist: Distribution) -> Iterator[str]:
    for line in dist.requires or []:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield requirement.name


def link(dist: Distribution, site: Path) -> None:
    """Show the distribution's top-level files and folders to the other environment."""
    for top in {file.parts[0] for file in dist.files or [] if file.parts[0] not in {"..", "__pycache__"}}:
        source, target = Path(str(dist.locate_file(top))), site / top
        if os.name != "nt":
            target.symlink_to(source)
        elif source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy2(source, target)


def finish(command: list[str], cwd: Path) -> str:
    """What a command prints that must succeed, away from this environment's variables."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV", "AWS_"))}
    done = subprocess.run(
        command, cwd=cwd, env=kept, stdin=subprocess.DEVNULL, capture_output=True, check=False, encoding="utf-8"
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout
