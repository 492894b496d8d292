"""What `cloud-cron package` writes, deployed by another tool."""

from __future__ import annotations

import pytest

from tests.e2e.stage import Stage, described
from tests.loopback import until

pytestmark = pytest.mark.e2e


def test_the_template_of_a_package_works_when_another_tool_deploys_it(project, mail):
    (stack,) = project.cli("package", "out")["stacks"]
    account, name = project.account, {"StackName": stack["stack"]}
    cloudformation = account.client("cloudformation")

    cloudformation.create_stack(
        **name,
        TemplateURL=uploaded(account, project.folder / "out" / stack["template"]),
        Parameters=[{"ParameterKey": "ImageUri", "ParameterValue": project.build()}],
        Capabilities=["CAPABILITY_IAM"],
    )
    cloudformation.get_waiter("stack_create_complete").wait(**name, WaiterConfig={"Delay": 1})
    answer = Stage(account, described(account, stack["stack"])).invoke("hourly", {})

    until("the mail", lambda: mail.to("ops@example.com", answer["run"]))


def uploaded(account, file):
    """Where CloudFormation finds a template that is too large for a request: more than 51,200 bytes."""
    s3, bucket = account.client("s3"), f"templates-{account.id}"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key=file.name, Body=file.read_bytes())
    return f"{account.url}/{bucket}/{file.name}"
