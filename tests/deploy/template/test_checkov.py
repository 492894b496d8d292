"""Gates on every template: checkov fails none of its checks but those reviewed here, each for its reason.

Run by `make gates`, which installs checkov beside the project's own environment.
"""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from cloud_cron_cli.deploy.template import dumps
from tests.deploy.template.apps import WORLDS

REVIEWED = {
    "CKV_AWS_18": "access logs need a bucket of their own; CloudTrail tells who read what, where that is wanted",
    "CKV_AWS_21": "payloads never change: their names are hashes of what they hold, and a lifecycle deletes them",
    "CKV_AWS_115": "a limit of concurrency fails on accounts with few, and costs receives; function= sets one",
    "CKV_AWS_116": "tasks have an on-failure queue, which tells more; the queue of a notifier has dead letters",
    "CKV_AWS_117": "nothing here needs a network of its own; function= puts a function into one",
}
WITHOUT_A_KEY = {
    "CKV_AWS_26": "without kms_key= a topic keeps nothing: messages are in queues, which are encrypted",
    "CKV_AWS_27": "the check knows no SSE-SQS, which every queue has; SNS cannot use the key that AWS keeps for SQS",
    "CKV_AWS_119": "DynamoDB encrypts with a key of its own; kms_key= gives another",
    "CKV_AWS_136": "ECR encrypts with a key of its own; kms_key= gives another",
    "CKV_AWS_158": "CloudWatch Logs encrypts with a key of its own; kms_key= gives another",
    "CKV_AWS_173": "the environment holds names and ARNs; Lambda encrypts it, and kms_key= gives another key",
}
ASKED_FOR = {
    "CKV_AWS_111": "a function in a subnet, and one that is traced: AWS knows no narrower resource for these actions",
}
PYTHON = os.environ.get("CHECKOV_PYTHON")


@pytest.mark.skipif(PYTHON is None, reason="make gates installs checkov, and runs this")
@pytest.mark.parametrize("world", list(WORLDS))
def test_checkov_fails_nothing_but_what_was_reviewed(world, tmp_path):
    known = {*REVIEWED, *({} if world in {"everything", "artifacts-full"} else WITHOUT_A_KEY)}
    known |= set(ASKED_FOR) if world in {"everything", "events-everything", "given", "retiring"} else set()
    for part in WORLDS[world]():
        # A path of 40 characters would be taken for a secret key.
        (tmp_path / "t.json").write_text(dumps(part.template), encoding="utf-8")
        options = ["-f", "t.json", "--framework", "cloudformation", "--skip-download", "-o", "json"]
        command = [str(PYTHON), "-m", "checkov.main", *options]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        found = json.loads(done.stdout)
        assert found["summary"]["parsing_errors"] == 0
        assert found["summary"]["passed"] > 0
        failed = {f"{each['check_id']} {each['resource']}" for each in found["results"]["failed_checks"]}
        assert sorted(each for each in failed if each.split()[0] not in known) == []
