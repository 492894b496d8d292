"""The bill of materials names the wheel by its hash, and all that the lock pins for it, with who needs what."""

from __future__ import annotations

import hashlib
import json

from cloud_cron_cli.deploy.images.packages import Package
from scripts.release import bill, lock
from scripts.release.outcomes import Failed, Ok
from tests.project.release.planted import LOCK, tree

A, B = "a" * 64, "b" * 64
WHEEL = Package("cloud-cron", "1.2.3", (f"sha256:{A}",))
JINJA, MARKUP = Package("jinja2", "3.1.6", (f"sha256:{A}", f"sha256:{B}")), Package("markupsafe", "3.0.4", ())
NEEDS = {"cloud-cron": ["jinja2"], "jinja2": ["markupsafe"], "markupsafe": [], "pytest": ["pluggy"]}
PINNED = f"""
[[package]]
name = "six"
version = "1.17.0"
source = {{ registry = "https://index.invalid/simple" }}
wheels = [
    {{ url = "https://index.invalid/six-1.17.0-py3-none-any.whl", hash = "sha256:{A}" }},
]
"""


def test_a_bill_says_which_package_needs_which():
    said = json.loads(bill.sbom(WHEEL, [MARKUP, JINJA], NEEDS))

    assert said["metadata"]["component"]["purl"] == "pkg:pypi/cloud-cron@1.2.3"
    assert said["metadata"]["component"]["hashes"] == [{"alg": "SHA-256", "content": A}]
    assert [each["name"] for each in said["components"]] == ["jinja2", "markupsafe"]
    assert said["dependencies"] == [
        {"ref": "pkg:pypi/cloud-cron@1.2.3", "dependsOn": ["pkg:pypi/jinja2@3.1.6"]},
        {"ref": "pkg:pypi/jinja2@3.1.6", "dependsOn": ["pkg:pypi/markupsafe@3.0.4"]},
        {"ref": "pkg:pypi/markupsafe@3.0.4"},
    ]


def test_the_same_wheel_and_lock_have_the_same_bill():
    assert bill.sbom(WHEEL, [JINJA, MARKUP], NEEDS) == bill.sbom(WHEEL, [MARKUP, JINJA], NEEDS)
    assert bill.sbom(WHEEL, [JINJA], NEEDS) != bill.sbom(WHEEL, [JINJA, MARKUP], NEEDS)


def test_the_file_is_about_the_wheel_that_was_built(tmp_path):
    locked = f'{LOCK}dependencies = [{{ name = "six" }}]\n{PINNED}'
    planted = tree(tmp_path, {"uv.lock": locked}, wheel={})

    assert bill.check(planted) == Ok("build/release/cloud-cron.cdx.json: 1 packages")
    said = json.loads((planted.out / "cloud-cron.cdx.json").read_bytes())
    (wheel,) = planted.out.glob("dist/*.whl")
    assert said["metadata"]["component"]["hashes"][0]["content"] == hashlib.sha256(wheel.read_bytes()).hexdigest()
    assert [each["purl"] for each in said["components"]] == ["pkg:pypi/six@1.17.0"]
    assert said["dependencies"][0]["dependsOn"] == ["pkg:pypi/six@1.17.0"]


def test_a_lock_that_cannot_be_read_is_told(tmp_path):
    outcome = bill.check(tree(tmp_path, {"uv.lock": "version = "}, wheel={}))
    assert isinstance(outcome, Failed)
    assert outcome.why.startswith("uv.lock could not be read: ")


def test_what_a_package_asks_for_itself_is_read_from_the_lock():
    text = '[[package]]\nname = "a"\ndependencies = [{ name = "c" }, { name = "b" }, { name = "c", marker = "x" }]\n'
    assert lock.needs(text) == {"a": ["b", "c"]}
