"""What each key of cloud-cron.toml is for, in a sentence; the rules say the rest."""

from __future__ import annotations

from typing import Final

_PART: Final = {
    "enabled": "whether it runs at all",
    "timeout": "seconds that one attempt may take; 900 at most on AWS",
    "memory": "MiB, 128 to 10,240",
    "env.<name>": "a variable of its environment",
    "function": "[options of its function](#functions)",
}
MEANINGS: Final = {
    "entry": "where the app is, unless it is `app` in `app.py`",
    "region": "the region of AWS, unless `--region` says another",
    "python": "the Python of the image; this machine's without it",
    "architecture": "of the image, and so of every function",
    "tags.<name>": "a tag of everything that is deployed",
    "function": "[options of the function of every task and notifier](#functions)",
    "protect": "nobody deletes the stacks or the ledger by accident, and `redirect_to` does not hold",
    "topics.<name>": "an existing topic in the place of one of ours; it is never changed",
    "watch.topic": "is told of failed and missed runs, and of dead letters",
    "watch.heartbeat": "is asked for while all is well: once a minute by `serve`, every five minutes on AWS",
    "alarms.email": "who hears CloudWatch's alarms",
    "alarms.arns": "topics of SNS that hear them",
    "alarms.tasks": "what CloudWatch watches of every task",
    "iam.permissions_boundary": "of every role",
    "iam.path": "of every role",
    "kms_key": "encrypts topics, queues, ledger, logs and buckets; without it, keys of AWS do",
    "image.base": "the image to begin with, pinned in `cloud-cron.lock`",
    "image.builder": "whether Docker makes the image; auto: if there is a Dockerfile",
    "image.repository": "where the image is kept, in the place of a repository of ours",
    "image.requirements": "the file of packages, unless it is `requirements.txt` or `pyproject.toml`",
    "image.include": "files that look like secrets, and are none",
    "image.build_args.<name>": "an argument of the Dockerfile",
    "image.keep": "how many images the repository keeps",
    "image.tag": "a further tag of each image that is pushed",
    "image.pull_accounts": "other accounts that may pull",
    "ledger.horizon": "how long records are kept; `35d` without it",
    **{f"tasks.<name>.{key}": meaning for key, meaning in _PART.items()},
    "tasks.<name>.retries": "how often a failed run is tried again; 2 at most on AWS",
    "tasks.<name>.alarms": "what CloudWatch watches of this task, in the place of `alarms.tasks`",
    "secrets.<name>": "where a secret is, in the place of the reference that the decorator names",
    **{f"notifiers.<name>.{key}": meaning for key, meaning in _PART.items()},
    "notifiers.<name>.recipients": "who is told",
    "notifiers.<name>.max_concurrency": "how many groups its function works on side by side on AWS, 2 to 1,000",
}
FUNCTION: Final = {
    "architecture": "`arm64` or `x86_64`",
    "ephemeral_storage": "MiB of `/tmp`, 512 to 10,240",
    "subnets": "ids of subnets; `security_groups` is needed with it",
    "security_groups": "ids of security groups; `subnets` is needed with it",
    "tracing": "whether X-Ray traces it",
    "reserved_concurrency": "how many of it run at once, at most and for sure",
    "log_retention": "days that its log is kept",
    "kms_key": "the ARN of the key of its environment",
}
