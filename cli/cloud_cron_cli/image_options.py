"""How a person may have an image made, for every command that makes one."""

from __future__ import annotations

import click

from cloud_cron_cli.deploy.images.options import AUTO, DOCKER, LAYERS

builder_option = click.option(
    "--builder",
    type=click.Choice([AUTO, LAYERS, DOCKER]),
    help="With or without Docker; auto: with, if there is a Dockerfile.",
)
frozen_option = click.option("--frozen", is_flag=True, help="Fail where cloud-cron.lock would have to change.")
