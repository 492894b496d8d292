"""What only AWS has: queues that hide what is looked at, letters of Scheduler, Lambda and SNS, and moves by SQS."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest

from cloud_cron import CloudCron
from cloud_cron.aws.hands import AwsHands
from cloud_cron.aws.names import resource_name
from cloud_cron.aws.resources import Resources
from cloud_cron.errors import Ambiguous, CloudCronError, NotFound, Permanent
from cloud_cron.ports import Key
from cloud_cron.runtime.maintenance import failed
from cloud_cron.runtime.maintenance.rounds import Desk
from cloud_cron.runtime.maintenance.working import Turn
from cloud_cron.runtime.watching import Watch
from cloud_cron_cli.deploy.aws_place import AwsPlace
from cloud_cron_cli.deploy.aws_session import AwsSession
from cloud_cron_cli.deploy.aws_shelf import Shelf
from cloud_cron_cli.deploy.deployed import Deployed
from cloud_cron_cli.operating.letters import NOBODY
from cloud_cron_cli.operating.redriving import redrive
from tests.maintenance.support import Context
from tests.operating.app import ADA, BOB, due, event, message_of
from tests.operating.aws_world import REGION, arn
from tests.operating.test_letters_contract import body, listed, redriven, refused, resolved, states

pytestmark = pytest.mark.moto

RUN = f"export@{due(1)}"


class Killed(BaseException):
    """The process of the command is gone."""


class dying:  # noqa: N801 - reads as a sentence
    """Kill the command at the next call of that operation, before it is made."""

    def __init__(self, client: Any, operation: str) -> None:
        self.client, self.event = client, f"before-call.{client.meta.service_model.service_id.hyphenize()}.{operation}"

    def __enter__(self) -> None:
        self.client.meta.events.register_first(self.event, self._die)

    def __exit__(self, *_: object) -> None:
        self.client.meta.events.unregister(self.event, self._die)

    def _die(self, **_: Any) -> None:
        raise Killed


def undelivered(world, hour=1):
    """A message that SNS could not hand to the notifier's queue, with the id that it was published under."""
    unique = message_of(hour)
    world.put("lost", body(unique), unique, ErrorCode="AccessDenied", ErrorMessage="not authorized")
    return unique


# A notifier's letters


def test_killed_between_sending_and_deleting_the_copy_is_harmless(aws):
    unique = refused(aws, Permanent("no such box"))
    with dying(aws.sqs, "DeleteMessage"), pytest.raises(Killed):
        redriven(aws, "mail", unique)
    assert (aws.depth("dead"), aws.depth("queue")) == (1, 1)
    redriven(aws, "mail", unique)
    assert (aws.depth("dead"), aws.depth("queue")) == (0, 1)  # the same copy, within five minutes
    aws.put("queue", body(unique), "after five minutes")
    aws.settle()
    assert aws.senders.accepted == [BOB]
    assert states(aws, unique) == [("SENT", ADA), ("SENT", BOB)]


def test_killed_before_sending_the_letter_stays(aws):
    unique = refused(aws, Permanent("no such box"))
    with dying(aws.sqs, "SendMessage"), pytest.raises(Killed):
        redriven(aws, "mail", unique)
    assert (aws.depth("dead"), aws.depth("queue")) == (1, 0)
    redriven(aws, "mail", unique)
    aws.settle()
    assert aws.senders.accepted == [BOB]


def test_killed_over_a_resend_the_letter_is_moved_by_a_redrive(aws):
    unique = refused(aws, Ambiguous("reset"), ADA)
    with dying(aws.sqs, "SendMessage"), pytest.raises(Killed):
        resolved(aws, unique, "resend")
    assert states(aws, unique) == [("RETRY", ADA), ("SENT", BOB)]
    redriven(aws)
    aws.settle()
    assert aws.senders.accepted == [ADA]
    assert states(aws, unique) == [("SENT", ADA), ("SENT", BOB)]


def test_the_letters_of_another_hop_are_left_alone(aws):
    for number in range(12):
        aws.put("dead", "{}", f"d{number}")
    assert redriven(aws, hop="task").total == 0
    assert aws.depth("dead") == 12


def test_what_never_arrived_goes_to_the_queue_in_its_group_with_its_own_deduplication_id(aws):
    unique = undelivered(aws)
    assert listed(aws) == [("notifier", "mail", unique, "AccessDenied")]
    assert redriven(aws).total == 1
    assert aws.depth("lost") == 0
    [message] = aws.sqs.receive_message(
        QueueUrl=aws.urls["queue"], MessageSystemAttributeNames=["All"], VisibilityTimeout=0
    )["Messages"]
    assert message["Attributes"]["MessageDeduplicationId"] == unique
    assert message["Attributes"]["MessageGroupId"] == "g"
    aws.settle()
    assert aws.senders.accepted == [ADA, BOB]


