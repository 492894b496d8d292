"""What the stacks of a stage say of it."""

from __future__ import annotations

from cloud_cron import CloudCron
from cloud_cron_cli.deploy.deployed import read
from cloud_cron_cli.deploy.engine import deploy
from tests.deploy.clouds import Cloud
from tests.deploy.stages import ORDER, made

MAILED = {"email": {"sender": "shop@example.org", "events": True}}


def test_every_function_is_a_piece_and_those_of_the_stage_itself_are_placed_nowhere():
    app, cloud = CloudCron("shop"), Cloud()
    app.schedule("rate(1 hour)", topics=["orders"], name="export")(lambda run: None)
    app.notifier("email", topics=["orders"], name="mail", recipients=["ada@example.org"])(lambda message: "x")
    wanted = made(app, channels=MAILED)
    deploy(cloud.tools, wanted, ORDER)
    found = read(cloud, "shop", "dev", wanted.tags)
    parts = {"task:export", "notifier:mail", "topic:orders"}
    assert set(found.placement) == parts
    assert set(found.pieces) == parts | {"maintenance:maintenance", "events:events"}
    assert found.pieces["events:events"]["dead_letter_url"]
