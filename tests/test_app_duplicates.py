"""Two of one name, and apps that include others."""

from __future__ import annotations

import functools

import pytest

from cloud_cron import CloudCron
from cloud_cron.errors import DeclarationError
from tests.declaring import a_task, here, refusal


@pytest.fixture
def app() -> CloudCron:
    return CloudCron("weather")


# Duplicates


def test_two_tasks_of_one_name_are_refused_and_both_lines_are_shown(app):
    @app.schedule(
        "rate(1 day)",
        topics=["reports"],
    )
    def daily(run):
        return None

    first = here(-7)
    with pytest.raises(DeclarationError) as caught:

        @app.schedule(
            "rate(2 days)",
            name="daily",
        )
        @functools.wraps(a_task)
        def other(run):
            return None

    second = here(-8)

    assert caught.value.code == "CC112"
    assert caught.value.where
    assert caught.value.where.endswith(second)
    assert f"{first}" in caught.value.message
    assert f"{second} is already a task" in caught.value.message
    assert caught.value.hint == "rename one, or tell them apart with name="
    assert list(app.tasks) == ["daily"]


def test_one_function_scheduled_twice_gets_the_hint_that_fits(app):
    app.schedule("rate(1 day)")(a_task)

    error = refusal(app.schedule, "rate(1 hour)")

    assert (error.code, error.hint) == ("CC112", "give both expressions to one schedule()")


def test_one_function_for_two_channels_gets_the_hint_that_fits(app):
    app.notifier("email")(a_task)

    assert refusal(app.notifier, "sms").hint == "rename one, or tell them apart with name="


def test_tasks_and_notifiers_share_their_names(app):
    app.notifier("email")(a_task)

    error = refusal(app.schedule)

    assert error.code == "CC112"
    assert "is already a notifier" in error.message
    assert error.hint == "rename one, or tell them apart with name="


def test_a_refused_declaration_leaves_nothing_behind(app):
    refusal(app.schedule, "rate(1 day)", retries=-1)
    refusal(app.schedule, "rate(1 days ago)")
    refusal(app.notifier, "email", attempts=0)
    with pytest.raises(DeclarationError):
        app.schedule()(lambda: None)

    assert (app.tasks, app.notifiers) == ({}, {})
    app.schedule("rate(1 day)")(a_task)
    assert list(app.tasks) == ["a_task"]


# Including another app


def test_include_copies_at_once_and_ignores_the_other_name(app):
    jobs = CloudCron("jobs", templates="elsewhere")
    jobs.schedule("rate(1 day)", topics=["reports"])(a_task)
    jobs.notifier("email", name="all")(lambda message: {})
    app.schedule(name="own", topics=["own"])(a_task)
    app.include(jobs)
    model = app.model()

    assert (model.name, model.templates) == ("weather", "templates")
    assert [task.name for task in model.tasks] == ["own", "a_task"]
    assert model.notifiers[0].topics == ("own", "reports")
    assert [task.name for task in jobs.model().tasks] == ["a_task"]


def test_declaring_on_an_included_app_is_an_error_at_that_decorator(app):
    jobs = CloudCron("jobs")
    app.include(jobs)
    included = here(-1)
    with pytest.raises(DeclarationError) as caught:

        @jobs.schedule("rate(1 day)")
        def late(run):
            return None

    place = here(-4)

    assert caught.value.code == "CC116"
    assert caught.value.where
    assert caught.value.where.endswith(place)
    assert "'jobs' was included in 'weather' at " in caught.value.message
    assert included in caught.value.message
    assert caught.value.hint == "move the include() below this decorator"
    assert (list(jobs.tasks), list(app.tasks)) == ([], [])


def test_a_clash_in_an_include_copies_nothing(app):
    jobs = CloudCron("jobs")
    jobs.schedule(name="fresh")(a_task)
    jobs.schedule(name="taken")(a_task)
    app.schedule(name="taken")(lambda: None)
    with pytest.raises(DeclarationError) as caught:
        app.include(jobs)
    place = here(-1)

    assert caught.value.code == "CC112"
    assert caught.value.where
    assert caught.value.where.endswith(place)
    assert caught.value.message.count("test_app_duplicates.py:") == 2
    assert list(app.tasks) == ["taken"]
    jobs.schedule(name="still")(a_task)


@pytest.mark.parametrize("other", [None, "jobs", CloudCron])
def test_only_an_app_can_be_included(app, other):
    with pytest.raises(DeclarationError, match=r"CC116 include\(\) takes another CloudCron, not"):
        app.include(other)


def test_an_app_cannot_include_itself_nor_go_round_in_circles(app):
    jobs = CloudCron("jobs")
    app.include(jobs)

    with pytest.raises(DeclarationError, match="CC116"):
        app.include(app)
    with pytest.raises(DeclarationError, match="CC116 app 'jobs' was included"):
        jobs.include(app)
