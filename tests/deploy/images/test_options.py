"""What the configuration says of the image, and what stands for what it does not say."""

from __future__ import annotations

import pytest

from cloud_cron import CloudCron
from cloud_cron.config import Settings, resolve
from cloud_cron_cli.deploy.images.options import ImageOptions, of, python_here


def options(settings, lock_python=None, **function):
    app = CloudCron("shop")
    app.schedule("rate(1 hour)", name="task", function=function)(lambda run: None)
    return of(resolve(app.model(), settings), settings, lock_python)


def test_what_is_not_said_is_filled_in():
    assert options(Settings("dev"), "3.12") == ImageOptions("3.12")


def test_what_is_said_counts():
    said = {
        "base": "python:3.13",
        "builder": "layers",
        "requirements": "r.txt",
        "include": ".env",
        "keep": 3,
        "tag": "1",
    }

    assert options(Settings("dev", python="3.14", image=said), "3.12") == ImageOptions(
        "3.14", base="python:3.13", builder="layers", requirements="r.txt", include=(".env",), keep=3, tag="1"
    )


def test_the_architecture_is_that_of_the_functions_wherever_it_is_said():
    assert options(Settings("dev"), architecture="arm64").architecture == "arm64"
    assert options(Settings("dev", function={"architecture": "arm64"})).architecture == "arm64"
    nothing = Settings("dev", function={"architecture": "arm64"})
    assert of(CloudCron("shop").model(), nothing).architecture == "arm64"


@pytest.mark.parametrize(
    ("running", "chosen"), [((3, 11), "3.11"), ((3, 14), "3.14"), ((3, 10), "3.13"), ((3, 15), "3.13")]
)
def test_a_version_that_lambda_does_not_have_is_not_chosen(running, chosen):
    assert python_here(running) == chosen
