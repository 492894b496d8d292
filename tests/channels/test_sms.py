"""An sms from whatever a notifier returned, and the numbers it can go to."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from cloud_cron import Email, Sms
from cloud_cron.channels import find, options_of
from cloud_cron.channels.sms import SmsContent, SmsOptions, e164
from cloud_cron.errors import (
    CloudCronError,
    DeclarationError,
    RecipientError,
    RenderError,
    ResultError,
    UnsupportedError,
)
from cloud_cron.model import NotifierModel
from cloud_cron.rendered import as_json
from cloud_cron.runtime import addressing


@pytest.fixture
def sms(context_of):
    """Render by the sms channel."""

    def make(value, **options):
        return find("sms").render(value, context_of("sms", **options))

    return make


def test_every_kind_of_value_becomes_a_text(sms):
    assert sms("Frost tonight\n") == SmsContent("Frost tonight", 1)
    assert sms(Sms("Frost", to="+14155552671")) == SmsContent("Frost", 1)
    assert sms({"kind": "frost"}, text="{{ kind }} warning") == SmsContent("frost warning", 1)
    assert sms({"kind": "frost"}) == SmsContent("weather alerts: kind frost", 1)
    assert as_json(sms("ć" * 71)) == {"text": "ć" * 71, "segments": 2}


@pytest.mark.parametrize(
    ("value", "kind", "code", "said"),
    [
        (None, ResultError, "CC231", "returned None"),
        (5, ResultError, "CC230", "an int"),
        (Email("s", "t"), ResultError, "CC230", "an Email"),
        (Sms(5), ResultError, "CC230", "an Sms"),  # type: ignore[arg-type]
        ("", RenderError, "CC411", "empty"),
        ("x" * 1601, RenderError, "CC405", "1,600 characters"),
        (Sms("x" * 1601), RenderError, "CC405", "1,600 characters"),
    ],
)
def test_a_value_of_no_use_is_refused(sms, value, kind, code, said):
    with pytest.raises(CloudCronError) as caught:
        sms(value)
    assert type(caught.value) is kind
    assert caught.value.code == code
    assert said in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("given", "number"),
    [
        ("+14155552671", "+14155552671"),
        (" +1 (415) 555-2671 ", "+14155552671"),
        ("+12345678", "+12345678"),
        ("+123456789012345", "+123456789012345"),
    ],
)
def test_a_number_has_one_spelling(given, number):
    assert e164(given) == number
    assert find("sms").normalise(given) == number


@pytest.mark.parametrize(
    ("given", "shown", "said", "hint"),
    [
        ("", "''", "empty", "+14155552671"),
        ("4155552671", "41***71", "country's code", "+14155552671"),
        ("00442079460958", "00***58", "country's code", "write + instead of 00"),
        ("+1415555267\uff11", "+1***7\\uff11", "U+FF11", "+14155552671"),
        ("+1415555267\u0661", "+1***7\\u0661", "U+0661", "+14155552671"),
        ("+1.415.555.2671", "+1***71", "U+002E", "+14155552671"),
        ("+14155552671\n", "+1***1\\n", "U+000A", "+14155552671"),
        ("+1\u00a04155552671", "+1***71", "U+00A0", "+14155552671"),
        ("+1\u20114155552671", "+1***71", "U+2011", "+14155552671"),
        ("++14155552671", "++***71", "U+002B", "+14155552671"),
        ("+1-800-FLOWERS", "+1***RS", "U+0046", "+14155552671"),
        ("tel:+14155552671", "te***71", "U+0074", "+14155552671"),
        ("+04155552671", "+0***71", "8 to 15 digits", "+14155552671"),
        ("+1234567", "+1***67", "8 to 15 digits", "+14155552671"),
        ("+1234567890123456", "+1***56", "8 to 15 digits", "+14155552671"),
        ("+12", "***", "8 to 15 digits", "+14155552671"),
        ("+", "***", "U+002B", "+14155552671"),
    ],
)
def test_anything_else_is_no_number(given, shown, said, hint):
    with pytest.raises(RecipientError) as caught:
        e164(given)
    error = caught.value
    assert error.code == "CC310"
    assert error.message.startswith(f"phone number {shown} ")
    assert said in error.message
    assert hint in (error.hint or "")


@pytest.mark.parametrize("given", [None, 14155552671])
def test_a_number_is_text(given):
    with pytest.raises(RecipientError) as caught:
        e164(given)
    assert caught.value.code == "CC310"
    assert "must be a string" in caught.value.message
    assert "14155552671" not in caught.value.message


US, ANTIGUA, GERMANY, GUERNSEY = "+14155552671", "+12684601234", "+4915112345678", "+447911123456"


@pytest.mark.parametrize(
    ("number", "allowed", "configured", "admitted"),
    [
        (US, ("+1 415 555-2671",), (), True),
        (US, ("+1", "+1415", ""), (), False),
        (US, ("+12025550123",), ("+12025550123",), False),
        (US, (), (), False),
        (US, (), (US,), True),
        (US, (), ("+12025550123",), True),
        (ANTIGUA, (), (US,), False),
        (GERMANY, (), (US,), False),
        (GERMANY, ("DE",), (US,), True),
        (US, ("DE",), ("+12025550123",), True),
        (GUERNSEY, ("GB",), (US,), False),
        (GUERNSEY, ("GG",), (US,), True),
        ("+99912345678", ("DE",), (US,), False),
    ],
)
def test_a_message_may_choose_a_number_of_a_region_that_is_meant(number, allowed, configured, admitted):
    pytest.importorskip("phonenumbers", reason="regions need cloud-cron[sms]")
    notifier = NotifierModel("text", "sms", allow_recipients=allowed, recipients=configured)
    assert find("sms").admits(number, notifier) is admitted


def test_an_sms_is_never_repeated_unasked():
    assert find("sms").max_ambiguous == 0
    assert find("email").max_ambiguous == 1


REFUSED = [
    pytest.param("+19005551234", (), "CC311", "+1***34 is a premium-rate number", id="56-premium"),
    pytest.param("+448712345678", (), "CC311", "premium-rate", id="premium in Britain"),
    pytest.param("+491805123456", (), "CC311", "shared-cost", id="shared cost"),
    pytest.param("+447600123456", (), "CC311", "a pager", id="pager"),
    pytest.param("+881612345678", (), "CC311", "a satellite phone", id="57-satellite"),
    pytest.param("+979123456789", (), "CC311", "premium-rate", id="international premium"),
    pytest.param(
        GERMANY, ("US", "CA"), "CC312", "+4***78 is of region DE, and texts go to CA, US alone", id="58-region"
    ),
    pytest.param(ANTIGUA, ("US",), "CC312", "of region AG", id="a country within +1"),
    pytest.param(GUERNSEY, ("GB",), "CC312", "of region GG", id="an island within +44"),
    pytest.param("+99912345678", ("US",), "CC312", "of no region", id="nobody's"),
]


@pytest.mark.parametrize(("number", "regions", "code", "said"), REFUSED)
def test_a_number_that_is_dear_or_elsewhere_is_refused_whoever_named_it(number, regions, code, said):
    pytest.importorskip("phonenumbers", reason="regions need cloud-cron[sms]")
    notifier = NotifierModel("text", "sms", recipients=(number,), options={"regions": regions})
    for chosen in (True, False):
        with pytest.raises(RecipientError) as caught:
            addressing.address(find("sms"), notifier, number, by_message=chosen)
        assert (caught.value.code, said in caught.value.message) == (code, True)
        assert number not in str(caught.value)


@pytest.mark.parametrize(
    ("number", "regions"), [(US, ()), (US, ("US",)), (GUERNSEY, ("GB", "GG")), ("+99912345678", ())]
)
def test_every_other_number_is_sent_to(number, regions):
    pytest.importorskip("phonenumbers", reason="regions need cloud-cron[sms]")
    find("sms").vet(number, NotifierModel("text", "sms", options={"regions": regions}))


def test_without_the_package_only_what_depends_on_it_is_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, "phonenumbers", None)
    notifier = NotifierModel("text", "sms", options={"regions": ("US",)})
    with pytest.raises(RecipientError) as caught:
        find("sms").vet(US, notifier)
    assert (caught.value.code, "cloud-cron[sms]" in str(caught.value.hint)) == ("CC313", True)
    free = NotifierModel("text", "sms")
    find("sms").vet("+19005551234", free)
    with pytest.raises(RecipientError, match="satellite"):
        find("sms").vet("+881612345678", free)


def test_sending_needs_a_sender_an_account_and_the_client(monkeypatch):
    channel, ports = find("sms"), SimpleNamespace(ledger=None)
    for options, hint in (
        (SmsOptions(secret="env:X"), "from_number"),
        (SmsOptions(US), "secret = "),
    ):
        with pytest.raises(UnsupportedError) as caught:
            channel.sender(ports, options)  # type: ignore[arg-type]
        assert (caught.value.code, hint in str(caught.value.hint)) == ("CC140", True)
    channel.sender(ports, SmsOptions(US, secret="env:X"))  # type: ignore[arg-type]
    channel.load()
    monkeypatch.delitem(sys.modules, "cloud_cron.channels.twilio_line")
    monkeypatch.delattr("cloud_cron.channels.twilio_line", raising=False)
    for name in [name for name in sys.modules if name.partition(".")[0] == "twilio"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "twilio", None)
    with pytest.raises(UnsupportedError) as caught:
        channel.load()
    assert caught.value.hint == "install cloud-cron[sms]"


def test_options_are_spelt_in_one_way():
    made = options_of(find("sms"), {"from_number": "+1 415 555 2671", "regions": ["US", "DE"]})
    assert made == SmsOptions("+14155552671", None, ("US", "DE"))
    assert options_of(find("sms"), {}) == SmsOptions()
    assert options_of(find("sms"), {"messaging_service_sid": "MG" + "0a" * 16}).from_number is None


@pytest.mark.parametrize(
    ("values", "code", "said"),
    [
        ({"from_number": "4155552671"}, "CC132", "from_number: phone number 41***71"),
        ({"messaging_service_sid": "SK" + "0" * 32}, "CC132", "MG and 32"),
        ({"messaging_service_sid": 5}, "CC132", "must be a string"),
        ({"from_number": "+14155552671", "messaging_service_sid": "MG" + "0" * 32}, "CC132", "both say"),
        ({"regions": "DE"}, "CC132", "regions must be a list, not a str"),
        ({"regions": ["de"]}, "CC132", "two capital letters"),
        ({"regions": [49]}, "CC132", "a region must be a string"),
        ({"from": "x"}, "CC131", "'from'"),
        ({"long": "cut"}, "CC132", "'refuse' or 'truncate'"),
        ({"max_segments": 0}, "CC132", "max_segments=0 must be 1 to 24"),
        ({"max_segments": 25}, "CC132", "must be 1 to 24"),
        ({"max_segments": True}, "CC132", "must be a whole number, not a bool"),
        ({"daily_limit": 0}, "CC132", "daily_limit=0 must be 1 to 1,000,000"),
        ({"daily_limit": "5"}, "CC132", "must be a whole number, not a str"),
    ],
)
def test_options_that_cannot_be_are_refused(values, code, said):
    with pytest.raises(DeclarationError) as caught:
        options_of(find("sms"), values)
    assert caught.value.code == code
    assert said in caught.value.message
