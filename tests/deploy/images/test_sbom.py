"""The bill of materials: CycloneDX, and the same for the same image."""

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cloud_cron import __version__
from cloud_cron_cli.deploy.images.packages import Package
from cloud_cron_cli.deploy.images.sbom import Contents, sbom

A, B = "a" * 64, "b" * 64
PACKAGES = (
    Package("zz-own", "1.0+cpu", (f"sha256:{A}",), "https://x/zz_own-1.0-py3-none-any.whl"),
    Package("jinja2", "3.1.6", (f"sha256:{A}", f"sha256:{B}")),
)
CONTENTS = Contents("shop", f"sha256:{B}", "public.ecr.aws/lambda/python:3.13", f"sha256:{A}", PACKAGES)
TEXTS = st.text(min_size=1, max_size=8)
# CycloneDX 1.6, bom-1.6.schema.json: what is required, and what the fields that we use may hold.
SERIAL = r"urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
KINDS = {"application", "container", "library"}
FIELDS = {"type", "bom-ref", "name", "version", "purl", "hashes", "externalReferences"}
PURL = r"pkg:[a-z]+/[A-Za-z0-9%._~:-]+@[A-Za-z0-9%._~:-]+(\?[a-z_]+=[A-Za-z0-9%._~:-]+)?"


def check_hashes(owner: dict[str, Any]) -> None:
    for each in owner.get("hashes", []):
        assert set(each) == {"alg", "content"}
        assert each["alg"] == "SHA-256"
        assert re.fullmatch(r"[0-9a-f]{64}", each["content"])


def check_component(component: dict[str, Any]) -> None:
    assert component["type"] in KINDS
    assert component["name"]
    assert set(component) <= FIELDS
    assert re.fullmatch(PURL, component["purl"]), component["purl"]
    check_hashes(component)
    for reference in component.get("externalReferences", []):
        assert set(reference) == {"type", "url", "hashes"}
        assert reference["type"] == "distribution"
        check_hashes(reference)


def checked(data: bytes) -> dict[str, Any]:
    """The bill, which is as the specification wants it."""
    bill: dict[str, Any] = json.loads(data)
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    assert set(bill) == {
        "bomFormat",
        "specVersion",
        "version",
        "serialNumber",
        "metadata",
        "components",
        "dependencies",
    }
    assert re.fullmatch(SERIAL, bill["serialNumber"])
    assert set(bill["metadata"]) <= {"timestamp", "tools", "component"}
    for component in (bill["metadata"]["component"], *bill["components"]):
        check_component(component)
    references = [each["bom-ref"] for each in (bill["metadata"]["component"], *bill["components"])]
    assert len(set(references)) == len(references)
    assert [each["ref"] for each in bill["dependencies"]] == references
    assert all(set(each) <= {"ref", "dependsOn"} for each in bill["dependencies"])
    assert {ref for each in bill["dependencies"] for ref in each.get("dependsOn", ())} <= set(references)
    return bill


def test_a_bill_names_the_app_the_base_the_library_and_every_package():
    bill = checked(sbom(CONTENTS))
    assert bill["metadata"]["component"]["purl"] == f"pkg:generic/shop@sha256:{B}"
    assert [(each["type"], each["name"], each["version"]) for each in bill["components"]] == [
        ("container", "public.ecr.aws/lambda/python", f"sha256:{A}"),
        ("library", "cloud-cron", __version__),
        ("library", "jinja2", "3.1.6"),
        ("library", "zz-own", "1.0+cpu"),
    ]


def test_addresses_of_packages_are_those_that_scanners_know():
    base, own, jinja, local = (each["purl"] for each in checked(sbom(CONTENTS))["components"])
    assert base == f"pkg:oci/python@sha256:{A}?repository_url=public.ecr.aws%2Flambda%2Fpython"
    assert own == f"pkg:pypi/cloud-cron@{__version__}"
    assert jinja == "pkg:pypi/jinja2@3.1.6"
    assert local == "pkg:pypi/zz-own@1.0%2Bcpu?download_url=https:%2F%2Fx%2Fzz_own-1.0-py3-none-any.whl"


def test_one_hash_is_the_wheel_and_several_are_what_it_may_be():
    *_, jinja, local = checked(sbom(CONTENTS))["components"]
    assert local["hashes"] == [{"alg": "SHA-256", "content": A}]
    assert [each["content"] for each in jinja["externalReferences"][0]["hashes"]] == [A, B]


def test_the_same_image_has_the_same_bill():
    turned = CONTENTS._replace(packages=list(reversed(PACKAGES)))
    assert sbom(turned) == sbom(CONTENTS)


def test_another_image_has_another_serial_number_and_another_time_has_not():
    serials = [
        checked(sbom(contents, time))["serialNumber"]
        for contents, time in [
            (CONTENTS, None),
            (CONTENTS, "2030-01-01T00:00:00Z"),
            (CONTENTS._replace(source="x"), None),
        ]
    ]
    assert serials[0] == serials[1] != serials[2]
    assert json.loads(sbom(CONTENTS, "2030-01-01T00:00:00Z"))["metadata"]["timestamp"] == "2030-01-01T00:00:00Z"


@given(TEXTS, TEXTS, TEXTS)
def test_whatever_things_are_called(app, source, version):
    packages = [Package("a", version, ())]
    checked(sbom(Contents(app, source, "127.0.0.1:5000/a/b", f"sha256:{A}", packages)))


def test_the_port_of_a_registry_is_no_tag():
    for reference in ("127.0.0.1:5000/a/b", "127.0.0.1:5000/a/b:1", f"127.0.0.1:5000/a/b:1@sha256:{A}"):
        assert checked(sbom(CONTENTS._replace(base=reference)))["components"][0]["name"] == "127.0.0.1:5000/a/b"
