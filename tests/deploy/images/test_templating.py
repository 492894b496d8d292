"""Templates that were compiled for an image: the same output, and never an old one."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from types import CodeType

import pytest

from cloud_cron.model import AppModel, NotifierModel
from cloud_cron.rendering import NotifierParts, Templates
from cloud_cron.rendering.layout import LABEL
from cloud_cron.rendering.precompiled import Precompiled, dumped, folder_name, key
from cloud_cron.rendering.templates import COMPILED, LAYOUTS
from cloud_cron_cli.deploy.images import files, templating
from cloud_cron_cli.deploy.images.interpreters import RUNNING
from cloud_cron_cli.deploy.images.templating import layouts, running_jinja, wanted

JINJA = version("jinja2")
FILES = {
    "mail.html": "{% extends 'base.html' %}{% block body %}<p>{{ n }}</p>{% endblock %}",
    "mail.txt": "{% include 'part.txt' %} {{ n }}",
    "base.html": "<main>{% block body %}{% endblock %}</main>",
    "part.txt": "part of {{ n }}",
    "other.txt": "of nobody",
}
MAIL = NotifierModel("mail", "email", subject="n is {{ n }}", where="app.py:1")
MODEL = AppModel("shop", notifiers=(MAIL,))


@pytest.fixture
def project(tmp_path):
    (tmp_path / "templates").mkdir()
    for name, text in FILES.items():
        (tmp_path / "templates" / name).write_text(text, encoding="utf-8")
    return tmp_path


def compiled(model, project, python, jinja):
    return templating.compiled(wanted(model, project, files.find(project)), python, jinja)


def lay(folder, found) -> None:
    for name, data in found.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def rendered(project, **values) -> list[str]:
    parts = NotifierParts(MAIL, "shop", Templates(project / "templates"))
    return [parts.render(part, values) for part in ("subject", "text", "html")]


def test_what_notifiers_name_is_compiled_with_what_it_includes(project):
    found = compiled(MODEL, project, RUNNING, JINJA)
    place = f"templates/{COMPILED}/{folder_name()}"
    named = [("n is {{ n }}", "subject=", "subject=", False)]
    named += [(FILES[name], name, f"templates/{name}", name.endswith("html")) for name in FILES if name != "other.txt"]
    assert set(found) == {f"{place}/{key(*what, autoescape=html)}" for *what, html in named}
    assert list(found) == sorted(found)


def test_the_output_is_the_same_and_nothing_is_compiled(project):
    plain = rendered(project, n="<1>")
    lay(project, compiled(MODEL, project, RUNNING, JINJA))
    assert rendered(project, n="<1>") == plain == ["n is <1>", "part of <1> <1>", "<main><p>&lt;1&gt;</p></main>"]
    for engine in (Templates(project / "templates").engine(part) for part in ("text", "html")):
        engine._environment.compile = None  # type: ignore[assignment, method-assign]  # whoever compiles fails
        engine.inline("n is {{ n }}", "subject=", "app.py:1") if not engine._environment.autoescape else None
        for name in FILES:
            if name.endswith("html") == engine._environment.autoescape and name != "other.txt":
                engine.file(name)


@pytest.mark.parametrize("name", ["mail.txt", "part.txt", "base.html"])
def test_a_template_that_was_changed_is_compiled_from_its_text(project, name):
    lay(project, compiled(MODEL, project, RUNNING, JINJA))
    (project / "templates" / name).write_text(FILES[name] + "changed", encoding="utf-8")
    assert "changed" in "".join(rendered(project, n=1))


def test_escaped_and_plain_never_take_each_others_code(project):
    (project / "templates" / "mail.html").write_text("{% include 'part.txt' %}", encoding="utf-8")
    lay(project, compiled(MODEL, project, RUNNING, JINJA))
    assert rendered(project, n="<") == ["n is <", "part of < <", "part of &lt;"]


@pytest.mark.parametrize("data", [b"", b"x", dumped(compile("1", "x", "eval"))[:-3], b"i\x01\x00\x00\x00"])
def test_a_file_that_is_no_code_is_passed_over(project, data):
    lay(project, dict.fromkeys(compiled(MODEL, project, RUNNING, JINJA), data))
    assert rendered(project, n=1)[1] == "part of 1 1"


def test_every_part_of_a_key_counts():
    given = ("text", "name", "file")
    keys = [
        key(*(f"{each}!" if index == at else each for index, each in enumerate(given)), autoescape=False)
        for at in range(3)
    ]
    keys += [key(*given, autoescape=True), key(*given, autoescape=False), key("t", "extname", "file", autoescape=False)]
    assert len(set(keys)) == len(keys)


def test_the_code_of_another_jinja_or_python_lies_elsewhere(project):
    lay(project, compiled(MODEL, project, RUNNING, JINJA))
    made = project / "templates" / COMPILED / folder_name()
    made.rename(made.with_name("3.0.0-cpython-39"))
    assert rendered(project, n=1)[1] == "part of 1 1"
    assert compiled(MODEL, project, RUNNING, "3.0.0") == {}


def test_an_error_still_tells_its_place(project):
    (project / "templates" / "part.txt").write_text("one\n{{ n.x.y }}", encoding="utf-8")
    lay(project, compiled(MODEL, project, RUNNING, JINJA))
    with pytest.raises(Exception, match=r"CC403 .*templates/part\.txt:2"):
        rendered(project, n={})


def test_a_template_that_does_not_compile_is_left_to_who_renders_it(project):
    (project / "templates" / "part.txt").write_text("{% if", encoding="utf-8")
    assert len(compiled(MODEL, project, RUNNING, JINJA)) == 4


def test_another_folder_and_another_time_give_the_same_bytes(project, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("a b") / "app"
    shutil.copytree(project, elsewhere)
    assert compiled(MODEL, elsewhere, RUNNING, JINJA) == compiled(MODEL, project, RUNNING, JINJA)


def test_an_app_without_templates_has_none(tmp_path):
    assert compiled(AppModel("shop"), tmp_path, RUNNING, JINJA) == {}
    assert compiled(AppModel("shop", notifiers=(NotifierModel("mail", "email"),)), tmp_path, RUNNING, JINJA) == {}


def test_the_key_is_that_of_everything_that_is_compiled(project):
    def key(model=MODEL):
        return wanted(model, project, files.find(project)).key

    keys = [key(), key(AppModel("shop", notifiers=(MAIL, NotifierModel("text", "sms", text="{{ n }}"))))]
    (project / "app.py").write_text("# another line")
    assert key() == keys[0]
    for path, text in (("templates/part.txt", "another"), ("templates/new.txt", "one more")):
        (project / path).write_text(text, encoding="utf-8")
        keys.append(key())
    (project / "templates").rename(project / "letters")
    keys.append(key(AppModel("shop", "letters", notifiers=(MAIL,))))
    assert len(set(keys)) == len(keys)


def test_a_template_that_is_not_in_the_image_is_not_compiled(project):
    (project / ".dockerignore").write_text("templates/part.txt\ntemplates/mail.html\n", encoding="utf-8")
    assert len(compiled(MODEL, project, RUNNING, JINJA)) == 2


@pytest.mark.parametrize("name", [".", "./letters", "a/b/"])
def test_the_folder_of_templates_may_be_spelt_in_any_way(project, name):
    (project / name).mkdir(parents=True, exist_ok=True)
    (project / name / "mail.txt").write_text("{{ n }}", encoding="utf-8")
    found = compiled(AppModel("shop", name, notifiers=(MAIL,)), project, RUNNING, JINJA)
    assert len(found) == 2
    assert all((project / path).parent.parent.parent == project / name for path in found)


def test_the_running_jinja_is_known_by_its_name_alone():
    assert running_jinja() == JINJA


def test_the_default_layouts_are_compiled(tmp_path):
    lay(tmp_path, layouts(RUNNING, JINJA))
    shutil.copytree(LAYOUTS, tmp_path / LABEL, dirs_exist_ok=True)
    for html in (True, False):
        made = Precompiled(tmp_path / LABEL / COMPILED / folder_name(), autoescape=html)
        for path in (each for each in LAYOUTS.iterdir() if each.is_file() and (each.suffix == ".html") == html):
            text = path.read_text(encoding="utf-8")
            assert isinstance(made.code(text, path.name, f"{LABEL}/{path.name}"), CodeType), path.name


def test_without_compiled_templates_nothing_more_is_loaded(project):
    program = (
        "import sys; from pathlib import Path; from cloud_cron.rendering import Templates\n"
        f"Templates(Path({str(project / 'templates')!r})).engine('html').file('mail.html')\n"
        "print('cloud_cron.rendering.precompiled' in sys.modules)"
    )
    paths = [str(Path(__file__).parents[3])]
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {paths!r}\n{program}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "False\n"


def test_a_template_in_sess_language_is_not_compiled_as_jinja(project):
    (project / "templates" / "mail.txt").write_text("{{#if n}}{{n}}{{/if}}", encoding="utf-8")
    by_ses = NotifierModel("mail", "email", options={"ses_template": True}, where="app.py:1")
    assert compiled(AppModel("shop", notifiers=(by_ses,)), project, RUNNING, JINJA) == {}
