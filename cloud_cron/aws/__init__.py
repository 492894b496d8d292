"""The ports on AWS: topics, queues, ledger and secrets behind clients that can be given, or are made.

Only modules in this package may name boto3 or botocore, and none imports them at module level: a function that makes no
AWS call never pays for them. Nothing here may import the local engine, the testing kit or the command line.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing is not loaded for it
if TYPE_CHECKING:
    from collections.abc import Iterable

    import boto3

    from cloud_cron.aws.clients import Clients
    from cloud_cron.aws.resources import Resources
    from cloud_cron.model import AppModel, NotifierModel, TaskModel
    from cloud_cron.ports import Bus, Clock, Journal, Ledger, Payloads, Ports


def ports(  # noqa: PLR0913 - the world is this many things
    session: boto3.Session | None = None,
    *,
    resources: Resources,
    model: AppModel,
    part: TaskModel | NotifierModel | None,
    horizon: float,
    journal: Journal,
    clients: Clients | None = None,
) -> Ports:
    """The ports of one function of an app, with the clients that it needs made already.

    `part` is the task or notifier that the function is, None for maintenance; `horizon` is in seconds. `clients` are
    used as they are; else they are made from `session`, else from the environment. Raises what a channel raises that
    cannot send, and what botocore raises, for instance for want of a region.
    """
    from cloud_cron.aws.clients import Clients  # noqa: PLC0415 - the package's own import stays free of cost
    from cloud_cron.aws.secrets import AwsSecrets  # noqa: PLC0415 - the same
    from cloud_cron.model import NotifierModel  # noqa: PLC0415 - the same
    from cloud_cron.ports import Ports  # noqa: PLC0415 - the same
    from cloud_cron.runtime.machine import SystemClock, SystemIds  # noqa: PLC0415 - the same
    from cloud_cron.runtime.senders import RealSenders, ways  # noqa: PLC0415 - the same

    found, clock = clients or Clients(session), SystemClock()
    senders = RealSenders(ways([part] if isinstance(part, NotifierModel) else []))
    made = Ports(
        bus=_bus(found, resources),
        ledger=_ledger(found, resources, model.tasks, clock, horizon),
        clock=clock,
        ids=SystemIds(),
        secrets=AwsSecrets(found, clock),
        senders=senders,
        journal=journal,
        services=found,
        payloads=_payloads(found, resources),
    )
    senders.connect(made)
    return made


def _bus(clients: Clients, resources: Resources) -> Bus:
    """Topics to publish to and a queue to be fed from, as far as there are any."""
    from cloud_cron.aws.bus import SnsSqsBus  # noqa: PLC0415 - loaded only where it is used

    publishes = resources.topics or resources.topic_prefix
    receives = resources.queue_url or resources.failures_url
    return SnsSqsBus(clients.get("sns") if publishes else None, clients.get("sqs") if receives else None, resources)


def _payloads(clients: Clients, resources: Resources) -> Payloads:
    """The bucket; without one, a message that needs it is an error. Its client is made when it is needed."""
    from cloud_cron.aws.payloads import NoPayloads, S3Payloads  # noqa: PLC0415 - the same

    return S3Payloads(lambda: clients.get("s3"), resources.bucket) if resources.bucket else NoPayloads()


def _ledger(clients: Clients, resources: Resources, tasks: Iterable[TaskModel], clock: Clock, horizon: float) -> Ledger:
    """The table; without one, nothing is remembered."""
    if not resources.table:
        from cloud_cron.runtime.forgetful import ForgetfulLedger  # noqa: PLC0415 - loaded only where it is used

        return ForgetfulLedger()
    from cloud_cron.aws.ledger import DynamoLedger  # noqa: PLC0415 - the same

    table, kept = resources.table, kept_runs(tasks)
    return DynamoLedger(clients.get("dynamodb"), table, clock=clock, horizon=horizon, kept=kept)


def kept_runs(tasks: Iterable[TaskModel]) -> frozenset[str]:
    """The partitions of runs that are remembered for good: a run of `at()` would happen again."""
    return frozenset(f"R#{task.name}" for task in tasks if any(text.startswith("at(") for text in task.schedules))
