from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

import pytest

from cloud_cron import CloudCron
from cloud_cron_cli.svg import drawn
from cloud_cron_cli.wiring import fitted, text_width, wired

SVG = "{http://www.w3.org/2000/svg}"


def weather():
    app = CloudCron("weather")

    @app.schedule("cron(0 8 * * ? *)", topics=["reports", "alerts"], timezone="Europe/Berlin")
    def morning(): ...

    @app.schedule("rate(5 minutes)", topics=["alerts"], enabled=False)
    def watch(): ...

    @app.notifier("email", topics=["reports"], recipients=["ada@example.org", "bob@example.org"])
    def mail(message): ...

    @app.notifier("print", topics=["alerts", "ops"])
    def shout(message): ...

    return app.model()


def parsed(svg):
    return ET.fromstring(svg)  # noqa: S314 - our own


def texts(svg):
    return [element.text for element in parsed(svg).iter() if element.tag.endswith(("text", "tspan")) and element.text]


def test_the_tree(project, run):
    project(
        """
        from cloud_cron import CloudCron
        app = CloudCron("weather")

        @app.schedule("cron(0 8 * * ? *)", "rate(1 day)", topics=["reports", "lost"], timezone="Europe/Berlin")
        def morning(): ...

        @app.schedule(enabled=False)
        def by_hand(): ...

        @app.notifier("email", topics=["reports"], recipients=["ada@example.org", "bob@example.org"])
        def mail(message): ...

        @app.notifier("print", topics=["reports", "ops"])
        def shout(message): ...
        """
    )

    assert run("graph").stdout == (
        "weather  stage dev\n"
        "\n"
        "morning\n"
        "│ At 08:00 every day, Europe/Berlin\n"
        "│ Every day\n"
        "├─ reports\n"
        "│  ├─ mail  email → 2 recipients\n"
        "│  └─ shout  print → 1 recipient\n"
        "└─ lost  nobody hears it\n"
        "\n"
        "by_hand  not enabled\n"
        "  on demand\n"
        "\n"
        "published by no task of this app\n"
        "└─ ops\n"
        "   └─ shout  print → 1 recipient\n"
    )


def test_the_wiring_in_json(project, run):
    project()

    assert json.loads(run("graph", "--json").stdout) == {
        "app": "weather",
        "stage": "dev",
        "published": [{"task": "morning", "topic": "reports"}, {"task": "morning", "topic": "alerts"}],
        "heard": [{"topic": "reports", "notifier": "mail_report"}, {"topic": "alerts", "notifier": "shout"}],
    }


def test_the_picture_is_written(project, run):
    folder = project()
    result = run("graph", "-o", "wiring.svg")

    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "wrote wiring.svg\n")
    assert "morning" in texts((folder / "wiring.svg").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("wiring.png", "error Invalid value for -o: the picture is an SVG: name it wiring.svg"),
        ("nowhere/wiring.svg", "error CC708 "),
    ],
)
def test_a_picture_that_cannot_be_written_is_refused(project, run, path, message):
    project()
    result = run("graph", "-o", path)

    assert result.exit_code == 2
    assert result.stderr.startswith(message)


def test_the_picture_says_everything():
    said = texts(drawn(weather(), "prod"))

    assert {"weather", "prod · 2 tasks, 3 topics, 2 notifiers", "morning", "watch", "reports", "ops"} <= set(said)
    assert {"At 08:00 every day, Europe/Berlin", "Every 5 minutes", "not enabled"} <= set(said)
    assert {"email · 2 recipients", "print · nobody"} <= set(said)


def test_the_picture_is_the_same_every_time():
    assert drawn(weather(), "dev") == drawn(weather(), "dev")


def test_the_picture_needs_nothing_from_elsewhere_and_follows_the_viewer():
    svg = drawn(weather(), "dev")

    assert not re.search(r"(href|src|url\(|@import|<script)", svg)
    assert "@media (prefers-color-scheme: dark)" in svg
    assert [element.tag for element in parsed(svg)][:2] == [f"{SVG}title", f"{SVG}desc"]


def test_every_line_joins_its_boxes():
    picture = wired(weather())

    assert {(line.start.name, line.end.name) for line in picture.lines} == {
        ("morning", "reports"),
        ("morning", "alerts"),
        ("watch", "alerts"),
        ("reports", "mail"),
        ("alerts", "shout"),
        ("ops", "shout"),
    }
    for line in picture.lines:
        assert line.start.y <= line.y1 <= line.start.y + line.start.height
        assert line.end.y <= line.y2 <= line.end.y + line.end.height


def test_boxes_do_not_overlap_and_stay_inside():
    picture = wired(weather())

    for box in picture.boxes:
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + box.width <= picture.width
        assert box.y + box.height <= picture.height
        others = [other for other in picture.boxes if other is not box and other.x == box.x]
        assert all(box.y + box.height <= other.y or other.y + other.height <= box.y for other in others)


def test_topics_and_notifiers_stand_where_fewest_lines_cross():
    app = CloudCron("weather")

    @app.schedule(topics=["z"])
    def first(): ...

    @app.schedule(topics=["a"])
    def second(): ...

    @app.notifier("print", topics=["a"])
    def below(message): ...

    @app.notifier("print", topics=["z"])
    def above(message): ...

    boxes = {box.name: box.y for box in wired(app.model()).boxes}

    assert boxes["z"] < boxes["a"]
    assert boxes["above"] < boxes["below"]


def test_a_name_is_escaped_and_a_long_one_cut():
    app = CloudCron("weather")

    @app.schedule("rate(1 day)", topics=["t" * 128], name="n" * 40, description="<&>")
    def task(): ...

    svg = drawn(app.model(), "<dev>&")

    said = texts(svg)
    assert any(text.endswith("…") and text.startswith("ttt") for text in said)
    assert parsed(svg).findtext(f"{SVG}title") == "weather, stage <dev>&"


def test_an_empty_app_is_a_picture_too():
    assert "no tasks and no notifiers yet" in texts(drawn(CloudCron("empty").model(), "dev"))


@pytest.mark.parametrize("text", ["", "a", "mail_report", "WWWWWWWWWW", "i" * 200])
def test_a_cut_text_fits(text):
    assert text_width(fitted(text, 15, 60), 15) <= 60


def test_a_picture_without_a_name_is_refused(project, run):
    project("from cloud_cron import CloudCron\napp = CloudCron('shop')\n")
    result = run("graph", "-o", "")

    assert result.exit_code == 2
    assert "graph.svg" in result.stderr
