"""What CloudFormation asks of AWS for a deploy is what the page allows, no more and no less."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import pytest

from scripts.docs.costs.kinds import TYPES
from tests.deploy.rights import handlers, made
from tests.deploy.rights.policies import STAGE, actions, allowed, listed, options, statements

FILES = ("resources.json", "roles.json", "mail.json")
WITHHELD = {"iam:DeleteRolePermissionsBoundary": "whoever has a boundary must not take it away"}
TAGS = {"lambda:ListTags", "lambda:TagResource", "lambda:UntagResource"}
LOOKS = {"ses:GetAccount": "the command asks, so that it can say what SES lacks"}


@pytest.fixture(scope="module")
def found():
    return statements(*FILES)


def keys(value: Any) -> set[str]:
    """Every key in JSON, however deep."""
    match value:
        case dict():
            return set(value).union(*map(keys, value.values()))
        case list():
            return set().union(*map(keys, value))
        case _:
            return set()


def test_every_type_of_resource_is_there():
    assert {each.kind for each in made.resources()} == set(TYPES)


@pytest.mark.parametrize("kind", TYPES)
def test_what_the_handlers_of_a_type_ask_is_allowed(kind, found):
    more = options() | set(WITHHELD)
    asked = {right for each in made.resources() if each.kind == kind for right in made.rights(each)}

    assert asked
    assert {right for right in asked if right.action not in more and not allowed(found, right)} == set()


def test_another_stage_is_out_of_reach(found):
    one_of_each = {each.kind: each for each in made.resources()}
    own = {right for each in one_of_each.values() for right in made.rights(each)}
    others = {elsewhere(right) for right in own} - own
    reached = {right for right in others if allowed(found, right)}

    assert len(others) > 100
    assert {right.action for right in reached} == TAGS
    assert all(":event-source-mapping:" in right.resource for right in reached), "whose name tells no stage"


def elsewhere(right):
    """The same of another stage."""
    keys = tuple((key, value.replace(STAGE, "shop-prod")) for key, value in right.keys)
    return right._replace(resource=right.resource.replace(STAGE, "shop-prod"), keys=keys)


def test_nothing_is_allowed_that_no_handler_asks(found):
    asked = {action for kind in TYPES for action in handlers.needed(kind)}
    patterns = actions(found) | options()

    assert {each for each in patterns if not any(fnmatchcase(action, each) for action in asked)} == set(LOOKS)
    assert {each for each in patterns if "*" in each} == {"s3:Get*Configuration", "s3:GetBucket*"}


def test_what_an_option_takes_is_in_no_policy(found):
    asked = {action for kind in TYPES for action in handlers.needed(kind)}

    assert options() & actions(found) == set()
    assert asked - options() - set(WITHHELD) == {
        action for action in asked if any(fnmatchcase(action, each) for each in actions(found))
    }


def test_no_template_sets_a_property_for_which_nothing_is_allowed():
    """Give the page the actions that handlers.UNSET has for the property, and take it out there."""
    for kind, unset in handlers.UNSET.items():
        set_there = {key for each in made.resources() if each.kind == kind for key in keys(each.properties)}
        assert set_there & set(unset) == set(), kind


@pytest.mark.parametrize("kind", handlers.UNSET)
def test_what_is_left_out_is_in_the_schema(kind):
    schema = handlers.schema(kind)
    known = set(schema["properties"]) | keys(schema.get("definitions", {}))
    patterns = [pattern for several in handlers.UNSET[kind].values() for pattern in several]

    assert set(handlers.UNSET[kind]) <= known
    assert [each for each in patterns if not any(fnmatchcase(one, each) for one in handlers.permissions(kind))] == []


def test_where_aws_knows_a_resource_none_is_everything():
    for statement in statements("deploy.json", "operate.json", *FILES):
        everything = "*" in listed(statement["Resource"])
        assert not everything or "Condition" in statement or set(statement["Action"]) <= made.NO_NARROWER
