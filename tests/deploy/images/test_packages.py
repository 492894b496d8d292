"""Packages as text and as values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_cron_cli.deploy.images.packages import Locked, Package, canonical, lines, name_of, parsed, text_of
from cloud_cron_cli.deploy.images.targets import Target

HASHES = st.lists(st.integers(0, 9).map(lambda number: f"sha256:{number:064x}"), max_size=3, unique=True)
NAMES = st.sampled_from(["a", "a-b", "a-b-c", "ab", "b", "b2", "c-3", "c3", "zope-interface"])
VERSIONS = st.sampled_from(["1", "1.0", "2.0rc1", "1!3.0", "1.0.post2", "1.2+cpu"])
PACKAGES = st.builds(Package, NAMES, VERSIONS, HASHES.map(sorted).map(tuple), st.none())
URL = "https://example.com/a/zz_dep-1.0-py3-none-any.whl"


@given(st.lists(PACKAGES, unique_by=lambda package: package.name))
def test_what_is_written_is_read_again(packages):
    assert parsed(text_of(packages)) == tuple(sorted(packages))


@given(st.lists(PACKAGES, unique_by=lambda package: package.name))
def test_order_does_not_matter(packages):
    assert text_of(reversed(packages)) == text_of(packages)


def test_a_package_with_an_address_keeps_it():
    package = Package("zz-dep", "1.0", ("sha256:" + "a" * 64,), URL)
    assert parsed(text_of([package])) == (package,)


def test_names_are_spelt_in_one_way():
    assert text_of([Package("Zz_Dep.x", "1", ("sha256:b", "sha256:a", "sha256:b"))]) == (
        "zz-dep-x==1 \\\n    --hash=sha256:a \\\n    --hash=sha256:b\n"
    )
    assert canonical("A__b.-c") == "a-b-c"


def test_lines_go_on_and_remarks_do_not_count():
    text = "# all\r\na==1 \\\r\n  --hash=sha256:x  # why\n\n  b>=2;python_version<'3.13'\nc @ https://x/y#egg=c\n"
    assert lines(text) == ["a==1 --hash=sha256:x", "b>=2;python_version<'3.13'", "c @ https://x/y#egg=c"]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Cloud_Cron", "cloud-cron"),
        ("cloud-cron[sms,test]>=1 ; python_version > '3'", "cloud-cron"),
        ("cloud.cron==1", "cloud-cron"),
        ("cloud-cron@ https://x/cloud.whl", "cloud-cron"),
        ("cloud-cron (>=1)", "cloud-cron"),
        ("cloud-cron;python_version>'3'", "cloud-cron"),
        ("cloud-cron-extras", "cloud-cron-extras"),
        ("./cloud-cron", None),
        ("cloud-cron/", None),
        ("-r cloud-cron", None),
        ("--pre", None),
        ("https://x/y.whl", None),
    ],
)
def test_a_line_names_a_package(line, name):
    assert name_of(line) == name


def test_the_key_is_of_the_text_and_the_target_and_of_nothing_else():
    text = text_of([Package("a", "1", ("sha256:b",))])
    one = Locked(text, Target("3.13", "arm64"))
    others = [Locked(text, Target("3.12", "arm64")), Locked(text, Target("3.13", "x86_64")), Locked("", one.target)]
    assert len({one.key, *(other.key for other in others)}) == 4
    assert one._replace(options=("--no-index",)).key == one.key


@pytest.mark.parametrize(
    ("target", "platform"),
    [
        (Target("3.11", "x86_64"), "x86_64-manylinux_2_17"),
        (Target("3.12", "arm64"), "aarch64-manylinux_2_34"),
        (Target("3.14", "x86_64"), "x86_64-manylinux_2_34"),
    ],
)
def test_the_platform_is_that_of_the_functions(target, platform):
    assert target.platform == platform
