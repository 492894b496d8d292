"""Errors: four parts, one sentence, and answers that can be kept."""

from __future__ import annotations

import inspect
import math
import pickle

import pytest

from cloud_cron import errors
from cloud_cron.errors import (
    Ambiguous,
    ChannelDown,
    CloudCronError,
    DeclarationError,
    NotFound,
    Outcome,
    Permanent,
    Retry,
    UnknownTopic,
    closest,
    did_you_mean,
)


def test_an_error_is_one_sentence_with_code_place_and_remedy():
    error = DeclarationError("CC110", "the name is bad", where="app.py:3", hint="choose another")

    assert str(error) == "CC110 the name is bad (app.py:3); choose another"
    assert (error.code, error.message, error.where, error.hint) == (
        "CC110",
        "the name is bad",
        "app.py:3",
        "choose another",
    )


def test_what_is_not_known_is_left_out():
    assert str(CloudCronError("CC1", "what")) == "CC1 what"
    assert str(CloudCronError("CC1", "what", hint="do")) == "CC1 what; do"
    assert str(CloudCronError("CC1", "what", where="there")) == "CC1 what (there)"


def test_the_nearest_place_wins():
    error = CloudCronError("CC1", "what")

    assert error.at("first") is error
    assert error.at("second").where == "first"


def test_built_in_cousins():
    for kind, cousin in ((DeclarationError, ValueError), (UnknownTopic, LookupError), (NotFound, LookupError)):
        assert issubclass(kind, cousin)
        assert str(kind("CC1", "what")) == "CC1 what"


def test_the_tree_in_the_docstring_is_the_tree():
    told = errors.__doc__ or ""
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, Exception)]

    assert kinds
    for kind in kinds:
        if kind.__module__ != errors.__name__:
            continue
        assert kind.__name__ in told
        assert issubclass(kind, (CloudCronError, Outcome))


def test_errors_survive_pickling():
    error = pickle.loads(pickle.dumps(UnknownTopic("CC202", "what", where="there", hint="do")))  # noqa: S301 - our own
    answer = pickle.loads(pickle.dumps(Retry("busy", after=5)))  # noqa: S301 - our own

    assert str(error) == "CC202 what (there); do"
    assert (answer.reason, answer.after) == ("busy", 5.0)


@pytest.mark.parametrize("kind", [Permanent, Retry, Ambiguous, ChannelDown])
def test_a_reason_is_text_whatever_was_given(kind):
    assert kind().reason == ""
    assert kind("no such box").reason == "no such box"
    assert kind(5).reason == "5"
    assert kind(ValueError("no such box")).reason == "no such box"


@pytest.mark.parametrize("kind", [Retry, ChannelDown])
@pytest.mark.parametrize(("after", "kept"), [(None, None), (0, 0.0), (2.5, 2.5), (90, 90.0), (-3, 0.0)])
def test_a_pause_is_seconds_and_never_negative(kind, after, kept):
    assert kind("busy", after=after).after == kept


@pytest.mark.parametrize("kind", [Retry, ChannelDown])
@pytest.mark.parametrize(
    ("after", "wrong"), [("5", TypeError), (True, TypeError), (math.nan, ValueError), (math.inf, ValueError)]
)
def test_a_pause_that_could_not_be_kept_is_refused_where_it_is_said(kind, after, wrong):
    with pytest.raises(wrong, match="after"):
        kind(after=after)


def test_the_closest_name_ignores_case():
    assert closest("REPORT", ["alerts", "Reports"]) == "Reports"
    assert closest("zzz", ["alerts"]) is None
    assert closest("x", []) is None


def test_a_hint_names_the_closest_else_all_else_none():
    assert did_you_mean("alert", ["reports", "alerts"]) == "did you mean 'alerts'?"
    assert did_you_mean("zzz", ["reports", "alerts"]) == "known: alerts, reports"
    assert did_you_mean("zzz", []) == "there are none"
