"""docs/howto/dockerfile.md: the Dockerfile of one's own does what ours does. `make images` builds and runs it."""

from __future__ import annotations

import re

from cloud_cron import CloudCron, __version__
from cloud_cron_cli.deploy.dockerfile import dockerfile
from cloud_cron_cli.deploy.entrypoint import ENTRYPOINT
from cloud_cron_cli.deploy.images.options import PYTHON, ImageOptions
from tests.pages import Page

PAGE = Page("docs/howto/dockerfile.md")
OWN = next(block.text for block in PAGE.blocks if block.file == "Dockerfile")
OURS = dockerfile(CloudCron("shop").model(), ImageOptions(PYTHON))


def last(text: str) -> str:
    return text.rstrip().rpartition("\n")[2]


def test_it_ends_with_the_handler_of_every_function():
    assert last(OWN) == last(OURS) == f'CMD ["{ENTRYPOINT}"]'


def test_its_base_is_ours_and_can_be_another_one():
    (base,) = re.findall("^ARG BASE=(.+)$", OWN, re.MULTILINE)

    assert base == re.findall("^ARG BASE=(.+)$", OURS, re.MULTILINE)[0].replace("${PYTHON}", PYTHON)
    assert set(re.findall(r"^ARG (\w+)$", OWN, re.MULTILINE)) == set(re.findall(r"^ARG (\w+)$", OURS, re.MULTILINE))


def test_the_version_that_it_installs_is_this_one():
    assert re.findall(r"cloud-cron==([\w.]+)", OWN) == [__version__]


def test_what_it_copies_is_there(tmp_path):
    PAGE.write(tmp_path)

    copied = [source for line in re.findall("^COPY (.+)$", OWN, re.MULTILINE) for source in line.split()[:-1]]
    assert copied == ["requirements.txt", "."]
    assert all((tmp_path / source).exists() for source in copied)
