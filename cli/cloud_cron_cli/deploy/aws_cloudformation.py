"""The port `Stacks` on CloudFormation (CloudFormation API reference)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from cloud_cron_cli.deploy.aws_errors import asking
from cloud_cron_cli.deploy.stacks import Change, ChangeSet, Event, Resource, Stack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cloud_cron_cli.deploy.aws_session import AwsSession
    from cloud_cron_cli.deploy.stacks import Proposal

_VALIDATION: Final = "validation"
_ABSENT: Final = "does not exist"


class CloudFormation:
    """Stacks of one account and region."""

    def __init__(self, session: AwsSession) -> None:
        """No call is made yet."""
        self._session = session

    @property
    def _client(self) -> Any:  # noqa: ANN401 - botocore's
        return self._session.client("cloudformation")

    def find(self, stack: str) -> Stack | None:
        """The stack of that name or id, by one DescribeStacks."""
        client = self._client
        with asking(f"cloudformation:DescribeStacks of {stack}"):
            try:
                answer = client.describe_stacks(StackName=stack)
            except client.exceptions.ClientError as error:
                if _ABSENT in error.response["Error"].get("Message", ""):
                    return None
                raise
        found = [described(each) for each in answer["Stacks"]]
        return next((each for each in found if each.status != "DELETE_COMPLETE"), None)

    def all(self) -> Iterator[Stack]:
        """Every stack that is not deleted."""
        with asking("cloudformation:DescribeStacks"):
            for page in self._client.get_paginator("describe_stacks").paginate():
                for each in page["Stacks"]:
                    yield described(each)

    def template(self, stack: str) -> dict[str, Any]:
        """The template as it was given; botocore has parsed it unless it is text."""
        with asking(f"cloudformation:GetTemplate of {stack}"):
            body = self._client.get_template(StackName=stack, TemplateStage="Original")["TemplateBody"]
        found: dict[str, Any] = json.loads(body) if isinstance(body, str) else json.loads(json.dumps(body))
        return found

    def resources(self, stack: str) -> list[Resource]:
        """Every resource, by ListStackResources; none of a stack that is not there."""
        client = self._client
        with asking(f"cloudformation:ListStackResources of {stack}"):
            try:
                pages = client.get_paginator("list_stack_resources").paginate(StackName=stack)
                return [held(each) for page in pages for each in page["StackResourceSummaries"]]
            except client.exceptions.ClientError as error:
                if _ABSENT not in error.response["Error"].get("Message", ""):
                    raise
                return []

    def events(self, stack: str) -> Iterator[Event]:
        """Events of the stack's id, newest first, a page at a time; none of a stack that is not there."""
        client = self._client
        with asking(f"cloudformation:DescribeStackEvents of {stack}"):
            try:
                for page in client.get_paginator("describe_stack_events").paginate(StackName=stack):
                    for each in page["StackEvents"]:
                        yield happened(each)
            except client.exceptions.ClientError as error:
                if _ABSENT not in error.response["Error"].get("Message", ""):
                    raise

    def propose(self, proposal: Proposal) -> None:
        """CreateChangeSet, the template by text or by URL."""
        given = {"TemplateURL" if proposal.template.startswith("http") else "TemplateBody": proposal.template}
        with asking(f"cloudformation:CreateChangeSet of {proposal.stack}"):
            self._client.create_change_set(
                StackName=proposal.stack,
                ChangeSetName=proposal.name,
                ChangeSetType=proposal.kind,
                Parameters=[
                    {"ParameterKey": name, "ParameterValue": value} for name, value in proposal.parameters.items()
                ],
                Tags=[{"Key": name, "Value": value} for name, value in proposal.tags.items()],
                Capabilities=["CAPABILITY_IAM"],
                **given,
            )

    def change_set(self, stack: str, name: str) -> ChangeSet:
        """DescribeChangeSet, every page of it."""
        more: dict[str, str] = {}
        changes: list[Change] = []
        while True:
            with asking(f"cloudformation:DescribeChangeSet of {stack}"):
                answer = self._client.describe_change_set(StackName=stack, ChangeSetName=name, **more)
            changes += [
                changed(each["ResourceChange"]) for each in answer.get("Changes", []) if "ResourceChange" in each
            ]
            if not answer.get("NextToken"):
                executable = answer.get("ExecutionStatus") == "AVAILABLE"
                reason = answer.get("StatusReason") or ""
                if _VALIDATION in reason.lower():
                    reason = "; ".join([reason, *self._invalid(stack, name)])
                return ChangeSet(answer["Status"], reason, executable, tuple(changes))
            more = {"NextToken": answer["NextToken"]}

    def _invalid(self, stack: str, name: str) -> list[str]:
        """What validation before the deployment found: DescribeEvents, which older botocore does not know."""
        if not hasattr(self._client, "describe_events"):
            return []
        with asking(f"cloudformation:DescribeEvents of {stack}"):
            answer = self._client.describe_events(StackName=stack, ChangeSetName=name, Filters={"FailedEvents": True})
        return [
            f"{each.get('LogicalResourceId', stack)}: {each['ValidationStatusReason']}"
            for each in answer.get("OperationEvents", [])
            if each.get("ValidationStatusReason")
        ]

    def execute(self, stack: str, name: str, token: str, *, keep: bool) -> None:
        """ExecuteChangeSet; DisableRollback is always said, since its default is documented in two ways."""
        with asking(f"cloudformation:ExecuteChangeSet of {stack}"):
            self._client.execute_change_set(
                StackName=stack, ChangeSetName=name, ClientRequestToken=token, DisableRollback=keep
            )

    def discard(self, stack: str, name: str) -> None:
        """DeleteChangeSet."""
        with asking(f"cloudformation:DeleteChangeSet of {stack}"):
            self._client.delete_change_set(StackName=stack, ChangeSetName=name)

    def delete(self, stack: str, token: str, *, force: bool) -> None:
        """DeleteStack."""
        mode = {"DeletionMode": "FORCE_DELETE_STACK"} if force else {}
        with asking(f"cloudformation:DeleteStack of {stack}"):
            self._client.delete_stack(StackName=stack, ClientRequestToken=token, **mode)

    def roll_back(self, stack: str, token: str) -> None:
        """RollbackStack, which deletes what was newly made even where it would be retained."""
        with asking(f"cloudformation:RollbackStack of {stack}"):
            self._client.rollback_stack(StackName=stack, ClientRequestToken=token, RetainExceptOnCreate=True)

    def go_on_rolling_back(self, stack: str, token: str, *, force: bool) -> None:
        """ContinueUpdateRollback."""
        more = {"ForceRollback": True} if force else {}
        with asking(f"cloudformation:ContinueUpdateRollback of {stack}"):
            self._client.continue_update_rollback(StackName=stack, ClientRequestToken=token, **more)

    def protect(self, stack: str, *, on: bool) -> None:
        """UpdateTerminationProtection."""
        with asking(f"cloudformation:UpdateTerminationProtection of {stack}"):
            self._client.update_termination_protection(StackName=stack, EnableTerminationProtection=on)


