"""Runners on every backend, and the app that most of these tests drive."""

from __future__ import annotations

from contextlib import ExitStack, closing

import pytest

from cloud_cron import CloudCron
from cloud_cron.testing import CronRunner


@pytest.fixture(params=["local", pytest.param("moto", marks=pytest.mark.moto)])
def start(request):
    """Makes runners on one backend, and ends them."""
    with ExitStack() as stack:

        def make(app, stage="test", **given):
            backend = None
            if request.param == "moto":
                from cloud_cron.testing.moto import Moto  # noqa: PLC0415 - a second, for half of these tests

                backend = stack.enter_context(closing(Moto()))
            return stack.enter_context(CronRunner(app, stage, backend=backend, **given))

        yield make


@pytest.fixture
def app():
    """One task that publishes what it is given, at eight in Berlin; its notifiers are the test's."""
    app = CloudCron("shop")

    @app.schedule("cron(0 8 * * ? *)", topics=["orders", "alerts"], timezone="Europe/Berlin", input={"orders": []})
    def export(run):
        return run.input

    return app
