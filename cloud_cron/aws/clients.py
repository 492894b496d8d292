"""AWS's clients of one process, each made when it is first asked for, and every call bounded in time.

botocore's own session makes the clients unless one of boto3 is given: it spares the import of what boto3 adds, of which
nothing here has any use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from cloud_cron.errors import UnsupportedError

if TYPE_CHECKING:
    import boto3


class Bounds(NamedTuple):
    """Seconds to connect and to wait for an answer, and how often to try.

    botocore's own are 60 seconds each (botocore reference, `Config`), longer than most functions have.
    """

    connect: float
    read: float
    attempts: int


USUAL: Final = Bounds(3, 10, 4)
"""Calls that are safe to repeat: conditions, deduplication ids and reads see to it."""

MAIL: Final = Bounds(2, 7, 1)
"""Within a channel's call timeout of ten seconds. A mail may have been accepted although its answer was lost, and SES
takes no key to tell a second one by (SES API v2 reference, SendEmail): to try again is the ledger's to decide."""

_BOUNDS: Final = {"sesv2": MAIL}


class Clients:
    """Clients by the names that botocore knows services by: `sns`, `sqs`, `dynamodb`, `s3`, `secretsmanager`..."""

    def __init__(self, session: boto3.Session | None = None) -> None:
        """Nothing is imported, read or opened yet. `session` None is that of the environment."""
        self._given: Any = session
        self._made: dict[str, Any] = {}

    def get(self, service: str) -> Any:  # noqa: ANN401 - whatever botocore makes of it
        """The client of a service; raises what botocore raises, for instance for want of a region."""
        if service not in self._made:
            self._made[service] = self._make(service)
        return self._made[service]

    def _make(self, service: str) -> Any:  # noqa: ANN401 - the same
        from botocore.config import Config  # noqa: PLC0415 - a function that makes no call does without

        bounds = _BOUNDS.get(service, USUAL)
        retries: Any = {"mode": "standard", "total_max_attempts": bounds.attempts}
        config = Config(connect_timeout=bounds.connect, read_timeout=bounds.read, retries=retries)
        session = self._session()
        make = session.create_client if hasattr(session, "create_client") else session.client
        return make(service, config=config)

    def _session(self) -> Any:  # noqa: ANN401 - botocore's or boto3's
        if self._given is None:
            from botocore.session import get_session  # noqa: PLC0415 - the same

            self._given = get_session()
        return self._given


class MachineClients(Clients):
    """The clients of a machine that may or may not have a region and credentials of AWS."""

    def get(self, service: str) -> Any:  # noqa: ANN401 - whatever botocore makes of it
        """The client of a service; `UnsupportedError` (CC140) without a region or credentials.

        The region is asked for first: only a machine that has one is asked, by its metadata service, for credentials.
        """
        session = self._session()
        if not (session.get_config_variable("region") and session.get_credentials()):
            message = "AWS is not used from here: there is no region, or there are no credentials"
            raise UnsupportedError("CC140", message, hint="set AWS_DEFAULT_REGION and credentials of AWS")
        return super().get(service)
