"""What a text to several people costs, as a preview tells it."""

from __future__ import annotations

import sys

import pytest

from cloud_cron.channels.costing import cost
from cloud_cron.channels.gsm import encoding

US, GB, NOBODY = "+12025550123", "+442079460123", "+9990000000000"


@pytest.mark.parametrize(
    ("people", "sender", "regions", "kind"),
    [
        ([US, US], US, {"US": 2}, "domestic"),
        ([US, GB], US, {"GB": 1, "US": 1}, "abroad"),
        ([GB], US, {"GB": 1}, "abroad"),
        ([US], None, {"US": 1}, "unknown"),
        ([NOBODY], US, {"unknown": 1}, "unknown"),
        ([], US, {}, "unknown"),
    ],
)
def test_segments_are_paid_for_everybody_by_the_region_they_are_in(people, sender, regions, kind):
    pytest.importorskip("phonenumbers")
    found = cost(3, people, sender)

    assert (found.segments, found.recipients) == (3 * len(people), len(people))
    assert (found.regions, found.kind) == (regions, kind)


def test_where_regions_are_not_known_a_cost_is_told_all_the_same(monkeypatch):
    monkeypatch.setitem(sys.modules, "phonenumbers", None)

    assert cost(2, [US], US)._asdict() == {"segments": 2, "recipients": 1, "regions": {"unknown": 1}, "kind": "unknown"}


@pytest.mark.parametrize(("text", "expected"), [("", "GSM-7"), ("€[]", "GSM-7"), ("ç", "UCS-2"), ("a✉", "UCS-2")])
def test_one_character_decides_how_a_text_travels(text, expected):
    assert encoding(text) == expected
