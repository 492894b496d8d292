"""Names of images: what is read is printed back, and read again as the same."""

from __future__ import annotations

from typing import Final

from cloud_cron.errors import ImageError
from cloud_cron_cli.deploy.images.reference import parse
from tests.fuzz.target import Target, assert_well_said, text_of


def check(data: bytes) -> None:
    """A name that is read can be printed, and means the same then."""
    try:
        found = parse(text_of(data))
    except ImageError as error:
        assert_well_said(error, {"CC877"})
        return
    assert parse(str(found)) == found
    assert str(found).isascii()
    assert found.version
    assert "//" not in found.repository


TARGET: Final = Target(
    "references",
    check,
    seeds=(
        "python:3.13-slim",
        "public.ecr.aws/lambda/python:3.13",
        "localhost:5000/a/b@sha256:" + "0" * 64,
        "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop:v1@sha256:" + "a" * 64,
        "docker://docker.io/library/alpine",
        "[::1]:5000/x",
        "index.docker.io/a__b",
    ),
    words=("docker.io/", "index.docker.io/", "localhost", "@sha256:" + "0" * 64, ":latest", "docker://", "library/"),
)
