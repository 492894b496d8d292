"""Texts of more segments than they may have: refused, or cut at what fits."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_cron.channels import find
from cloud_cron.channels.gsm import segments
from cloud_cron.channels.shortening import fitting
from cloud_cron.errors import RenderError

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


@pytest.mark.parametrize(
    ("text", "most", "cut"),
    [
        ("x" * 160, 1, "x" * 160),
        ("x" * 161, 1, "x" * 157 + "..."),
        ("x" * 306, 2, "x" * 306),
        ("x" * 307, 2, "x" * 303 + "..."),
        ("€" * 80, 1, "€" * 80),
        ("€" * 81, 1, "€" * 78 + "..."),
        ("ć" * 70, 1, "ć" * 70),
        ("ć" * 71, 1, "ć" * 67 + "..."),
        ("ć" * 134, 2, "ć" * 134),
        ("ć" * 135, 2, "ć" * 131 + "..."),
        ("\U0001f321" * 36, 1, "\U0001f321" * 33 + "..."),
        ("x" * 200 + "ć", 1, "x" * 157 + "..."),
        ("x" * 60 + "ć" * 200, 1, "x" * 60 + "ć" * 7 + "..."),
        ("x" * 150 + " " * 20 + "y", 1, "x" * 150 + "..."),
        ("c" * 66 + "e\u0301" * 10, 1, "c" * 66 + "..."),
        ("c" * 63 + FAMILY * 2, 1, "c" * 63 + "..."),
        ("x" * 5000, 24, "x" * 1597 + "..."),
    ],
)
def test_a_text_is_cut_at_what_fits_before_the_mark(text, most, cut):
    assert fitting(text, most, cuts=True) == (cut, segments(cut))
    assert segments(cut) <= most


@given(st.text(max_size=400), st.integers(1, 3))
def test_what_is_cut_fits_and_begins_as_the_text_does(text, most):
    done = fitting(text, most, cuts=True)
    assert done.segments == segments(done.text) <= most
    assert done.text == text or (done.text.endswith("...") and text.startswith(done.text[:-3]))


@pytest.fixture
def rendered(context_of):
    def make(value: object, text: str | None = None, **options: Any):
        more = {} if text is None else {"text": text}
        return find("sms").render(value, context_of("sms", options=options, **more))

    return make


def test_a_text_above_the_limit_is_refused_unless_it_may_be_cut(rendered):
    assert rendered("x" * 1530).segments == 10
    with pytest.raises(RenderError) as caught:
        rendered("x" * 1531)
    assert (caught.value.code, caught.value.message) == ("CC405", "the text takes 11 segments, and 10 are allowed")
    assert rendered("x" * 1531, max_segments=11).segments == 11
    assert rendered("x" * 1531, long="truncate").text == "x" * 1527 + "..."


@pytest.mark.parametrize("value", ["x" * 9000, {"n": 9000}], ids=["a string", "a template"])
def test_what_may_be_cut_may_be_longer_than_a_text(rendered, value):
    template = "{{ 'x' * n }}" if isinstance(value, dict) else None
    cut = rendered(value, template, long="truncate", max_segments=2)
    assert (len(cut.text), cut.segments) == (306, 2)
    with pytest.raises(RenderError, match=r"1,600 characters"):
        rendered(value, template, max_segments=2)
