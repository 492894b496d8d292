"""What a deploy costs: every type has its price, every price its source, and the sums are right."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from cloud_cron.aws.ledger import DynamoLedger
from cloud_cron.local.clock import VirtualClock
from cloud_cron.runtime.invocations import Invocation
from cloud_cron.runtime.task import run_task
from scripts.docs.costs import bill, kinds, usage
from scripts.docs.costs.bill import Line
from scripts.docs.costs.prices import PRICES
from scripts.docs.costs.stack import Stack, fired
from scripts.docs.costs.usage import Habits
from scripts.docs.reference import costs, emitted, resources
from tests.aws.dynamodb import table
from tests.contract.test_ledger_cost import calls_of
from tests.deploy.template.apps import WORLDS
from tests.pages import Page
from tests.runtime.support import START, World, bench, plenty

ATTRIBUTES = {"Type", "Properties"}
ASKED = Invocation("schedule", scheduled_at=START)


@pytest.fixture(scope="module", params=WORLDS)
def world(request):
    return tuple(WORLDS[request.param]())


@pytest.fixture(scope="module")
def sections():
    """What the page of the resources says of each type."""
    return dict(part.split("\n", 1) for part in resources.page().split("\n### ")[1:])


def test_every_type_that_is_emitted_has_its_row(world):
    """Give a new type its purpose and its price in scripts/docs/costs/kinds.py."""
    assert {*emitted.by_type(world)} <= {*kinds.TYPES}


def test_every_row_is_about_a_type_that_is_emitted():
    assert {*emitted.by_type(emitted.plain()), *emitted.by_type(emitted.full())} == {*kinds.TYPES}


def test_every_property_that_is_emitted_is_on_the_page(world, sections):
    """Let the app of scripts/docs/reference/emitted.py use what is missing here."""
    missing = {
        (kind, name)
        for kind, found in emitted.by_type(world).items()
        for resource in found
        for name in [*resource["Properties"], *(resource.keys() - ATTRIBUTES)]
        if f"\n| `{name}` |" not in sections[kind]
    }

    assert missing == set()


def test_every_price_has_its_page_its_place_and_its_day():
    for name, price in PRICES.items():
        assert price.usd > 0, name
        assert price.source.page.startswith("https://"), name
        assert price.source.read.startswith("https://"), name
        assert date(2024, 1, 1) < price.source.day < date(2100, 1, 1), name


def test_every_price_is_paid_for_something():
    paid = {name for kind in [*kinds.TYPES.values(), *kinds.BESIDE.values()] for name in kind.prices}

    assert paid == {*PRICES}


def test_every_price_is_on_the_page():
    page = costs.page()

    assert [name for name, price in PRICES.items() if f"| {price.what} | {price.text} |" not in page] == []


def test_every_type_says_what_is_paid_for_it(sections):
    for name, kind in kinds.TYPES.items():
        assert all(f"{PRICES[price].what} {PRICES[price].text}" in sections[name] for price in kind.prices)
        assert ("Free." in sections[name]) == kind.is_free


def test_what_is_free_is_used_up_line_by_line():
    polls = [Line("a", "", Decimal(800_000), "sqs-fifo"), Line("b", "", Decimal(700_000), "sqs-standard")]

    first, second = bill.summed(polls)

    assert (first.listed, first.due) == (Decimal("0.4"), Decimal(0))
    assert (second.listed, second.due) == (Decimal("0.28"), Decimal("0.2"))


@pytest.mark.parametrize(
    ("amount", "shown"), [("0", "$0.00"), ("0.0049", "< $0.01"), ("0.006", "$0.01"), ("1234.567", "$1,234.57")]
)
def test_dollars_are_shown_in_cents(amount, shown):
    assert bill.dollars(Decimal(amount)) == shown


@pytest.mark.parametrize(
    ("expression", "times"),
    [("cron(0 * * * ? *)", 730), ("cron(0/5 * * * ? *)", 8_760), ("at(2030-01-05T00:00:00)", 1)],
)
def test_fire_times_of_a_month_are_counted(expression, times):
    assert fired({"State": "ENABLED", "ScheduleExpression": expression}) == times
    assert fired({"State": "DISABLED", "ScheduleExpression": expression}) == 0


def test_a_bill_can_be_made_of_every_app(world):
    lines = list(usage.lines(Stack.of(*world), Habits({"orders": 100})))

    assert {line.kind for line in lines} <= {*kinds.TYPES}
    assert {line.price for line in lines} <= {*PRICES}
    assert all(line.price in kinds.TYPES[line.kind].prices for line in lines)


def test_the_bill_of_the_example_is_counted_in_its_templates():
    sums, habits = costs.bill()
    amounts = {(each.line.kind, each.line.why): each.line.amount for each in sums}
    found = emitted.by_type(emitted.plain())
    told = 2 * habits.messages["reports"] + 2 * habits.messages["alerts"]  # print hears both

    assert habits.messages["reports"] == 730
    assert amounts["AWS::CloudWatch::Alarm", "alarms"] == len(found["AWS::CloudWatch::Alarm"]) == 3 + 3 * 3
    assert amounts["AWS::SNS::Topic", "messages"] == sum(habits.messages.values())
    assert amounts["AWS::SNS::Subscription", "messages, for each subscription"] == told
    assert amounts["AWS::Scheduler::Schedule", "fire times"] == 730 + 12 * 730
    assert amounts["AWS::Lambda::Function", "calls"] == 13 * 730 + told
    assert amounts["AWS::DynamoDB::Table", "units written by deliveries"] == 2 * told
    assert amounts["Amazon SES", "mails"] == 730
    assert amounts["Twilio", "texts of one segment"] == habits.messages["alerts"]
    assert amounts["Secrets Manager", "secrets"] == 1
    assert sum(1 for each in sums if each.line.why.startswith("asking")) == 3


def test_the_page_begins_with_the_sum_of_its_lines_and_the_readme_says_it_too():
    sums, _ = costs.bill()
    listed, due = sum(each.listed for each in sums), sum(each.due for each in sums)
    readme = " ".join(Page("README.md").text.split())

    assert f"**${listed:.2f} a month**, and **${due:.2f}**" in " ".join(costs.page().split())
    assert f"`examples/basic` costs ${listed:.2f} a month, and ${due:.2f} after" in readme
    assert all(each.due <= each.listed for each in sums)


@pytest.mark.moto
def test_a_run_writes_and_maintenance_reads_what_the_bill_counts():
    """A transaction takes two units for each item, whatever they hold below a kilobyte; a query at least one.

    DynamoDB Developer Guide, "Read and write operations".
    """
    with table() as (client, name):
        world = World()
        ledger = DynamoLedger(client, name, clock=VirtualClock(START), horizon=3_024_000)
        world.ledger = ledger  # type: ignore[assignment]
        with calls_of(client) as writes:
            run_task(bench(world, lambda: {"reports": {"n": 1}}, overlap="skip"), ASKED, "R1", plenty)
        with calls_of(client) as reads:
            ledger.open_runs()

    assert writes == {"TransactWriteItems": 2, "PutItem": 3}
    assert 2 * 2 * writes["TransactWriteItems"] + writes["PutItem"] == usage.RUN_WRITES
    assert reads == {"Query": usage.ROUND_READS}
