"""What `cloud-cron package` writes, deployed by somebody else's hand."""

from __future__ import annotations

import json

import pytest

from tests.e2e.emulator import until
from tests.e2e.project import Project

pytestmark = pytest.mark.e2e

CALM = {"disk": 1_000, "memory": 1_000, "load": 100_000}


def test_the_template_of_a_package_works_when_another_tool_deploys_it(localstack, mail, tmp_path):
    account = localstack.account()
    project = Project(tmp_path / "basic", localstack, account, mail.port)
    written = project.cli("package", "out")
    (stack,) = written["stacks"]
    template = (tmp_path / "basic/out" / stack["template"]).read_text(encoding="utf-8")
    cloudformation = account.client("cloudformation")

    cloudformation.create_change_set(
        StackName=stack["stack"],
        ChangeSetName="first",
        ChangeSetType="CREATE",
        TemplateBody=template,
        Parameters=[{"ParameterKey": "ImageUri", "ParameterValue": project.build()}],
        Capabilities=["CAPABILITY_IAM"],
    )
    cloudformation.get_waiter("change_set_create_complete").wait(
        StackName=stack["stack"], ChangeSetName="first", WaiterConfig={"Delay": 1}
    )
    cloudformation.execute_change_set(StackName=stack["stack"], ChangeSetName="first")
    cloudformation.get_waiter("stack_create_complete").wait(StackName=stack["stack"], WaiterConfig={"Delay": 1})

    (described,) = cloudformation.describe_stacks(StackName=stack["stack"])["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}
    task = next(json.loads(value) for name, value in outputs.items() if name.startswith("Task"))
    answer = account.client("lambda").invoke(FunctionName=task["function_arn"], Payload=json.dumps({"input": CALM}))

    assert "FunctionError" not in answer, answer["Payload"].read()
    assert json.load(answer["Payload"])["published"] == 1
    (recipients,) = until("the mail", lambda: [recipients for _, recipients, _ in mail.mails])
    assert recipients == ["ops@example.com"]
