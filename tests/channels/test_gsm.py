"""Segments, against a count that tries every way of dividing the text."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_cron.channels.gsm import segments

# 3GPP TS 23.038, 6.2.1: the default alphabet in the order of its codes (27 is the escape), and its extension.
ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
TABLE = {char: bytes([code]) for code, char in enumerate(ALPHABET) if char != "\x1b"}
TABLE |= {char: b"\x1b" + code.encode("latin-1") for char, code in zip("\f^{}\\[~]|€", "\n\x14()/<=>@e", strict=True)}


def fewest(text: str) -> int:
    """The fewest segments over every way of dividing the text between characters."""
    if all(char in TABLE for char in text):
        units, one, more = [len(TABLE[char]) for char in text], 160, 153
    else:
        units, one, more = [len(char.encode("utf-16-be", "surrogatepass")) // 2 for char in text], 70, 67
    if sum(units) <= one:
        return 1

    @cache
    def rest(start: int) -> int:
        if start == len(units):
            return 0
        ends = (end for end in range(start + 1, len(units) + 1) if sum(units[start:end]) <= more)
        return 1 + min(rest(end) for end in sorted(ends)[-3:])

    return rest(0)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("€" * 152, 2),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("a" * 151 + "€" + "a" * 153, 2),
        ("ć" * 70, 1),
        ("ć" * 71, 2),
        ("ć" * 134, 2),
        ("ć" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("😀" * 66, 2),
        ("😀" * 67, 3),
        ("`" * 71, 2),
        ("°" * 71, 2),
        ("\t" * 71, 2),
    ],
)
def test_segments_at_the_edges(text, count):
    assert segments(text) == count
    assert fewest(text) == count


@given(st.text(st.sampled_from([*TABLE]), max_size=500) | st.text(st.sampled_from("ab€é😀ć\n~"), max_size=250))
def test_segments_are_the_fewest_that_divide_no_character(text):
    assert segments(text) == fewest(text)


def test_the_alphabet_has_no_more_and_no_less():
    assert len(TABLE) == 127 + 10
    assert all(segments(char * 160) == len(TABLE[char]) * 160 // 160 + (len(TABLE[char]) - 1) for char in TABLE)
