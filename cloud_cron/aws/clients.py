"""AWS's clients of one process, each made when it is first asked for, and every call bounded in time.

botocore's own session makes the clients unless one of boto3 is given: it spares the import of what boto3 adds, of which
nothing here has any use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import boto3
    from botocore.config import Config

CONNECT: Final = 3
READ: Final = 10
ATTEMPTS: Final = 4
_ONCE: Final = frozenset({"sesv2"})
"""A mail may have been accepted although its answer was lost: whether to try again is the ledger's to decide."""


class Clients:
    """Clients by the names that botocore knows services by: `sns`, `sqs`, `dynamodb`, `s3`, `secretsmanager`..."""

    def __init__(self, session: boto3.Session | None = None) -> None:
        """Nothing is imported, read or opened yet. `session` None is that of the environment."""
        self._session: Any = session
        self._made: dict[str, Any] = {}

    def get(self, service: str) -> Any:  # noqa: ANN401 - whatever botocore makes of it
        """The client of a service; raises what botocore raises, for instance for want of a region."""
        if service not in self._made:
            self._made[service] = self._make(service)
        return self._made[service]

    def _make(self, service: str) -> Any:  # noqa: ANN401 - the same
        config = _config(ATTEMPTS if service not in _ONCE else 1)
        if self._session is None:
            from botocore.session import get_session  # noqa: PLC0415 - a function that makes no call does without

            self._session = get_session()
        if hasattr(self._session, "create_client"):
            return self._session.create_client(service, config=config)
        return self._session.client(service, config=config)


def _config(attempts: int) -> Config:
    """How calls are made: seconds to connect and to wait, and how often to try."""
    from botocore.config import Config  # noqa: PLC0415 - the same

    return Config(
        connect_timeout=CONNECT,
        read_timeout=READ,
        retries={"mode": "standard", "total_max_attempts": attempts},
    )
