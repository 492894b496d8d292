"""Everything runs in this process and on a clock of its own: nothing is sent, and nothing waits."""

from __future__ import annotations

from app import LIMIT, judged


def test_a_disk_with_room_is_no_alert():
    assert judged(total=100, used=LIMIT - 1)["alerts"] is None


def test_a_full_disk_is_an_alert():
    assert judged(total=1000 * 10**9, used=985 * 10**9)["alerts"] == {"percent": 98, "free_gb": 15.0}


def test_somebody_gets_a_mail_every_morning(cron):
    cron.advance("3 days")

    mails = [sent for sent in cron.outbox if sent.notifier == "mail_report"]
    assert len(mails) == 3
    assert mails[0].recipient == "you@example.com"
    assert "% full" in mails[0].content.subject
