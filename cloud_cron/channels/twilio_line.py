"""One connection to Twilio's REST API, through its own client. Importing this module loads that client."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

import twilio.rest.api  # noqa: F401 - the client loads it with its first call: better before
from twilio.base.exceptions import TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from cloud_cron.channels import twilio_answers as answers
from cloud_cron.errors import Ambiguous

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloud_cron.channels.twilio_account import Account

CONNECT: Final = 3.0
"""Seconds for a connection: one that takes longer will not come."""

logging.getLogger("twilio.http_client").setLevel(logging.WARNING)  # it writes addresses and headers of every call


class Http(TwilioHttpClient):  # type: ignore[misc]  # Twilio's client is not typed
    """Twilio's HTTP client with no retry of its own, which keeps the headers of its last answer."""

    def __init__(self) -> None:
        """Nothing is connected yet."""
        super().__init__(max_retries=0)
        self.headers: Any = {}

    def request(self, *place: Any, **more: Any) -> Any:  # noqa: ANN401 - as Twilio calls it
        """One call; raises what requests raises."""
        self.headers = {}
        answer = super().request(*place, **more)
        self.headers = answer.headers or {}
        return answer

    def close(self) -> None:
        """Hang up."""
        self.session.close()


class Line:
    """Sends texts of one account, one at a time, on a connection that is kept in between."""

    def __init__(self, account: Account, connect: Callable[[], Http] = Http) -> None:
        """Nothing is connected before the first text."""
        self._http = connect()
        self._client = Client(account.user, account.password, account.sid, http_client=self._http)

    def send(self, to: str, sender: dict[str, str], text: str, timeout: float) -> str:
        """Send one text within `timeout` seconds; the SID of the message. Raises an `Outcome`.

        Without a timeout Twilio's client would wait for ever; requests takes one for the connection and one for the
        answer (requests, "Advanced Usage", Timeouts).
        """
        connect = min(CONNECT, timeout / 2)
        self._http.timeout = (connect, timeout - connect)
        try:
            message = self._client.messages.create(to=to, body=text, **sender)
            sid, status, code, said = message.sid, message.status, message.error_code, message.error_message
        except (TwilioRestException, TwilioServiceException) as error:
            raise self._refused(error) from None
        except Exception as error:  # noqa: BLE001 - of requests, or for an answer that is none
            raise answers.unanswered(error) from None
        if status in answers.FAILED:
            raise answers.refused(0, int(code or 0), said or f"the message is {status}")
        if not sid:
            raise Ambiguous("Twilio accepted, and gave the message no SID")
        return str(sid)

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def _refused(self, error: Any) -> Exception:  # noqa: ANN401 - an exception of Twilio's client
        said = str(getattr(error, "msg", "") or getattr(error, "detail", "") or getattr(error, "title", ""))
        status, code = int(error.status), int(error.code or 0)
        return answers.refused(status, 0 if code == status else code, said, self._http.headers.get("Retry-After", ""))
