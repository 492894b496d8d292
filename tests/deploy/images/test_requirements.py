"""From what a project asks for to packages with versions and hashes, by the real tools and an index in a folder."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest

from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.images.lockfile import Lock, Pinned
from cloud_cron_cli.deploy.images.options import ImageOptions
from cloud_cron_cli.deploy.images.requirements import locked
from cloud_cron_cli.deploy.images.targets import Target
from cloud_cron_cli.deploy.images.tools import Tools

PYTHON = "{}.{}".format(*sys.version_info[:2])
INTEL, ARM, HERE = ImageOptions("3.13"), ImageOptions("3.13", "arm64"), ImageOptions(PYTHON)
NO_TOOLS = Tools(None, None)
PIP = Tools(None, (sys.executable, "-m", "pip"))
no_pip = pytest.mark.skipif(
    not find_spec("pip") or not Target(PYTHON, "x86_64").is_here, reason="pip is not there, or this is another platform"
)


def versions(found) -> dict[str, str]:
    return {package.name: package.version for package in found.packages}


def refused(folder, wanted, options=INTEL, **how) -> ImageError:
    with pytest.raises(ImageError) as caught:
        locked(folder, wanted, options, Lock(), **how)
    return caught.value


def project(folder, text):
    (folder / "requirements.txt").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.usefixtures("wheelhouse")
def test_what_the_project_and_the_runtime_need_is_resolved_together(tmp_path):
    found, lock = locked(project(tmp_path, "zz-pure\n"), ["zz-dep>=1"], INTEL, Lock())
    assert versions(found) == {"zz-dep": "2.0", "zz-pure": "1.0"}
    assert lock.python == "3.13"
    assert lock.dependencies["3.13-x86_64"].text == found.text


def test_hashes_are_those_of_the_files(tmp_path, wheelhouse):
    found, _ = locked(tmp_path, ["zz-dep<2"], INTEL, Lock())
    assert found.text == f"zz-dep==1.0 \\\n    --hash=sha256:{wheelhouse.hashes['zz_dep-1.0-py3-none-any.whl']}\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", "[project]\nname='a'\ndependencies=['zz-dep<2', 'cloud-cron']"),
        ("pylock.toml", "[[packages]]\nname='zz-dep'\nversion='1.0'\nwheels=[{hashes={sha256='HASH'}}]"),
        ("requirements.in", "zz-dep<2"),
    ],
)
def test_any_file_of_a_project_is_resolved(tmp_path, wheelhouse, name, text):
    (tmp_path / name).write_text(text.replace("HASH", wheelhouse.hashes["zz_dep-1.0-py3-none-any.whl"]))
    found, _ = locked(tmp_path, [], INTEL._replace(requirements=name), Lock())
    assert versions(found) == {"zz-dep": "1.0"}


@pytest.mark.usefixtures("wheelhouse")
def test_conditions_are_those_of_the_target(tmp_path):
    assert versions(locked(tmp_path, ["zz-marked"], INTEL, Lock())[0]).keys() == {"zz-marked", "zz-dep", "zz-intel"}
    assert versions(locked(tmp_path, ["zz-marked"], ARM, Lock())[0]).keys() == {"zz-marked", "zz-dep"}
    old = ImageOptions("3.11", "arm64")
    assert versions(locked(tmp_path, ["zz-marked"], old, Lock())[0]).keys() == {"zz-marked"}


@pytest.mark.usefixtures("wheelhouse")
def test_a_wheel_of_a_newer_glibc_is_for_newer_pythons(tmp_path):
    assert versions(locked(tmp_path, ["zz-new"], INTEL, Lock())[0]) == {"zz-new": "1.0"}
    assert refused(tmp_path, ["zz-new"], ImageOptions("3.11")).code == "CC862"


@pytest.mark.usefixtures("wheelhouse")
def test_cloud_cron_is_not_among_them_whoever_asks(tmp_path):
    found, _ = locked(project(tmp_path, "cloud-cron[sms]>=9\nzz-own\n"), [], INTEL, Lock())
    assert versions(found) == {"zz-dep": "2.0", "zz-own": "1.0"}


def test_unchanged_inputs_are_answered_by_the_lock_alone(tmp_path, wheelhouse):
    first, lock = locked(project(tmp_path, "zz-dep\n"), ["zz-pure"], INTEL, Lock())
    project(tmp_path, "# the same\nzz-dep\n")
    again, same = locked(tmp_path, ["zz-pure"], INTEL, lock, frozen=True, tools=NO_TOOLS)
    assert (again.text, again.key, same is lock) == (first.text, first.key, True)


@pytest.mark.parametrize("change", ["project", "wanted", "architecture", "python", "constraint"])
@pytest.mark.usefixtures("wheelhouse")
def test_a_frozen_lock_answers_nothing_else(tmp_path, change):
    _, lock = locked(project(tmp_path, "zz-dep\n"), ["zz-tool"], INTEL, Lock())
    text = {"project": "zz-dep>=1\n", "constraint": "zz-dep\n-c limits.txt\n"}.get(change, "zz-dep\n")
    (tmp_path / "limits.txt").write_text("zz-dep<2\n")
    wanted = [] if change == "wanted" else ["zz-tool"]
    options = {"architecture": ARM, "python": ImageOptions("3.12")}.get(change, INTEL)
    with pytest.raises(ImageError, match="CC869"):
        locked(project(tmp_path, text), wanted, options, lock, frozen=True, tools=NO_TOOLS)


@pytest.mark.usefixtures("wheelhouse")
def test_versions_stay_until_an_upgrade(tmp_path):
    lock = locked(tmp_path, ["zz-dep==1.0"], INTEL, Lock())[1]
    kept, lock = locked(tmp_path, ["zz-dep"], INTEL, lock)
    moved, lock = locked(tmp_path, ["zz-dep"], INTEL, lock, upgrade=True)
    assert [versions(found)["zz-dep"] for found in (kept, moved)] == ["1.0", "2.0"]
    assert lock.dependencies["3.13-x86_64"].text == moved.text


@pytest.mark.usefixtures("wheelhouse")
def test_each_architecture_has_its_place_and_another_python_takes_both(tmp_path):
    _, lock = locked(tmp_path, ["zz-dep"], INTEL, Lock(dependencies={"3.12-arm64": Pinned("", "")}))
    _, lock = locked(tmp_path, ["zz-dep"], ARM, lock)
    assert set(lock.dependencies) == {"3.13-x86_64", "3.13-arm64"}


@pytest.mark.usefixtures("wheelhouse")
def test_nothing_of_the_machine_is_in_the_text(tmp_path):
    project(tmp_path, "zz-dep\n--extra-index-url https://user:word@127.0.0.1:9/simple\n")
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    project(tmp_path, "zz-dep\n-f wheels\n")
    found, lock = locked(tmp_path, [], INTEL, Lock())
    assert found.options == (f"-f {wheels.resolve()}",)
    assert str(tmp_path) not in found.text + repr(lock)


@pytest.mark.parametrize(
    ("wanted", "code", "told"),
    [
        (["zz-sources"], "CC862", "there is no wheel of zz-sources for the app for 3.13-x86_64"),
        (["zz-arm"], "CC862", "there is no wheel of zz-arm"),
        (["zz-newer"], "CC862", "there is no wheel of zz-newer"),
        (["zz-pure>=2", "zz-dep>=1"], "CC863", "Because zz-pure>=2.0 depends on zz-dep<1"),
        (["zz-dep>3"], "CC863", "zz-dep>3"),
        (["zz-dep ==="], "CC863", "zz-dep ==="),
        (["???"], "CC863", "Unexpected '?'"),
        (["zz-nowhere"], "CC864", "zz-nowhere"),
    ],
)
@pytest.mark.usefixtures("wheelhouse")
def test_what_cannot_be_had_is_explained(tmp_path, wanted, code, told):
    error = refused(tmp_path, wanted)
    assert (error.code, told in error.message) == (code, True), error.message
    assert "cloud-cron-" not in error.message
    assert "wanted.txt" not in error.message


def test_an_index_that_cannot_be_reached_is_told(tmp_path, wheelhouse, monkeypatch):
    monkeypatch.delenv("UV_OFFLINE")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    error = refused(tmp_path, ["zz-dep"])
    assert (error.code, "127.0.0.1:9" in error.message) == ("CC864", True)


@pytest.mark.usefixtures("wheelhouse")
def test_a_file_with_another_hash_than_the_project_says_is_refused(tmp_path):
    error = refused(project(tmp_path, f"zz-dep==2.0 --hash=sha256:{'0' * 64}\n"), [])
    assert (error.code, "zz-dep 2.0" in error.message) == ("CC864", True)


def test_no_other_hashes_than_those_of_the_project_are_taken(tmp_path, wheelhouse):
    good = next(
        value for name, value in wheelhouse.hashes.items() if "zz_both" in name and "313" in name and "x86" in name
    )
    found, _ = locked(project(tmp_path, f"zz-both==1.0 --hash=sha256:{good}\n"), [], INTEL, Lock())
    assert found.packages[0].hashes == (f"sha256:{good}",)


def test_the_lock_of_uv_decides_and_what_only_cloud_cron_needs_stays_outside(tmp_path, wheelhouse):
    (tmp_path / "pyproject.toml").write_text(
        "[project]\nname='zz-app'\nversion='1'\nrequires-python='>=3.11'\n"
        "dependencies=['cloud-cron', 'zz-own', \"zz-intel; platform_machine == 'x86_64'\"]\n"
        "[dependency-groups]\ndev=['zz-arm']\n[tool.uv]\nconstraint-dependencies=['zz-dep<2']\n"
    )
    command = [sys.executable, "-m", "uv", "lock", "--quiet", "--python", sys.executable, "--no-managed-python"]
    locking = subprocess.run(
        [*command, "--no-python-downloads"], cwd=tmp_path, capture_output=True, check=False, text=True
    )
    assert locking.returncode == 0, locking.stderr
    found, lock = locked(tmp_path, ["zz-tool", "zz-dep"], INTEL, Lock())
    assert versions(found) == {"zz-dep": "1.0", "zz-intel": "1.0", "zz-own": "1.0", "zz-tool": "1.0"}
    assert versions(locked(tmp_path, [], ARM, Lock())[0]) == {"zz-dep": "1.0", "zz-own": "1.0"}
    assert locked(tmp_path, ["zz-tool", "zz-dep"], INTEL, lock, tools=NO_TOOLS)[1] is lock
    assert refused(tmp_path, [], HERE, tools=PIP).code == "CC864"


def test_without_uv_another_platform_is_refused(tmp_path):
    other = "arm64" if Target(PYTHON, "x86_64").is_here else "x86_64"
    for tools in (NO_TOOLS, PIP):
        error = refused(tmp_path, ["zz-dep"], ImageOptions(PYTHON, other), tools=tools)
        assert (error.code, "install uv" in (error.hint or "")) == ("CC864", True)


@pytest.mark.parametrize("tool", ["uv", "pip"])
def test_a_tool_that_finds_no_room_is_told_as_that(tmp_path, tool):
    full = (sys.executable, "-c", "import sys; sys.exit('failed to copy file: No space left on device (os error 28)')")
    tools = Tools(full, None) if tool == "uv" else Tools(None, full)
    with pytest.raises(ImageError, match=r"CC876 (?s:.*)No space left(?s:.*)TMPDIR"):
        locked(tmp_path, ["zz-dep"], HERE, Lock(), tools=tools)


def test_a_tool_that_does_not_start_is_told(tmp_path):
    error = refused(tmp_path, ["zz-dep"], tools=Tools((str(tmp_path / "no-uv"),), None))
    assert (error.code, "cannot be started" in error.message) == ("CC864", True)


@pytest.mark.slow
@no_pip
@pytest.mark.usefixtures("wheelhouse")
def test_pip_answers_for_this_platform(tmp_path):
    project(tmp_path, "zz-pure\n-c limits.txt\ncloud-cron\n")
    (tmp_path / "limits.txt").write_text("zz-pure<2\n")
    by_pip, _ = locked(tmp_path, ["zz-dep"], HERE, Lock(), tools=PIP)
    by_uv, _ = locked(tmp_path, ["zz-dep"], HERE, Lock())
    assert by_pip.text == by_uv.text


@pytest.mark.slow
@no_pip
@pytest.mark.usefixtures("wheelhouse")
@pytest.mark.parametrize(
    ("wanted", "code"),
    [(["zz-sources"], "CC862"), (["zz-pure>=2", "zz-dep>=1"], "CC863"), (["zz-dep", "-r none"], "CC864")],
)
def test_pip_says_what_it_cannot_have(tmp_path, wanted, code):
    assert refused(tmp_path, wanted, HERE, tools=PIP).code == code
