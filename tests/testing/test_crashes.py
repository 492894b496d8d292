from __future__ import annotations

from dataclasses import asdict

import pytest

from cloud_cron import SKIP, Ambiguous, CloudCron, Permanent, Retry
from cloud_cron.testing import Accepted, CronRunner


@pytest.fixture
def app():
    app = CloudCron("shop")

    @app.schedule("cron(0 8 * * ? *)", topics=["orders", "alerts"])
    def export(run):
        return {"orders": [{"n": 1}, {"n": 2}], "alerts": {"n": 3}}

    return app


def mails(app, **options):
    @app.notifier("email", recipients=["ann@example.org", "bob@example.org"], topics=["orders"], **options)
    def mail(message):
        return f"order {message.payload['n']}"


def test_every_port_call_is_a_crash_before_and_after_it(app):
    mails(app)
    with CronRunner(app) as cron:
        report = cron.crash_everywhere("export", at="2030-01-02T08:00")
    assert report.points == report.crashes > 30
    assert (report.deliveries, report.lost, report.doubt) == (4, 0, 0)
    assert report.acceptances == report.deliveries * (1 + report.crashes) + report.duplicates


@pytest.mark.slow
def test_large_messages_are_put_aside_and_fetched_at_crash_points_of_their_own(app):
    @app.schedule(topics=["orders"])
    def dump(run):
        return {"orders": [{"n": 1, "rows": "x" * run.input}, {"n": 2}]}

    mails(app)
    with CronRunner(app) as cron:
        small, large = (cron.crash_everywhere("dump", input=size) for size in (1, 300_000))
    assert large.points == large.crashes >= small.points + 2 * 3  # the record and a message are put, one is fetched
    assert (large.deliveries, large.lost, large.doubt, large.max_acceptances) == (4, 0, 0, 2)


def test_a_crash_between_acceptance_and_ledger_repeats_at_most_once(app):
    mails(app)
    with CronRunner(app) as cron:
        report = cron.crash_everywhere("export")
    assert (report.duplicates, report.max_acceptances) == (2 * 4, 2)


def test_at_most_once_means_doubt_instead_of_repeats(app):
    mails(app, delivery="at-most-once")
    with CronRunner(app) as cron:
        report = cron.crash_everywhere("export")
    assert (report.duplicates, report.max_acceptances) == (0, 1)
    assert report.doubt == 4 * 4


def test_scripted_answers_and_notifiers_that_refuse_are_part_of_it(app):
    mails(app)

    @app.notifier("print", topics=["alerts", "orders"], attempts=2)
    def decide(message):
        match message.payload["n"]:
            case 1:
                return SKIP
            case 2:
                raise Permanent("no such order")
            case _:
                raise ZeroDivisionError

    with CronRunner(app) as cron:
        cron.answer("mail", Retry("busy"))
        cron.answer("mail", Accepted(but=Ambiguous("read timeout")))
        cron.answer("mail", Permanent("box full"))
        report = cron.crash_everywhere("export")
    assert (report.lost, report.max_acceptances) == (0, 2)
    assert report.points == report.crashes > 80


def test_a_group_that_a_poison_blocks_is_accounted_for(app):
    @app.notifier("print", topics=["alerts"], on_poison="block")
    def refuse(message):
        raise Permanent("no such order")

    with CronRunner(app) as cron:
        assert cron.crash_everywhere("export").lost == 0


def test_a_task_that_needs_a_second_attempt_is_finished(app):
    attempts = []

    @app.schedule(topics=["orders"])
    def flaky(run):
        attempts.append(run.attempt)
        if len(attempts) % 3 == 2:
            raise OSError
        return {"orders": {"n": 1}}

    mails(app)
    with CronRunner(app) as cron:
        report = cron.crash_everywhere("flaky")
    assert report.lost == 0
    assert max(attempts) > 1


def test_a_task_that_does_not_do_the_same_twice_is_told(app):
    given = set()

    @app.schedule(topics=["orders"])
    def once(run):
        if run.id in given:
            return None
        given.add(run.id)
        return {"orders": {"n": 1}}

    mails(app)
    with CronRunner(app) as cron, pytest.raises(AssertionError) as caught:
        cron.crash_everywhere("once")
    assert "crash_everywhere('once'): without any crash there were 2 deliveries, then 0:\nthe app's" in str(
        caught.value
    )


def test_the_tasks_own_exception_comes_through(app):
    @app.schedule()
    def fails():
        raise LookupError

    with CronRunner(app) as cron, pytest.raises(LookupError):
        cron.crash_everywhere("fails")


def test_the_runner_itself_stays_as_it_was(app):
    mails(app)
    with CronRunner(app) as cron:
        cron.answer("mail", Retry())
        cron.secrets["db"] = "x"
        now = cron.now
        assert cron.crash_everywhere("export").lost == 0
        assert (cron.now, cron.outbox, cron.published("orders"), cron.queue("mail")) == (now, [], [], [])
        cron.run("export")
        assert [sent.recipient for sent in cron.deliver()] == ["bob@example.org"]


def test_a_crash_test_sees_input_and_secrets():
    app = CloudCron("shop")
    seen = set()

    @app.schedule(topics=["orders"], secrets={"db": "env:DB"})
    def export(run):
        seen.add((run.secrets["db"], run.input["n"], run.scheduled_at.isoformat(), run.id))
        return {"orders": run.input}

    with CronRunner(app) as cron:
        cron.secrets["db"] = "x"
        report = cron.crash_everywhere("export", input={"n": 1})
    assert asdict(report) == {**asdict(report), "deliveries": 0, "lost": 0}
    assert {(db, n) for db, n, _, _ in seen} == {("x", 1)}
    assert {at for _, _, at, _ in seen} == {"2030-01-01T00:00:00+00:00", "2030-01-01T00:01:00+00:00"}
    assert len({own for _, _, _, own in seen}) == 1
