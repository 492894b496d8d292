"""A mail server of the tests that turns some away: `busy@...` once, `gone@...` for good."""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default
from typing import TYPE_CHECKING

from tests.channels.mail_servers import Box

if TYPE_CHECKING:
    from email.message import EmailMessage


class Post(Box):
    """What was accepted, and who was turned away, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: list[str] = []
        self.port = 0

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's name
        if address.startswith("gone@") or (address.startswith("busy@") and address not in self.refused):
            self.refused.append(address)
            return "550 5.1.1 no such user" if address.startswith("gone@") else "450 4.2.0 come back later"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    def to(self, recipient: str, run: str) -> list[EmailMessage]:
        """The mails that one person got of one run, which the text names."""
        own = [message_from_bytes(mail, policy=default) for _, people, mail in self.mails if recipient in people]
        return [mail for mail in own if run in str(mail.get_body(("plain",)))]
