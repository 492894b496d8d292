"""Where each part comes from, and what is said when it cannot."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from cloud_cron.errors import RenderError
from cloud_cron.model import AppModel, NotifierModel
from cloud_cron.rendering import NotifierParts, Templates, check_templates

if TYPE_CHECKING:
    from cloud_cron.channels.context import Parts


def error_of(call, *args):
    with pytest.raises(RenderError) as caught:
        call(*args)
    assert caught.value.hint
    return caught.value


def test_the_parts_are_what_a_channel_expects(parts_of):
    parts: Parts = parts_of()
    assert parts.has("subject") is False


def test_inline_comes_before_files_before_layouts(parts_of, folder):
    (folder / "report.subject.txt").write_text("file {{ n }}\n", encoding="utf-8")
    (folder / "report.txt").write_text("file {{ n }}\n", encoding="utf-8")
    parts = parts_of(template="report", subject="inline {{ n }}")
    assert parts.render("subject", {"n": 1}) == "inline 1"
    assert parts.render("text", {"n": 1}) == "file 1"
    assert [parts.has(part) for part in ("subject", "text", "html")] == [True, True, False]
    assert "<!doctype html>" in parts.render("html", {"n": 1})


def test_without_a_template_the_notifiers_name_is_looked_for(parts_of, folder):
    (folder / "mail_report.html").write_text("<p>{{ n }}</p>", encoding="utf-8")
    parts = parts_of()
    assert parts.has("html")
    assert parts.render("html", {"n": "<"}) == "<p>&lt;</p>"
    assert not parts_of(name="other").has("html")


def test_includes_and_inheritance_work_inside_the_folder(parts_of, folder):
    (folder / "partials").mkdir()
    (folder / "partials" / "footer.html").write_text("<i>{{ n }}</i>", encoding="utf-8")
    (folder / "base.html").write_text(
        "{% block body %}{% endblock %}{% include 'partials/footer.html' %}", encoding="utf-8"
    )
    (folder / "report.html").write_text(
        "{% extends 'base.html' %}{% block body %}<b>{{ n }}</b>{% endblock %}", encoding="utf-8"
    )
    assert parts_of(template="report").render("html", {"n": 1}) == "<b>1</b><i>1</i>"
    inline = parts_of(html="{% extends 'base.html' %}{% block body %}!{% endblock %}")
    assert inline.render("html", {"n": 2}) == "!<i>2</i>"


def test_a_template_may_stand_in_a_folder_inside(parts_of, folder):
    (folder / "mails").mkdir()
    (folder / "mails" / "report.txt").write_text("hello", encoding="utf-8")
    assert parts_of(template="mails/report").render("text", {}) == "hello"


@pytest.mark.parametrize(
    "name", ["../secret", "/etc/hosts", "a/../../secret", "a/../secret", "..\\secret", "C:secret", "", "./secret"]
)
def test_no_template_comes_from_outside(parts_of, folder, name):
    (folder / "a").mkdir()
    for place in (folder.parent, folder):  # a roundabout way to a file inside is refused too
        (place / "secret.txt").write_text("canary", encoding="utf-8")
    error = error_of(parts_of(template=name).render, "text", {})
    assert error.code == "CC401"
    assert error.where == "app.py:12"


@pytest.mark.skipif(os.name == "nt", reason="needs a privilege on Windows")
def test_a_link_to_the_outside_is_not_followed(parts_of, folder):
    secret = folder.parent / "secret.txt"
    secret.write_text("canary", encoding="utf-8")
    (folder / "report.txt").symlink_to(secret)
    assert error_of(parts_of(template="report").render, "text", {}).code == "CC401"
    (folder / "mail.txt").write_text("{% include 'report.txt' %}", encoding="utf-8")
    assert error_of(parts_of(template="mail").render, "text", {}).code == "CC401"


def test_a_missing_template_is_told_with_the_closest(parts_of, folder):
    (folder / "report.html").write_text("x", encoding="utf-8")
    error = error_of(parts_of(template="repotr").has, "html")
    assert error.code == "CC401"
    assert "template 'repotr' of notifier 'mail_report'" in error.message
    assert "repotr.html" in error.message
    assert error.hint == "did you mean 'report'?"


def test_a_missing_template_in_an_empty_folder_is_told_with_the_file_to_create(parts_of):
    assert error_of(parts_of(template="report").has, "text").hint == "create templates/report.html"


def test_a_template_must_have_a_part_that_the_channel_has(parts_of, folder):
    (folder / "report.html").write_text("x", encoding="utf-8")
    error = error_of(parts_of("sms", template="report").render, "text", {})
    assert error.code == "CC401"
    assert "no report.txt" in error.message


def test_without_a_folder_there_are_no_files():
    parts = NotifierParts(NotifierModel("n", "email", template="report", where="app.py:3"), "weather", Templates(None))
    assert error_of(parts.has, "text").where == "app.py:3"
    assert Templates(None).names() == []


@pytest.mark.parametrize(
    ("text", "expected", "said"),
    [
        ("a\n\n{% if %}", "CC402 templates/report.txt:3", "Expected an expression"),
        ("a\n{{ absent }}", "CC403 templates/report.txt:2", "'absent'"),
        ("{{ ''.__class__ }}", "CC404 templates/report.txt:1", "__class__"),
        ("\n{{ 'x' * 1000000000 }}", "CC405 templates/report.txt:2", "1,000,000,000"),
        ("{% for i in range(90000) %}xxxx{% endfor %}", "CC405 templates/report.txt:1", "262,144 bytes"),
        ("\n\n{{ 1 / 0 }}", "CC406 templates/report.txt:3", "ZeroDivisionError"),
        ("\n \n", "CC411 templates/report.txt:1", "empty"),
        ("\n{% include 'absent.txt' %}", "CC401 templates/report.txt:2", "'absent.txt'"),
        ("{% include 'inner.txt' %}", "CC403 templates/inner.txt:3", "'missing'"),
        ("{% include 'torn.txt' %}", "CC402 templates/torn.txt:2", "end"),
        ("{% include 'latin.txt' %}", "CC402 templates/latin.txt:2", "0xE9 in column 3"),
    ],
)
def test_a_mistake_in_a_file_is_told_with_file_and_line(parts_of, folder, text, expected, said):
    (folder / "inner.txt").write_text("1\n2\n{{ missing }}", encoding="utf-8")
    (folder / "torn.txt").write_text("1\n{% end %}", encoding="utf-8")
    (folder / "latin.txt").write_bytes(b"1\nca\xe9")
    (folder / "report.txt").write_text(text, encoding="utf-8")
    error = error_of(parts_of(template="report").render, "text", {})
    assert f"{error.code} {error.where}" == expected
    assert said in error.message


@pytest.mark.parametrize(
    ("data", "where", "said"),
    [
        (b"\xef\xbb\xbfHello", "templates/report.txt:1", "byte order mark"),
        ("Hello\ncafé".encode("latin-1"), "templates/report.txt:2", "byte 0xE9 in column 4"),
        ("Hello".encode("utf-16"), "templates/report.txt:1", "byte 0xFF in column 1"),
    ],
)
def test_a_file_must_be_utf8_without_a_mark(parts_of, folder, data, where, said):
    (folder / "report.txt").write_bytes(data)
    parts = parts_of(template="report")
    error = error_of(parts.render, "text", {})
    assert (error.code, error.where) == ("CC402", where)
    assert "report.txt" in error.message
    assert said in error.message
    assert "UTF-8" in (error.hint or "")
    assert [str(found) for found in parts.check()] == [str(error)]


@pytest.mark.parametrize(
    ("template", "value", "expected"),
    [
        ("{{ x }}", "one\ntwo", "CC410 U+000A"),
        ("{{ x }}", "one\r\nBcc: eve@example.org", "CC410 U+000D"),
        ("{{ x }}", "a\x00b", "CC410 U+0000"),
        ("{{ x }}", "a\x85b", "CC410 U+0085"),
        ("{{ x }}", "a\u2028b", "CC410 U+2028"),
        ("one\n{{ x }}", "two", "CC410 U+000A"),
        ("{{ x }}", "x" * 999, "CC410 999 characters"),
        ("{{ x }}", " ", "CC411 empty"),
        ("{# nothing #}", "", "CC411 empty"),
    ],
)
def test_a_subject_is_one_line_with_something_in_it(parts_of, folder, template, value, expected):
    code, said = expected.split(" ", 1)
    (folder / "report.subject.txt").write_text(template, encoding="utf-8")
    error = error_of(parts_of(template="report").render, "subject", {"x": value})
    assert (error.code, error.where) == (code, "templates/report.subject.txt:1")
    assert "the subject from report.subject.txt" in error.message
    assert said in error.message
    inline = error_of(parts_of(subject=template).render, "subject", {"x": value})
    assert (inline.code, inline.where) == (code, "app.py:12")
    assert "the subject from subject=" in inline.message


def test_space_around_a_subject_is_the_templates_business(parts_of):
    assert parts_of(subject="\n  {% if true %}\n  {{ x }}\n{% endif %}\n").render("subject", {"x": "a\tb"}) == "a b"
    assert parts_of(subject="{{ x }}").render("subject", {"x": "x" * 998}) == "x" * 998


def test_half_a_surrogate_pair_in_foreign_data_is_replaced(parts_of):
    assert parts_of(text="{{ x }}é").render("text", {"x": "a\ud800b"}) == "a\ufffdbé"


def test_checking_needs_no_data_and_reports_every_part(parts_of, folder):
    (folder / "report.txt").write_text("{{ unknown }}{% include 'inner.txt' %}", encoding="utf-8")
    (folder / "inner.txt").write_text("ok\n{{ x|uper }}", encoding="utf-8")
    (folder / "report.html").write_text(
        "\n{% include 'absent.html' %}{% include 'maybe.html' ignore missing %}{% include x %}", encoding="utf-8"
    )
    found = parts_of(template="report", subject="{{").check()
    assert [(error.code, error.where) for error in found] == [
        ("CC402", "app.py:12"),
        ("CC402", "templates/inner.txt:2"),
        ("CC401", "templates/report.html:2"),
    ]
    assert all(error.hint for error in found)


def test_templates_that_include_each_other_are_checked_once(parts_of, folder):
    (folder / "report.txt").write_text("{% include 'other.txt' %}", encoding="utf-8")
    (folder / "other.txt").write_text("{% if x %}{% include 'report.txt' %}{% endif %}", encoding="utf-8")
    assert parts_of(template="report").check() == []


def test_a_whole_app_is_checked_and_each_mistake_told_once(folder):
    (folder / "report.txt").write_text("{{ x|uper }}", encoding="utf-8")
    notifiers = (
        NotifierModel("one", "email", template="report", where="app.py:1"),
        NotifierModel("two", "sms", template="report", where="app.py:2"),
        NotifierModel("three", "print", template="absent", where="app.py:3"),
        NotifierModel("four", "print", where="app.py:4"),
    )
    found = check_templates(AppModel("weather", notifiers=notifiers), Templates(folder))
    assert [(error.code, error.where) for error in found] == [
        ("CC402", "templates/report.txt:1"),
        ("CC401", "app.py:3"),
    ]


def test_a_template_is_compiled_once_for_all_notifiers(parts_of, folder):
    (folder / "report.txt").write_text("one", encoding="utf-8")
    templates = Templates(folder)
    model = NotifierModel("n", "email", template="report", html="{{ 1 }}")
    assert NotifierParts(model, "weather", templates).render("text", {}) == "one"
    (folder / "report.txt").write_text("two", encoding="utf-8")
    assert NotifierParts(model, "weather", templates).render("text", {}) == "one"
    engine = templates.engine("html")
    assert engine.inline("{{ 1 }}", "html=", "w") is engine.inline("{{ 1 }}", "html=", "w")


def test_the_names_that_exist_are_known(folder):
    for name in ("b.subject.txt", "b.html", "a.txt", "c.md"):
        (folder / name).write_text("x", encoding="utf-8")
    assert Templates(folder).names() == ["a", "b"]


def test_an_unreadable_part_has_no_layout(parts_of):
    error = error_of(parts_of().render, "fax", {})
    assert error.code == "CC401"
    assert "'fax'" in error.message


def test_importing_loads_no_template_engine():
    code = (
        "import sys, cloud_cron.rendering, cloud_cron.channels.email, cloud_cron.channels.sms, cloud_cron.content;"
        "print({'jinja2', 'markupsafe', 'email', 'html.parser'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
