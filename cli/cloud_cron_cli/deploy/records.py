"""What every deploy leaves in the bucket of a stage: templates, and what they were made of."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cloud_cron_cli.deploy.desired import LARGEST_INLINE

if TYPE_CHECKING:
    from cloud_cron_cli.deploy.converging import Target
    from cloud_cron_cli.deploy.desired import Desired
    from cloud_cron_cli.deploy.ports import Tools


def recorded(tools: Tools, bucket: str, wanted: Desired, aim: Target) -> Target:
    """Keep template, model and digest of a deploy; the target as `kept` gives it."""
    record = {"stack": aim.stack, "digest": aim.digest, "image": wanted.image, "model": wanted.app.model.to_json()}
    tools.storage.put(bucket, f"deploys/{aim.stack}.json", json.dumps(record, indent=2) + "\n")
    return kept(tools, bucket, aim)


def kept(tools: Tools, bucket: str, aim: Target) -> Target:
    """Keep a template; one too large for a request is named by its URL instead."""
    url = tools.storage.put(bucket, f"templates/{aim.stack}/{aim.digest}.json", aim.template)
    return aim._replace(template=url) if len(aim.template.encode()) > LARGEST_INLINE else aim
