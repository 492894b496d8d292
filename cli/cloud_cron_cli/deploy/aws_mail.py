"""The port `MailService`: what Amazon SES says of the account, of its identities and templates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloud_cron.errors import CloudCronError
from cloud_cron_cli.deploy.aws_errors import asking
from cloud_cron_cli.deploy.ports import MailAccount, Standing

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloud_cron_cli.deploy.aws_session import AwsSession


class AwsMail:
    """SES in the session's region. Nothing depends on its answers, so that a refusal is an answer too."""

    def __init__(self, session: AwsSession) -> None:
        """No call is made yet."""
        self._session = session

    def account(self) -> MailAccount | None:
        """By GetAccount; None when it may not be asked."""
        answer = self._asked("ses:GetAccount", lambda client: client.get_account())
        if answer is None:
            return None
        return MailAccount(sandboxed=not answer["ProductionAccessEnabled"], paused=not answer["SendingEnabled"])

    def identity(self, name: str) -> Standing:
        """By GetEmailIdentity."""

        def ask(client: Any) -> Any:  # noqa: ANN401 - botocore's
            return _found(client, client.get_email_identity, EmailIdentity=name)

        answer = self._asked(f"ses:GetEmailIdentity of {name}", ask)
        if answer is None:
            return Standing.UNKNOWN
        if not answer:
            return Standing.ABSENT
        return Standing.VERIFIED if answer.get("VerifiedForSendingStatus") else Standing.UNVERIFIED

    def has_template(self, name: str) -> bool:
        """By GetEmailTemplate."""

        def ask(client: Any) -> Any:  # noqa: ANN401 - botocore's
            return _found(client, client.get_email_template, TemplateName=name)

        return bool(self._asked(f"ses:GetEmailTemplate of {name}", ask) != {})

    def _asked(self, action: str, ask: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - botocore's answer
        try:
            with asking(action):
                return ask(self._session.client("sesv2"))
        except CloudCronError:
            return None


def _found(client: Any, ask: Callable[..., Any], **named: str) -> Any:  # noqa: ANN401 - botocore's
    """The answer; empty when there is nothing of that name."""
    try:
        return ask(**named)
    except client.exceptions.NotFoundException:
        return {}
