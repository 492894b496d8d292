"""Whom a notifier tells, in its decorator: addresses and phone numbers."""

from __future__ import annotations

from typing import Final

from tests.bad_input.row import Row
from tests.bad_input.ways.commands import command, declared, warned

_ADDRESS: Final = "ada@example.org"
_NUMBER: Final = "+14155552671"
_HEARD: Final = "@app.schedule(topics=['a'])\ndef go(): return {'a': {}}\n"


def _address(number: str, given: str, address: str, says: str) -> Row:
    way = declared(f"@app.notifier('email', recipients=['bob@b.org', {address!r}])\ndef go(m): ...\n")
    return Row(number, given, way, "CC301", f"recipients[1]: address {says}", "app.py:3", _ADDRESS)


def _number(number: str, given: str, phone: str, says: str, fix: str) -> Row:
    way = declared(f"@app.notifier('sms', recipients=['+12025550123', {phone!r}])\ndef go(m): ...\n")
    return Row(number, given, way, "CC310", f"recipients[1]: phone number {says}", "app.py:3", fix)


def _dear(number: str, given: str, phone: str, code: str, says: str, fix: str, more: str = "") -> Row:
    text = (
        f"@app.notifier('sms', topics=['a'], recipients=['+12025550123', {phone!r}]{more})\ndef tell(m): return 'x'\n"
    )
    way = command("check", app=f"from cloud_cron import CloudCron\napp = CloudCron('weather')\n{_HEARD}{text}")
    says = f"recipients[1]: phone number {says}"
    return Row(number, given, way, code, says, "app.py:5", fix, package="phonenumbers")


ROWS: Final = (
    _address("50", "an empty address", "", "'' is empty"),
    _address("50b", "`a@b`", "a@b", "a***@b has no complete domain after the @"),
    _address(
        "50c",
        "`a..b@c.org`",
        "a..b@c.org",
        "a***@c.org has a local part (before the @) that is no sequence of letters, digits and single dots",
    ),
    _address(
        "50d",
        "an address with a line break behind it",
        "ada@b.org\n",
        "a***@b.org… has a control character or line break (U+000A)",
    ),
    _address(
        "50e",
        "`äda@b.org`",
        "äda@b.org",
        "\\xe4***@b.org has a character before the @ that is not ASCII, which mail services refuse",
    ),
    _address(
        "51",
        "two addresses in one text",
        "ada@b.org, c@d.org",
        "a***@b.org… is more than one address; give each its own entry",
    ),
    Row(
        "52",
        "an empty list of recipients",
        declared("@app.notifier('email', recipients=[])\ndef go(m): ...\n"),
        "CC302",
        "recipients is empty",
        "app.py:3",
        "leave it out to use the configuration's",
    ),
    Row(
        "53",
        "one address in two spellings",
        warned(
            f"{_HEARD}@app.notifier('email', topics=['a'], recipients=['ada@b.org', 'ada@B.ORG'])\n"
            "def mail(m): return 'x'\n"
        ),
        "W303",
        "notifier 'mail' names ada@b.org more than once",
        "app.py:5",
        "name each once; it is sent only once anyway",
    ),
    _number(
        "54",
        "a number without `+` and country",
        "4155552671",
        "41***71 does not begin with + and the country's code (E.164)",
        "its country's code",
    ),
    _number(
        "55",
        "a number that begins with `00`",
        "00442079460123",
        "00***23 does not begin with + and the country's code (E.164)",
        "write + instead of 00",
    ),
    _dear(
        "56",
        "a premium-rate number",
        "+19005551234",
        "CC311",
        "+1***34 is a premium-rate number, which no text is sent to",
        "a mobile number",
    ),
    _dear(
        "57",
        "a satellite phone",
        "+881612345678",
        "CC311",
        "+8***78 is a satellite phone, which no text is sent to",
        "a mobile number",
    ),
    _dear(
        "58",
        "a number of a region that is not allowed",
        "+12684601234",
        "CC312",
        "+1***34 is of region AG, and texts go to US alone",
        "AG",
        ", regions=['US']",
    ),
    _number(
        "58b",
        "a digit that is not 0 to 9",
        "+1415555267\N{FULLWIDTH DIGIT ONE}",
        "+1***7\\uff11 has a character that is no digit (U+FF11)",
        _NUMBER,
    ),
)