def test_killed_over_what_never_arrived_it_is_told_once(aws):
    undelivered(aws)
    with dying(aws.sqs, "DeleteMessage"), pytest.raises(Killed):
        redriven(aws)
    aws.settle()
    redriven(aws)
    aws.settle()
    assert aws.senders.accepted == [ADA, BOB]
    assert listed(aws) == []


def test_of_a_group_ten_are_seen_and_all_are_moved(aws):
    for number in range(25):
        aws.put("dead", body(message_of(number)))
    for number in range(12):
        aws.put("lost", body(message_of(100 + number)), f"own-{number}")
    heap = aws.again().dead("mail")
    assert (len(heap.seen), heap.unseen) == (20, 17)
    moved = redriven(aws)
    assert (len(moved.moved), moved.total) == (20, 37)
    assert (aws.depth("dead"), aws.depth("lost"), aws.depth("queue")) == (0, 0, 37)


def test_what_is_looked_at_is_hidden_until_it_is_put_down(aws):
    aws.put("dead", "{}")
    place = aws.again()
    assert len(place.dead("mail").seen) == 1
    other = AwsPlace(aws.project, aws.found(), aws.session, SimpleNamespace(), shelf=Shelf(aws.session, 0))  # type: ignore[arg-type]
    heap = other.dead("mail")
    assert (heap.seen, heap.unseen) == ([], 1)
    assert len(place.dead("mail").seen) == 1
    place.close()
    assert len(aws.again().dead("mail").seen) == 1


def test_a_move_that_is_under_way_is_not_begun_again(aws):
    refused(aws, Permanent("no such box"))
    aws.moving = True
    assert redriven(aws).total == 1
    assert aws.depth("dead") == 1


def test_attributes_of_any_kind_survive_the_move(aws):
    aws.sqs.send_message(
        QueueUrl=aws.urls["dead"], MessageBody="{}", MessageGroupId="g", MessageDeduplicationId="d",
        MessageAttributes={"cc_message_id": {"DataType": "String", "StringValue": "own"},
                           "raw": {"DataType": "Binary", "BinaryValue": b"\x00\x01"}},
    )  # fmt: skip
    redriven(aws, "mail", "own")
    [message] = aws.sqs.receive_message(QueueUrl=aws.urls["queue"], MessageAttributeNames=["All"])["Messages"]
    given = message["MessageAttributes"]
    assert (given["cc_message_id"]["StringValue"], given["raw"]["BinaryValue"]) == ("own", b"\x00\x01")


def test_a_notifier_that_is_deployed_and_no_longer_in_the_app_is_redriven(aws):
    refused(aws, Permanent("no such box"))
    app = CloudCron("shop")
    app.schedule("rate(1 hour)", name="export", topics=["orders"])(lambda run: None)
    project = aws.project._replace(app=app, model=app.model())
    place = AwsPlace(project, aws.found(), aws.session, aws.place._account, shelf=Shelf(aws.session, 0))
    assert redrive(project, place, "mail", ()).total == 1
    aws.settle()
    assert aws.senders.accepted == [BOB]


def test_a_notifier_that_is_not_deployed_yet(aws):
    found = aws.found()
    place = AwsPlace(aws.project, Deployed(found.stacks, {}, {}), aws.session, aws.place._account)
    with pytest.raises(NotFound, match="CC826 notifier 'mail' is not deployed"):
        redrive(aws.project, place, "mail", ())
    with pytest.raises(NotFound, match="CC826 nothing is deployed"):
        AwsPlace(aws.project, Deployed({}, {}, {}), aws.session, aws.place._account)


# Runs


def test_what_lambda_gave_up_is_asked_for_by_its_own_event_and_its_letter_goes(aws):
    aws.give_up(event(1))
    assert listed(aws) == [("task", "export", RUN, "ValueError")]
    redriven(aws, "export")
    assert aws.invoked == [event(1)]
    assert aws.depth("failures") == 0
    aws.settle()
    assert aws.calls == [RUN]


def test_recorded_results_are_published_and_the_function_is_not_called_again(aws):
    aws.run()
    key = Key("R#export", due(1))
    done = aws.ledger.get(key)
    aws.settle()
    aws.senders.accepted.clear()
    assert aws.ledger.swap(key, done, done._replace(state="RECORDED", lease=0.0))
    aws.give_up(event(1))
    redriven(aws, "export")
    aws.settle()
    assert aws.calls == [RUN]
    assert aws.ledger.get(key).state == "DONE"
    assert aws.senders.accepted == []


def test_a_run_on_demand_stays_the_same_run(aws):
    aws.give_up({"input": {"station": "KSEA"}}, "request-1")
    assert listed(aws) == [("task", "export", "export!request-1", "ValueError")]
    redriven(aws, "export")
    assert aws.invoked == [{"input": {"station": "KSEA"}, "request": "request-1"}]
    aws.settle()
    assert aws.ledger.get(Key("R#export", "!request-1")).state == "DONE"


