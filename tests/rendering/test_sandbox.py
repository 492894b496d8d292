"""What templates can reach, and how far they can go."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloud_cron import Message
from cloud_cron.rendering import budget
from tests.trying import examples

DATA = {"temp_c": 11, "rows": [1, 2], "p": {"items": 5, "b": 1}, "self": "me", "none": None}

shared = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(60))


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ temp_c }}", "11"),
        ("{{ p.items }} {{ p.b }} {{ p['items'] }}", "5 1 5"),
        ("{% for key in p.keys() %}{{ key }} {% endfor %}", "items b "),
        ("{{ self }}", "me"),
        ("{{ message.topic }} {{ recipient }} {{ app }} {{ stage }}", "reports ada@example.org weather prod"),
        ("{% for n in rows %}{{ loop.index }}/{{ loop.length }}{{ ',' if not loop.last }}{% endfor %}", "1/2,2/2"),
        ("{% for n in rows if n > 1 %}{{ n }}{% else %}-{% endfor %}", "2"),
        ("{% for n in [] %}x{% else %}empty{% endfor %}", "empty"),
        ("{{ 'a' ~ 1 ~ none }}", "a1None"),
        ("{{ ['a', 1]|join('-') }} {{ ','.join(['a', 'b']) }}", "a-1 a,b"),
        ("{{ [message]|join(attribute='topic') }}", "reports"),
        ("{{ '{:>5}'.format(1) }} {{ '%03d' % 7 }} {{ '%s'|format(temp_c) }}", "    1 007 11"),
        ("{% set x %}a{{ 1 }}{% endset %}{{ x|length }}", "2"),
        ("{% filter upper %}abc{% endfilter %}", "ABC"),
        ("{{ 2 ** 10 * 3 % 7 + 1 }}", "7"),
        ("{{ 'abc'.replace('b', 'x').center(5, '.') }}", ".axc."),
        ("{% macro twice(x) %}{{ x }}{{ x }}{% endmacro %}{{ twice(1) }}", "11"),
        ("{{ none|default('-', true) }} {{ absent|default('?') }}", "- ?"),
        ("{{ absent is defined }}", "False"),
    ],
)
def test_what_templates_are_for_works(render, template, expected):
    assert render(template, DATA) == expected


def test_self_is_jinjas_own_when_no_variable_has_that_name(render):
    assert render("{% block title %}T{% endblock %}{{ self.title() }}") == "TT"


def test_a_key_that_is_an_ambient_name_wins(render):
    assert render("{{ message }} {{ app }} {{ stage }}", {"message": "mine", "stage": 2}) == "mine weather 2"


@pytest.mark.parametrize(
    "template",
    [
        "{{ message.secrets }}",
        "{{ message['secrets'] }}",
        "{{ message|attr('secrets') }}",
        "{{ '{0.secrets}'.format(message) }}",
        "{{ '{m.secrets}'.format_map({'m': message}) }}",
        "{{ own.secrets }}",
        "{{ ''.__class__ }}",
        "{{ message.__class__.__mro__ }}",
        "{{ message.__dict__ }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ ''['__class__'] }}",
        "{{ ''|attr('__class__') }}",
        "{{ p.update({'b': 2}) }}",
        "{{ rows.append(3) }}",
        "{{ function.__globals__ }}",
        "{{ '{0.__class__}'.format(1) }}",
    ],
)
def test_secrets_and_internals_are_out_of_reach(refused, template):
    own = Message("reports", {}, "ID", secrets={"db": "canary"})
    error = refused(template, {**DATA, "own": own, "function": lambda: 1}, secrets={"db": "canary"})
    assert error.code == "CC404"
    assert "text= line 1" in error.message
    assert "canary" not in str(error)


@pytest.mark.parametrize(
    "template",
    [
        "{{ message }}",
        "{{ [message]|map(attribute='secrets')|list }}",
        "{{ message|string }}",
        "{{ [message]|groupby('topic') }}",
        "{{ message|pprint }}",
    ],
)
def test_no_other_way_shows_a_secret(render, template):
    assert "canary" not in render(template, secrets={"db": "canary"})


@pytest.mark.parametrize(
    "template",
    [
        "{% for i in range(1000000000) %}x{% endfor %}",
        "{% for i in range(90000) %}{% for j in range(90000) %}{% endfor %}{% endfor %}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(60) }}",
        "{% for a in rows recursive %}{{ loop(rows) }}{% endfor %}",
        "{% for a in [0] * 500 recursive %}{{ loop([0] * 500) if loop.depth == 1 }}{% endfor %}",
        "{% for a in [0] * 500 %}{% for b in [0] * 500 %}{% endfor %}{% endfor %}",
        f"{{% for a in {[0] * 500} %}}{{% for b in {[0] * 500} %}}{{% endfor %}}{{% endfor %}}",
        "{{ 'a' * 1000000000 }}",
        "{{ 1000000000 * 'a' }}",
        "{{ [1] * 1000000000 }}",
        "{{ 10 ** 1000000 }}",
        "{% set n = namespace(v=10 ** 5000) %}{% for i in range(20) %}{% set n.v = n.v * n.v %}{% endfor %}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '%*d' % (1000000000, 1) }}",
        "{{ '%1000000000d'|format(1) }}",
        "{{ '{:1000000000}'.format(1) }}",
        "{{ '{:{w}}'.format(1, w=1000000000) }}",
        "{{ 'a'|center(1000000000) }}",
        "{{ 'a'|indent(1000000000) }}",
        "{{ ('\n' * 9000)|indent(9000) }}",
        "{{ 'a'.ljust(1000000000) }}",
        "{{ 'a'.zfill(width=1000000000) if false else '1'.zfill(1000000000) }}",
        "{{ ('\t' * 9000).expandtabs(9000) }}",
        "{{ (1).to_bytes(1000000000, 'big') }}",
        "{{ ('a' * 100000)|replace('a', 'b' * 100000) }}",
        "{{ ('a' * 100000).replace('a', 'b' * 100000) }}",
        "{{ range(90000)|map('string')|join('a' * 100000) }}",
        "{{ ('a' * 100000).join(range(90000)|map('string')) }}",
        "{{ [1]|batch(1000000000, 'x')|list }}",
        "{{ [1]|slice(1000000000)|list }}",
        "{{ {'a': 1}|tojson(indent=1000000000) }}",
        "{{ 1.5|round(1000000000) }}",
        "{% set n = namespace(s='aaaa') %}{% for i in range(40) %}{% set n.s = n.s ~ n.s %}{% endfor %}",
        "{% set n = namespace(s='aaaa') %}{% for i in range(40) %}{% set n.s = n.s + n.s %}{% endfor %}",
        """{% set n = namespace(s='aaaa') %}{% for i in range(40) %}
        {% set x %}{{ n.s }}{{ n.s }}{% endset %}{% set n.s = x %}{% endfor %}""",
        "{% set n = namespace(l=[1]) %}{% for i in range(40) %}{% set n.l = n.l + n.l %}{% endfor %}",
        """{% macro d(s) %}{{ s }}{{ s }}{% endmacro %}
        {% set n = namespace(s='aaaa') %}{% for i in range(40) %}{% set n.s = d(n.s) %}{% endfor %}""",
        "{% for i in range(50000) %}abcdef{% endfor %}",
    ],
)
def test_what_would_never_end_or_fill_the_memory_is_refused_soon(refused, template):
    begun = process_time()
    error = refused(template, DATA)
    assert error.code == "CC405"
    assert process_time() - begun < 4


def test_the_budget_is_each_renderings_own(render):
    loop = "{% for i in range(90000) %}{% endfor %}x"
    assert [render(loop) for _ in range(3)] == ["x"] * 3


def test_a_rendering_inside_of_another_has_a_budget_of_its_own():
    with budget.Account():
        for _ in range(budget.STEPS):
            budget.step()
        with budget.Account():
            budget.step()
        with pytest.raises(budget.TooMuch):
            budget.step()


def test_ten_megabytes_are_too_much_and_256_kib_are_not(render, refused):
    assert len(render("{{ text }}", {"text": "x" * 262_144})) == 262_144
    error = refused("{{ text }}", {"text": "x" * 10_000_000})
    assert error.code == "CC405"
    assert "262,144 bytes" in error.message
    assert refused("{{ text }}", {"text": "é" * 131_073}).code == "CC405"


def test_an_sms_has_1600_characters(render, refused):
    assert len(render("{{ text }}", {"text": "é" * 1_600}, channel="sms")) == 1_600
    error = refused("{{ text }}", {"text": "x" * 1_601}, channel="sms")
    assert "1,600 characters" in error.message


@pytest.mark.parametrize(
    ("template", "code", "line", "said"),
    [
        ("a\n{% if %}", "CC402", 2, "Expected an expression"),
        ("a\n\n{{ temp_c|uper }}", "CC402", 3, "uper"),
        ("{{ temp_c is evenn }}", "CC402", 1, "evenn"),
        ("\n{{ tempc }}", "CC403", 2, "'tempc' is undefined"),
        ("\n\n{{ message.payload.station }}", "CC403", 3, "no key 'station'"),
        ("{{ message.nope }}", "CC403", 1, "Message has no 'nope'"),
        ("{{ []|first }}", "CC403", 1, "No first item"),
        ("{% for x in tempc %}{% endfor %}", "CC403", 1, "'tempc' is undefined"),
        ("{% if tempc %}{% endif %}", "CC403", 1, "'tempc' is undefined"),
        ("\n{{ 1 / 0 }}", "CC406", 2, "ZeroDivisionError"),
        ("\n{{ 1 + 'a' }}", "CC406", 2, "TypeError"),
        ("{{ broken() }}", "CC406", 1, "KeyError: 'mine'"),
        ("{% include 'absent.txt' %}", "CC401", 0, "'absent.txt'"),
        ("{% include '../secret.txt' %}", "CC401", 0, "'../secret.txt'"),
        ("{% include '/etc/hosts' %}", "CC401", 0, "'/etc/hosts'"),
    ],
)
def test_a_mistake_is_told_with_its_line(refused, template, code, line, said):
    def broken():
        raise KeyError("mine")

    error = refused(template, {**DATA, "broken": broken})
    assert error.code == code
    assert said in error.message
    assert not line or f"text= line {line}" in error.message


def test_an_undefined_name_is_told_with_the_known_ones(refused):
    error = refused("{{ tempc }}", {"temp_c": 1, "station": "KSEA"})
    assert error.hint == "did you mean 'temp_c'? known: app, message, recipient, stage, station, temp_c"
    error = refused("{{ zzz }}", {"temp_c": 1})
    assert error.hint == "known: app, message, recipient, stage, temp_c"
    error = refused("{{ message.payload.temp }}", payload={"temp_c": 1})
    assert error.hint == "did you mean 'temp_c'? known: temp_c"


def test_a_misspelt_filter_is_told_with_the_closest(refused):
    assert refused("{{ 1|uper }}").hint == "did you mean 'upper'?"
    assert "safe_url" in refused("{{ 1|qqqq }}").hint


def test_deep_nesting_is_an_error_and_no_crash(refused):
    assert refused("{% for a in rows %}" * 30 + "{% endfor %}" * 30, DATA).code == "CC402"
    assert refused("{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}").code == "CC405"


@given(text=st.text())
@shared
def test_any_text_is_escaped_in_html_and_whole_in_text(render, text):
    html = render("[{{ x }}|{{ 'a' ~ x }}|{{ [x]|join }}|{% set y %}{{ x }}{% endset %}{{ y }}]", {"x": text}, "html")
    assert "<" not in html
    assert ">" not in html
    assert '"' not in html
    if not any("\ud800" <= char <= "\udfff" for char in text):
        assert render("[{{ x }}]", {"x": text}) == f"[{text}]"


def test_joined_markup_is_escaped_as_jinja_does_it(render):
    html = render(
        "{{ '<i>' ~ x }} {{ ('<i>'|safe) ~ x }} {{ [x, x]|join('<br>') }} {{ [x, x]|join('<br>'|safe) }}",
        {"x": "&"},
        "html",
    )
    assert html == "&lt;i&gt;&amp; <i>&amp; &amp;&lt;br&gt;&amp; &amp;<br>&amp;"


def test_a_text_included_into_html_is_escaped_too(render, folder):
    (folder / "footer.txt").write_text("{{ x }}", encoding="utf-8")
    assert render("{% include 'footer.txt' %}", {"x": "<script>"}, "html") == "&lt;script&gt;"


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://example.org/?a=1&b=2", "https://example.org/?a=1&amp;b=2"),
        ("HTTP://example.org", "HTTP://example.org"),
        ("mailto:ada@example.org", "mailto:ada@example.org"),
        ("tel:+14155552671", "tel:+14155552671"),
        (" https://example.org", "https://example.org"),
        ("https://example.org/'\">", "https://example.org/&#39;&#34;&gt;"),
        ("javascript:alert(1)", "#"),
        ("JaVaScRiPt:alert(1)", "#"),
        ("java\nscript:alert(1)", "#"),
        ("\x01javascript:alert(1)", "#"),
        ("data:text/html,<script>", "#"),
        ("vbscript:x", "#"),
        ("//example.org", "#"),
        ("/path", "#"),
        ("https:", "#"),
        ("", "#"),
        (None, "#"),
    ],
)
def test_a_link_has_a_safe_scheme(render, address, safe):
    assert render("<a href='{{ x|safe_url }}'>", {"x": address}, "html") == f"<a href='{safe}'>"
