"""What `from cloud_cron import ...` offers, and nothing more."""

from __future__ import annotations

from types import ModuleType

import pytest

import cloud_cron


def test_names_are_sorted_and_single():
    names = cloud_cron.__all__
    assert names == sorted(set(names), key=lambda name: (not name.isupper(), name))  # constants first


def test_everything_of_ours_is_listed():
    found = {name: getattr(cloud_cron, name) for name in dir(cloud_cron) if not name.startswith("_")}
    assert {name for name, value in found.items() if is_ours(value)} == set(cloud_cron.__all__)


def is_ours(value: object) -> bool:
    """Whether a class, a function or an instance comes from the library; modules are places, not names."""
    home = value.__module__ if hasattr(value, "__module__") else type(value).__module__
    return home.startswith("cloud_cron") and not isinstance(value, ModuleType)


@pytest.mark.parametrize("name", cloud_cron.__all__)
def test_every_name_is_there_and_documented(name: str):
    value = getattr(cloud_cron, name)
    assert (value.__doc__ or "").strip()


@pytest.mark.parametrize(
    "kind", [value for name in cloud_cron.__all__ if isinstance(value := getattr(cloud_cron, name), type)]
)
def test_every_class_says_something_of_its_own(kind: type):
    documented = vars(kind).get("__doc__") or ""
    assert documented
    assert not documented.startswith(f"{kind.__name__}("), "dataclasses and named tuples write this one themselves"