def test_what_a_watch_took_out_of_its_queue_is_redriven_from_the_ledger(aws):
    aws.give_up({"input": 1}, "request-1", function=resource_name("shop", "dev", "task", "export"))
    aws.not_start(json.dumps(event(2)))
    clients: Any = SimpleNamespace(get=aws.session.client)
    resources = Resources(failures_url=aws.urls["failures"], schedules_url=aws.urls["schedules"])
    model = aws.project.model
    hands = AwsHands(clients, resources, model, "dev")
    desk = Desk(model, "dev", aws.ports, Watch(aws.ports.bus, aws.clock, "shop", "dev", None), hands)
    turn = Turn(Context(), 0.0)
    assert (failed.given_up(desk, turn), failed.unstarted(desk, turn)) == (1, 1)
    assert (aws.depth("failures"), aws.depth("schedules")) == (0, 0)
    assert listed(aws) == [
        ("scheduler", "export", f"export@{due(2)}", "AccessDeniedException"),
        ("task", "export", "export!request-1", "ValueError"),
    ]
    redriven(aws, "export")
    aws.settle()
    assert sorted(aws.calls) == ["export!request-1", f"export@{due(2)}"]
    assert listed(aws) == []


def test_a_run_that_is_both_in_a_queue_and_in_the_ledger_is_one(aws):
    aws.lose("FAILED", event={**event(1), "trigger": "backfill"})
    aws.give_up(event(1))
    assert listed(aws) == [("task", "export", RUN, "ValueError")]
    redriven(aws, "export")
    assert aws.invoked == [{**event(1), "trigger": "backfill"}]
    record = aws.ledger.get(Key("R#export", due(1)))
    assert (record.state, record.code) == ("RETRY", "redriven")
    assert listed(aws) == []


@pytest.mark.parametrize(("service", "operation"), [("lambda", "Invoke"), ("sqs", "DeleteMessage")])
def test_killed_over_a_run_its_letter_stays_and_it_is_made_once(aws, service, operation):
    aws.give_up(event(1))
    with dying(aws.session.client(service), operation), pytest.raises(Killed):
        redriven(aws, "export")
    assert aws.depth("failures") == 1
    redriven(aws, "export")
    aws.settle()
    assert aws.calls == [RUN]
    assert sorted(aws.senders.accepted) == [ADA, BOB]


def test_what_scheduler_could_not_hand_over_is_redriven(aws):
    aws.not_start(json.dumps(event(1)))
    assert listed(aws) == [("scheduler", "export", RUN, "AccessDeniedException")]
    assert redriven(aws, "export", hop="task").total == 0
    redriven(aws, "export", hop="scheduler")
    aws.settle()
    assert (aws.calls, aws.depth("schedules")) == ([RUN], 0)


def test_letters_of_nobody_are_shown_and_let_go(aws):
    aws.sqs.send_message(QueueUrl=aws.urls["failures"], MessageBody="no json")
    aws.not_start("{}", function="shop-dev-maintenance")
    aws.not_start(json.dumps({**event(1), "task": "gone"}))
    found = {(hop, owner, code) for hop, owner, _, code in listed(aws)}
    assert found == {
        ("task", NOBODY, "unreadable"), ("scheduler", NOBODY, "AccessDeniedException"),
        ("scheduler", "gone", "AccessDeniedException"),
    }  # fmt: skip
    with pytest.raises(NotFound, match="CC744 task 'gone' is not there any more"):
        redriven(aws, "gone")
    with pytest.raises(NotFound, match="CC744"):
        redriven(aws, NOBODY)
    for _, owner, unique, _ in listed(aws):
        assert resolved(aws, unique, "drop", owner).fate == "gone"
    assert (aws.depth("failures"), aws.depth("schedules")) == (0, 0)
    assert ("dropped", NOBODY) in aws.done()


def test_many_failed_runs_of_a_task_are_bounded(aws, monkeypatch):
    for hour in range(5):
        aws.lose("FAILED", hour)
    records, more = aws.place._standing.given_up("ledger", "export", most=3)
    assert ([key.sort for key, _ in records], more) == ([due(4), due(3), due(2)], 2)


# What AWS refuses


def test_a_call_that_is_refused_is_told_with_what_to_do(aws):
    class Refusing(BaseHTTPRequestHandler):
        """SQS, which lets nobody move anything."""

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            text = {"__type": "com.amazonaws.sqs#AccessDenied", "message": "User is not authorized to perform: "
                    f"sqs:startmessagemovetask on resource: {arn('dead')}"}  # fmt: skip
            answer = json.dumps(text).encode()
            self.send_response(403)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            session = AwsSession(REGION, endpoint_url=f"http://127.0.0.1:{server.server_port}")
            with pytest.raises(CloudCronError, match="CC803") as caught:
                Shelf(session).move_all(arn("dead"), arn("queue"))
        finally:
            server.shutdown()
    assert "sqs:startmessagemovetask" in str(caught.value)
