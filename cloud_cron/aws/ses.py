"""Sends mail through Amazon SES, one recipient a call: SES refuses a mail whole when one of its addresses is bad."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloud_cron.aws import ses_answers, ses_tag
from cloud_cron.channels import attachments, mime
from cloud_cron.channels.mail import TemplatedContent
from cloud_cron.errors import Ambiguous, Permanent
from cloud_cron.ports import Receipt

if TYPE_CHECKING:
    from cloud_cron.channels.email import EmailOptions
    from cloud_cron.ports import Ports


class SesSender:
    """The port `Sender` over a client of SES v2 that tries every call once, and within the channel's call timeout.

    SES takes no key that would make a second call harmless; the key is a tag, by which its events lead back to
    the delivery (SES API v2 reference, SendEmail).
    """

    def __init__(self, ports: Ports, options: EmailOptions, client: Any) -> None:  # noqa: ANN401 - a client of botocore
        """Nothing is called before the first mail."""
        self._ports = ports
        self._options = options
        self._client = client

    def send(self, content: Any, recipient: str, key: str, timeout: float) -> Receipt:  # noqa: ANN401, ARG002 - the port; the client was made with it
        """Send one mail.

        Raises `Retry` for what was certainly not accepted, `Permanent` for what never will be, `Ambiguous` when the
        answer was lost, `ChannelDown` when SES would take nothing from us.

        Unless SES makes the mail of a template, the sender stands in it alone: `FromEmailAddress` would replace it
        there, the display name with it, and takes no name that is not ASCII (SES API v2 reference, SendEmail).
        """
        request: dict[str, Any] = {
            "Destination": {"ToAddresses": [recipient]},
            "EmailTags": ses_tag.tags(key),
            **self._content(content, recipient, key),
        }
        if self._options.configuration_set:
            request["ConfigurationSetName"] = self._options.configuration_set
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - loaded by whoever made the client

        try:
            answer = self._client.send_email(**request)
        except ClientError as error:
            raise ses_answers.refused(error, self._options.sender or "") from error
        except BotoCoreError as error:
            raise ses_answers.unanswered(error) from error
        if "MessageId" not in answer:  # what is cut off is read as far as it goes
            raise Ambiguous("the answer of SES was cut off")
        return Receipt(answer["MessageId"])

    def _content(self, content: Any, recipient: str, key: str) -> dict[str, Any]:  # noqa: ANN401 - the channel's content
        """The mail as we made it, or the template that SES makes it of."""
        if not isinstance(content, TemplatedContent):
            return {"Content": {"Raw": {"Data": self._made(content, recipient, key)}}}
        from cloud_cron.aws import ses_template  # noqa: PLC0415 - only such a notifier pays for it

        return ses_template.request(content, self._options, recipient)

    def _made(self, content: Any, recipient: str, key: str) -> bytes:  # noqa: ANN401 - the channel's content
        date, options = self._ports.clock.now(), self._options
        more = {"reply_to": options.reply_to, "unsubscribe": options.unsubscribe}
        try:
            made = mime.message(content, options.sender or "", recipient, key=key, date=date, **more).as_bytes()
        except Exception as error:
            raise Permanent(f"the mail cannot be put together: {type(error).__name__}: {error}") from error
        if len(made) > attachments.MOST:
            raise Permanent(f"the mail has {len(made):,} bytes, and SES takes {attachments.MOST:,}")
        return made
