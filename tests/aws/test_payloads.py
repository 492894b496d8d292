"""The bucket of large payloads: what AWS answers, told in our words."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from cloud_cron import CloudCron, aws
from cloud_cron.aws.payloads import NoPayloads, S3Payloads
from cloud_cron.aws.resources import Resources
from cloud_cron.errors import StoreError
from cloud_cron.ports import Location
from tests.aws.buckets import bucket
from tests.aws.emulated import clients

pytestmark = pytest.mark.moto


class Failing:
    """A client whose every call fails."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def put_object(self, **_: object) -> None:
        raise self._error

    get_object = put_object


class Cut:
    """A client whose answers break off."""

    def get_object(self, **_: object) -> dict[str, Cut]:
        return {"Body": self}

    def read(self) -> bytes:
        raise ReadTimeoutError(endpoint_url="https://s3")


def test_an_object_lies_under_the_prefix_as_json():
    with bucket() as (client, name):
        S3Payloads(client, name, "mine/").put("abc", b"{}")
        found = client.get_object(Bucket=name, Key="mine/abc")
        assert (found["ContentType"], found["Body"].read()) == ("application/json", b"{}")
        assert S3Payloads(client, name).locate("abc") == Location(name, "payloads/abc")


def test_a_bucket_that_is_gone_is_named():
    with bucket() as (client, _):
        gone = S3Payloads(client, "gone")
        for call in (lambda: gone.put("a", b"x"), lambda: gone.get("a")):
            with pytest.raises(StoreError) as caught:
                call()
            error = caught.value
            assert (error.code, error.where, error.hint) == ("CC909", "gone", "deploy again: the bucket is gone")


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetObject"), "refused: AccessDenied: no"),
        (ClientError({"Error": {"Code": "SlowDown", "Message": "wait"}}, "GetObject"), "refused: SlowDown: wait"),
        (EndpointConnectionError(endpoint_url="https://s3"), "cannot be reached"),
    ],
)
def test_whatever_stops_a_call_is_trouble_of_the_store_and_not_a_lost_payload(error, text):
    payloads = S3Payloads(Failing(error), "b")  # type: ignore[arg-type]
    for call in (lambda: payloads.put("a", b"x"), lambda: payloads.get("a")):
        with pytest.raises(StoreError) as caught:
            call()
        assert caught.value.code == "CC909"
        assert text in caught.value.message
        assert caught.value.hint


def test_an_answer_that_breaks_off_is_trouble_of_the_store():
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        S3Payloads(Cut(), "b").get("a")  # type: ignore[arg-type]
    assert caught.value.code == "CC909"


def test_without_a_bucket_every_call_says_so():
    none = NoPayloads()
    for call in (lambda: none.locate("a"), lambda: none.put("a", b"x"), lambda: none.get("a")):
        with pytest.raises(StoreError, match="no bucket") as caught:
            call()
        assert (caught.value.code, caught.value.hint) == ("CC909", "deploy again")


def test_a_function_makes_the_client_of_its_bucket_when_it_is_first_used():
    app = CloudCron("shop")
    app.schedule("rate(1 hour)", topics=["orders"], name="export")(lambda: None)
    model = app.model()
    given = {"model": model, "part": model.task("export"), "horizon": 60.0, "journal": None}
    with clients() as (found, _):
        ports = aws.ports(clients=found, resources=Resources(bucket="shop"), **given)  # type: ignore[arg-type]
        assert ports.payloads.locate("x") == Location("shop", "payloads/x")
        assert "s3" not in found._made
        found.get("s3").create_bucket(Bucket="shop")
        ports.payloads.put("x", b"body")
        assert ports.payloads.get("x") == b"body"
        without = aws.ports(clients=found, resources=Resources(), **given)  # type: ignore[arg-type]
        assert isinstance(without.payloads, NoPayloads)
