"""How keys and values read to a person."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum

import pytest

from cloud_cron.rendering.words import Word, label, plain_label, word


class Colour(Enum):
    RED = "red"


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("station", "Station"),
        ("temp_c", "Temp (°C)"),
        ("outside_temperature_f", "Outside temperature (°F)"),
        ("vitamin_c", "Vitamin c"),
        ("stationName", "Station name"),
        ("HTTPStatus", "HTTP status"),
        ("wind-speed_kmh", "Wind speed (km/h)"),
        ("latency_ms", "Latency (ms)"),
        ("disk_pct", "Disk (%)"),
        ("ms", "Ms"),
        ("map_url", "Map URL"),
        ("id", "ID"),
        ("Due date", "Due date"),
        ("größe", "Größe"),
        ("p95", "P95"),
        ("", "\N{EN DASH}"),
        ("__", "__"),
        (7, "7"),
    ],
)
def test_a_key_becomes_a_heading(key, expected):
    assert label(key) == expected


def test_a_key_in_an_sms_has_only_cheap_characters():
    assert plain_label("temp_c") == "temp c"
    assert plain_label("stationName") == "station name"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, Word("\N{EN DASH}")),
        ("", Word("\N{EN DASH}")),
        ([], Word("\N{EN DASH}")),
        ({}, Word("\N{EN DASH}")),
        (True, Word("yes")),
        (False, Word("no")),
        (0, Word("0", number=True)),
        (1234567, Word("1234567", number=True)),
        (11.2, Word("11.2", number=True)),
        (0.1 + 0.2, Word("0.3", number=True)),
        (2 / 3, Word("0.6666667", number=True)),
        (1234567.891234567, Word("1234567.89", number=True)),
        (1e300, Word("1e+300", number=True)),
        (0.00001234567890123, Word("1.234567890123e-05", number=True)),
        (-40.0, Word("-40", number=True)),
        (Decimal("1.10"), Word("1.10", number=True)),
        (Colour.RED, Word("red")),
        ("KSEA", Word("KSEA")),
        ("https://example.org/a?b", Word("https://example.org/a?b", url="https://example.org/a?b")),
        ("see https://example.org", Word("see https://example.org")),
        ("javascript:alert(1)", Word("javascript:alert(1)")),
        (date(2030, 1, 1), Word("2030-01-01")),
        (datetime(2030, 1, 1, 8, tzinfo=UTC), Word("2030-01-01 08:00 UTC")),
        (datetime(2030, 1, 1, 8, 0, 7, tzinfo=timezone(timedelta(hours=-5))), Word("2030-01-01 08:00:07 -05:00")),
        (datetime(2030, 1, 1, 8), Word("2030-01-01 08:00")),  # noqa: DTZ001
        ("2030-01-01T08:00:00Z", Word("2030-01-01 08:00 UTC")),
        ("2030-01-01T08:00:00.123456+01:00", Word("2030-01-01 08:00 +01:00")),
        ("2030-13-01T08:00:00Z", Word("2030-13-01T08:00:00Z")),
        ("0001-01-01T08:00:00Z", Word("0001-01-01 08:00:00+00:00 UTC")),
    ],
)
def test_a_value_reads_as_a_person_would_write_it(value, expected):
    assert word(value) == expected


def test_a_number_that_python_does_not_spell_out_is_told_by_its_size():
    assert word(10**5000).text == "a number of 16610 bits"
