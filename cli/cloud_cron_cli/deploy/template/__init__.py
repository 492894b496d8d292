"""CloudFormation templates as pure functions of model, settings, placement and image.

The same input gives the same bytes. Nothing here reads a clock, the environment, the network or a deployed stack: what
must be known of those, such as which stack owns a task already, is an argument.
"""

from __future__ import annotations

from cloud_cron_cli.deploy.template.artifacts import artifacts
from cloud_cron_cli.deploy.template.assembly import Part, synthesize
from cloud_cron_cli.deploy.template.scope import tags
from cloud_cron_cli.deploy.template.sealing import check_size, digest, dumps, sealed

__all__ = ["Part", "artifacts", "check_size", "digest", "dumps", "sealed", "synthesize", "tags"]
