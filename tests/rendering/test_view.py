"""What the default layouts show of any mapping."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloud_cron.rendering.columns import one_line, text_of
from cloud_cron.rendering.limits import MAIL
from cloud_cron.rendering.view import Cards, Fields, Listing, Note, Prose, Section, Table, blocks_of, paragraphs, view
from tests.trying import examples

data = st.dictionaries(
    st.text(max_size=12),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=200),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=7),
        max_leaves=25,
    ),
    max_size=8,
)
shared = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(60))


def kinds(mapping):
    return [(type(block), block[0] if not isinstance(block, Fields) else "") for block in blocks_of(mapping)]


def test_short_values_come_first_and_the_rest_in_its_order():
    found = kinds(
        {"rows": [{"a": 1}], "a": 1, "text": "x" * 101, "list": [1], "lines": "a\nb", "inner": {"b": 2}, "z": None}
    )
    assert found == [
        (Fields, ""),
        (Table, "Rows"),
        (Prose, "Text"),
        (Listing, "List"),
        (Prose, "Lines"),
        (Section, "Inner"),
    ]


def test_a_column_of_numbers_is_set_to_the_right():
    [table] = blocks_of({"rows": [{"a": 1, "b": "x", "c": None}, {"a": None, "b": 2, "d": 1.5}]})
    assert isinstance(table, Table)
    assert [(column.label, column.number) for column in table.columns] == [
        ("A", True),
        ("B", False),
        ("C", False),
        ("D", True),
    ]
    assert [item.text for item in table.rows[0]] == ["1", "x", "\N{EN DASH}", "\N{EN DASH}"]


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        ([{"a": 1, "b": [1, 2]}], Table),
        ([dict.fromkeys("abcde", 1)], Table),
        ([dict.fromkeys("abcdef", 1)], Cards),
        ([{"a": "x" * 101}], Cards),
        ([{"a": list(range(40))}], Cards),
        ([{"a": 1}, 2], Listing),
        ([{"a": 1}, {}], Listing),
        ([[1, 2], [3]], Listing),
    ],
)
def test_objects_become_a_table_when_they_are_narrow(rows, kind):
    assert [type(block) for block in blocks_of({"rows": rows})] == [kind]


def test_what_is_left_out_is_counted():
    [table] = blocks_of({"rows": [{"n": n} for n in range(150)]})
    assert isinstance(table, Table)
    assert (len(table.rows), table.more) == (100, 50)
    [cards] = blocks_of({"rows": [dict.fromkeys("abcdefg", n) for n in range(25)]})
    assert isinstance(cards, Cards)
    assert (len(cards.cards), cards.more) == (20, 5)
    [items] = blocks_of({"rows": list(range(101))})
    assert isinstance(items, Listing)
    assert (len(items.items), items.more) == (100, 1)
    assert "and 50 more" in text_of([table])
    assert "and 5 more" in text_of([cards])
    assert "and 1 more" in text_of([items])


def test_a_card_is_headed_by_its_name():
    [cards] = blocks_of(
        {"rows": [{"id": 7, "title": "Power cut", **dict.fromkeys("abcde", 1)}, dict.fromkeys("abcdef")]}
    )
    assert isinstance(cards, Cards)
    assert [card.title for card in cards.cards] == ["1. Power cut", "2"]


def test_depth_ends_in_a_line():
    value: object = {"x": 1, "y": [1, 2]}
    for _ in range(8):
        value = {"in": value}
    assert "X: 1; Y: 1, 2" in text_of(blocks_of({"deep": value}))


def test_an_empty_message_says_so(context_of):
    shown = view("weather", context_of().variables({}))
    assert shown.blocks == [Note("There is nothing to show.")]


def test_without_data_the_payload_is_shown(context_of):
    shown = view("weather", context_of(payload={"a": 1}).variables({}))
    assert shown.data == {"a": 1}


def test_a_key_with_an_ambient_name_is_shown_and_the_footer_stays_right(context_of):
    shown = view("weather", context_of().variables({"stage": "beta 2", "message": "disk full", "app": 1}))
    assert shown.stage == "prod"
    assert shown.run == "morning@2030-01-01T08:00:00Z"
    assert shown.scheduled == "2030-01-01 08:00 UTC"
    [fields] = shown.blocks
    assert isinstance(fields, Fields)
    assert [name for name, _ in fields.rows] == ["Stage", "Message", "App"]


def test_plain_variables_of_a_plug_in_do_too(context_of):
    shown = view("weather", dict(context_of().variables({"a": 1})))
    assert (shown.stage, shown.topic, shown.data) == ("prod", "reports", {"a": 1})
    bare = view("weather", {"a": 1})
    assert (bare.stage, bare.topic, bare.title) == ("", "", "Weather")


def test_a_settled_text_is_shown_instead_of_data(context_of):
    shown = view(
        "weather", context_of().variables({"a": 1}, {"subject": "Frost", "text": "One\r\n\r\n\r\nTwo\nlines\n"})
    )
    assert shown.title == "Frost"
    assert shown.blocks == [Prose("", ["One", "Two\nlines"])]
    assert shown.preview == "One"


def test_paragraphs_keep_their_lines():
    assert paragraphs("\n a\nb \n\n \nc\n") == [" a\nb", "c"]


@given(data)
@shared
def test_no_default_layout_fails_or_lets_markup_through(deliver, payload):
    mail = deliver(payload)
    assert "<script" not in mail.html
    assert mail.html.endswith("</html>")
    assert mail.text.strip()
    assert mail.subject == "weather: reports"
    sms = deliver(payload, "sms")
    assert len(sms.text) <= 160
    assert "\n" not in sms.text
    assert deliver(payload, "print").text.startswith("weather: reports")


@given(st.text())
@shared
def test_no_tag_of_the_data_survives(deliver, text):
    hostile = f"<script>{text}</script><img src=x onerror=alert(1)>"
    for value in ({"a": hostile, hostile: [hostile], "rows": [{"b": hostile}], "long": hostile * 9}, hostile):
        html = deliver(value).html
        assert "<script" not in html
        assert "<img" not in html


def test_a_large_payload_still_has_a_layout(deliver):
    payload = {
        "text": "x " * 60_000,
        "rows": [{"n": n, "text": "<&>" * 10} for n in range(2_000)],
        "list": ["&" * 50] * 1_000,
    }
    mail = deliver(payload)
    assert "and 1900 more" in mail.html
    assert "and 900 more" in mail.text
    assert MAIL.measure(mail.html) > 0


def test_text_lines_are_at_most_72_wide_unless_a_word_is_longer(deliver):
    mail = deliver(
        {
            "summary": "word " * 100,
            "key": "some words " * 9,
            "rows": [{"name": f"row {n}", "text": "several words " * 7, "number": n} for n in range(3)],
            "inner": {"inner": {"summary": "word " * 100}},
        }
    )
    assert max(map(len, mail.text.splitlines())) <= 72


def test_wide_characters_keep_the_columns_aligned():
    [table] = blocks_of({"rows": [{"city": "東京", "n": 1}, {"city": "Rome", "n": 22}, {"city": "Cafe\u0301", "n": 3}]})
    assert text_of([table]).splitlines() == [
        "Rows",
        "  City   N",
        "  ----  --",
        "  東京   1",
        "  Rome  22",
        "  Cafe\u0301   3",
    ]


def test_a_table_that_cannot_be_narrowed_becomes_fields():
    [table] = blocks_of({"rows": [{f"column_number_{n}": "some longer text here" for n in range(5)}] * 2})
    assert text_of([table]).splitlines()[:3] == [
        "Rows",
        "  Column number 0  some longer text here",
        "  Column number 1  some longer text here",
    ]


def test_an_sms_is_cut_with_three_dots_of_its_alphabet():
    assert one_line({"kind": "frost", "rows": [1, 2], "none": None, "no": []}, 100) == "kind frost, rows 2"
    assert one_line({"kind": "frost", "temp_c": -3.5, "wind": 18}, 30) == "kind frost, temp c -3.5 ..."
    assert one_line({"kind": "frost " * 30}, 20) == "kind frost frost ..."
    assert one_line({"a": 1}, 2) == " ..."


def test_a_message_without_a_run_is_signed_with_its_id(deliver):
    mail = deliver({"a": 1}, run=False)
    assert "message MESSAGE" in mail.text
    assert "message MESSAGE" in mail.html
    assert "run " not in mail.text


def test_a_topic_may_have_any_length(deliver, context_of):
    context = context_of("sms")
    long = replace(context, message=replace(context.message, topic="t" * 128))
    assert len(long.parts.render("text", long.variables({"a": "b" * 100}))) <= 160