def described(stack: Any) -> Stack:  # noqa: ANN401 - JSON of AWS's
    """A stack as DescribeStacks tells it."""
    updated = stack.get("LastUpdatedTime") or stack.get("CreationTime")
    return Stack(
        stack["StackName"],
        stack["StackId"],
        stack["StackStatus"],
        stack.get("StackStatusReason") or "",
        {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])},
        {each["Key"]: each["Value"] for each in stack.get("Tags", [])},
        bool(stack.get("EnableTerminationProtection")),
        updated.timestamp() if updated else 0.0,
    )


def held(resource: Any) -> Resource:  # noqa: ANN401 - the same
    """A resource as ListStackResources tells it."""
    return Resource(
        resource["LogicalResourceId"],
        resource.get("PhysicalResourceId", ""),
        resource["ResourceType"],
        resource["ResourceStatus"],
    )


def happened(event: Any) -> Event:  # noqa: ANN401 - the same
    """An event as DescribeStackEvents tells it."""
    return Event(
        event["EventId"],
        event.get("LogicalResourceId", ""),
        event.get("PhysicalResourceId", ""),
        event.get("ResourceType", ""),
        event.get("ResourceStatus", ""),
        event.get("ResourceStatusReason") or "",
        event.get("ClientRequestToken") or "",
    )


def changed(change: Any) -> Change:  # noqa: ANN401 - the same
    """A change as DescribeChangeSet tells it."""
    return Change(
        change["Action"],
        change["LogicalResourceId"],
        change["ResourceType"],
        change.get("Replacement") or "",
        change.get("PhysicalResourceId") or "",
    )
