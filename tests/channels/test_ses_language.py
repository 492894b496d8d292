"""Templates in SES's language: what is rendered here, what only SES can, and what is no template."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud_cron.channels.ses_language import UnshownError, parse, render
from cloud_cron.errors import RenderError

DATA = {
    "name": "Ada", "count": 3, "ok": True, "none": None, "empty": [], "rows": [{"kind": "frost"}, {"kind": "wind"}],
    "words": ["a", "b"], "deep": {"er": {"x": 1.5}}, "by_name": {"first": "1", "second": "2"}, "tag": "<b>",
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hello {{name}}, {{ count }} new", "Hello Ada, 3 new"),
        ("{{{tag}}}{{tag}}", "<b><b>"),
        ("{{deep.er.x}} {{ok}} [{{none}}]", "1.5 true []"),
        ("{{#if ok}}yes{{else}}no{{/if}}{{#if empty}}yes{{else}}no{{/if}}", "yesno"),
        ("{{#if nowhere}}yes{{/if}}{{#unless nowhere}}no{{/unless}}", "no"),
        ("{{#each rows}}{{kind}} for {{name}}; {{/each}}", "frost for Ada; wind for Ada; "),
        ("{{#each words}}{{this}}{{/each}}{{#each by_name}}{{this}}{{/each}}", "ab12"),
        ("{{#each empty}}x{{else}}nothing{{/each}}", "nothing"),
        ("{{#with deep}}{{er.x}}{{this.er.x}}{{/with}}", "1.51.5"),
        ("a{{! no {word} }}b{{!-- {{name}} --}}c", "abc"),
        ("{{#each rows}}{{#each words}}{{kind}}-{{this}};{{/each}}{{/each}}", "frost-a;frost-b;wind-a;wind-b;"),
        ("{ {name} } }", "{ {name} } }"),
        ("@media print{a{color:red}}", "@media print{a{color:red}}"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_is_known_of_the_language_is_rendered(text, said):
    assert render(text, DATA, "text") == said


@pytest.mark.parametrize(
    "text",
    ["{{> partial}}", "{{#each rows as |row|}}{{/each}}", "{{@index}}", "{{../name}}", "{{#if a b}}{{/if}}", "{{else}}",
     "{{#list x}}{{/list}}", "{{rows}}", "{{name | upper}}", "{{ 'text' }}"],
)  # fmt: skip
def test_what_only_ses_knows_is_left_to_it(text):
    with pytest.raises(UnshownError):
        render(text, DATA, "text")


@pytest.mark.parametrize(
    ("text", "said", "where"),
    [
        ("a\n{{name", "not closed", "html:2"),
        ("a\n\n{{name} {{ok}}", "not closed", "html:3"),
        ("{{#if ok}}\nx", "{{#if}} is never closed", "html:1"),
        ("{{#if ok}}\n{{/each}}", "{{/each}} closes nothing", "html:2"),
        ("{{/if}}", "{{/if}} closes nothing", "html:1"),
    ],
)
def test_what_is_no_template_is_refused_with_its_line(text, said, where):
    with pytest.raises(RenderError) as caught:
        parse(text, "html")
    assert (caught.value.code, caught.value.where) == ("CC402", where)
    assert said in caught.value.message
    assert "not in Jinja" in (caught.value.hint or "")


def test_a_variable_that_is_missing_is_refused_here_since_ses_would_say_nothing():
    for text in ("\n{{nmae}}", "\n{{deep.er.y}}", "\n{{#each rows}}{{kindd}}{{/each}}"):
        with pytest.raises(RenderError, match="never send it") as caught:
            render(text, DATA, "text")
        assert (caught.value.code, caught.value.where) == ("CC403", "text:2")


def test_a_template_that_goes_on_and_on_is_stopped():
    data = {"many": ["x" * 300] * 1000, "none": [[]] * 1000}
    for text in ("{{#each many}}{{this}}{{/each}}", "{{#each none}}{{#each none}}{{#if x}}{{/if}}{{/each}}{{/each}}"):
        with pytest.raises(RenderError) as caught:
            render(text, data, "text")
        assert caught.value.code == "CC405"


@given(st.lists(st.sampled_from(["{{", "}}", "#if ", "/if", "ok", "name", "else", " ", "#each rows", "x\n", "!", "{"])))
def test_whatever_is_written_is_rendered_refused_or_left_to_ses(pieces):
    with suppress(RenderError, UnshownError):
        assert "{{name}}" not in render("".join(pieces), DATA, "text")
