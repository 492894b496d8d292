"""Large payloads on AWS: one object each, in the bucket of the stage."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NoReturn

from cloud_cron.errors import NotFound, StoreError
from cloud_cron.ports import Location

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from types_boto3_s3.client import S3Client

PREFIX: Final = "payloads/"
_MISSING: Final = frozenset({"NoSuchKey", "404"})
_HINTS: Final = {
    "AccessDenied": "deploy again: the role of this function is written by the template, and the payload may be gone",
    "NoSuchBucket": "deploy again: the bucket is gone",
}


class S3Payloads:
    """The port `Payloads` on a client that the caller made; each method but `locate` is one call.

    A read sees every write that was answered (S3 User Guide, "Amazon S3 data consistency model"). The bucket's
    lifecycle forgets objects; writing one again begins its time anew. Everything that stops a call is `StoreError`
    CC909. Needs `s3:PutObject` and `s3:GetObject` on the prefix; without `s3:ListBucket` S3 says AccessDenied of an
    object that is not there (S3 API reference, GetObject), which cannot be told from a role that lacks a right.
    """

    def __init__(self, client: S3Client | Callable[[], S3Client], bucket: str, prefix: str = PREFIX) -> None:
        """`client` may be a way to make it, used by the first call; `prefix` is what every key begins with."""
        self._client = client
        self._bucket = bucket
        self._prefix = prefix

    def locate(self, name: str) -> Location:
        """The object that has the payload."""
        return Location(self._bucket, f"{self._prefix}{name}")

    def put(self, name: str, body: bytes) -> None:
        """Write the object, whether or not it is there."""
        key = self.locate(name).key
        with _telling(self._bucket):
            self._made().put_object(Bucket=self._bucket, Key=key, Body=body, ContentType="application/json")

    def get(self, name: str) -> bytes:
        """Read the object; NotFound (CC613) when there is none."""
        key = self.locate(name).key
        try:
            with _telling(self._bucket):
                body: bytes = self._made().get_object(Bucket=self._bucket, Key=key)["Body"].read()
                return body
        except StoreError as error:
            if _code(error.__cause__) in _MISSING:
                raise NotFound(
                    "CC613",
                    f"payload {key} is not in the bucket",
                    where=self._bucket,
                    hint="it is kept for a horizon after its run",
                ) from error
            raise

    def _made(self) -> S3Client:
        if callable(self._client):
            self._client = self._client()
        return self._client


class NoPayloads:
    """The port `Payloads` of a function that was given no bucket."""

    def locate(self, name: str) -> Location:  # noqa: ARG002 - the port
        """There is no such place: StoreError (CC909)."""
        _refuse()

    def put(self, name: str, body: bytes) -> None:  # noqa: ARG002 - the port
        """The same."""
        _refuse()

    def get(self, name: str) -> bytes:  # noqa: ARG002 - the port
        """The same."""
        _refuse()


def _refuse() -> NoReturn:
    raise StoreError("CC909", "this function has no bucket for large payloads", hint="deploy again")


@contextmanager
def _telling(bucket: str) -> Iterator[None]:
    """Raise `StoreError` (CC909) for whatever stops a call."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - loaded by whoever made the client

    try:
        yield
    except ClientError as error:
        code, said = _code(error), error.response["Error"].get("Message", "")
        message = f"{error.operation_name} on the payload bucket was refused: {code}: {said}"
        hint = _HINTS.get(code, "repeating is safe; it is tried again")
        raise StoreError("CC909", message, where=bucket, hint=hint) from error
    except BotoCoreError as error:
        message = f"the payload bucket cannot be reached: {error}"
        raise StoreError("CC909", message, where=bucket, hint="repeating is safe; it is tried again") from error


def _code(error: BaseException | None) -> str:
    """AWS's word for an error; none for an answer that never came."""
    response: Any = getattr(error, "response", None) or {}
    code: str = response.get("Error", {}).get("Code", "")
    return code
