"""What a deploy makes: each type of resource with its purpose, its price and its properties, from emitted templates."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from scripts.docs.costs.bill import dollars
from scripts.docs.costs.kinds import BESIDE, TYPES, said
from scripts.docs.reference.costs import bill
from scripts.docs.reference.emitted import by_type, full, plain
from scripts.docs.reference.projects import basic
from scripts.docs.reference.writing import joined, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_SHOWN: Final = 2
_LONGEST: Final = 60
_REFERENCES: Final = frozenset({"Ref", "Fn::GetAtt", "Fn::Sub"})


def page() -> str:
    """The page of the resources."""
    own, every = by_type(plain()), by_type(full())
    model = basic().model
    tasks, notifiers = (", ".join(f"`{each.name}`" for each in of) for of in (model.tasks, model.notifiers))
    topics = ", ".join(f"`{name}`" for name in model.topics)
    paid: dict[str, Decimal] = {}
    for each in bill()[0]:
        paid[each.line.kind] = paid.get(each.line.kind, Decimal(0)) + each.listed
    stacks = " and ".join(f"`{part.stack}`" for part in plain())
    return joined(
        "# Resources",
        "Everything that the templates of a deploy may hold. `cloud-cron package OUT` writes those of your own app, "
        "and `cloud-cron plan` compares them with what is deployed.",
        f"`examples/basic` has the task {tasks}, the topics {topics} and the notifiers {notifiers}; its stacks are "
        f"{stacks}. The second one, with the image and the records of deploys, stands before there is an image.",
        "## Types and prices",
        "How many there are in `examples/basic`, and what they cost a month at list prices: "
        "[the bill, what it assumes, and where prices come from](costs.md).",
        table(
            ["type", "what it is for", "in basic", "a month"],
            (
                (_linked(name), kind.purpose, str(len(own.get(name, ())) or ""), _month(paid, name))
                for name, kind in TYPES.items()
            ),
        ),
        "What is paid for beside them:",
        table(
            ["what", "what it is for", "a month", "price"],
            ((name, kind.purpose, _month(paid, name), said(kind)) for name, kind in BESIDE.items()),
        ),
        "## Properties",
        "What is set, in `examples/basic` and in an app with every option; in braces are the names in a value, and _a "
        "reference_ is filled by CloudFormation. Everything that can carry tags has `managed_by`, `app`, `stage`, and "
        "yours.",
        *(_properties(name, own.get(name, []), every[name]) for name in TYPES),
    )


def _linked(name: str) -> str:
    return f"[`{name}`](#{name.replace(':', '').lower()})"


def _month(paid: Mapping[str, Decimal], name: str) -> str:
    """What is paid in the example, and for what is never paid for, that."""
    if name in paid:
        return dollars(paid[name])
    return "free" if name in TYPES and TYPES[name].is_free else ""


def _properties(name: str, own: list[Mapping[str, Any]], every: list[Mapping[str, Any]]) -> str:
    """The properties of one type; what AWS calls attributes of a resource, such as DependsOn, come after them."""
    names = dict.fromkeys(key for resource in [*own, *every] for key in _names(resource))
    rows = [(f"`{key}`", _values(own, key), _values(every, key)) for key in names]
    price = "Free." if TYPES[name].is_free else f"Paid for by {said(TYPES[name])}."
    return joined(f"### {name}", price, table(["property", "in basic", "with every option"], rows)).rstrip()


def _names(resource: Mapping[str, Any]) -> list[str]:
    return [*resource["Properties"], *(key for key in resource if key not in {"Type", "Properties"})]


def _values(resources: list[Mapping[str, Any]], key: str) -> str:
    """The different values that resources of a type have there, of many the first ones."""
    found = list(dict.fromkeys(_held(resources, key)))
    return "; ".join([*found[:_SHOWN], *(["…"] if len(found) > _SHOWN else [])])


def _held(resources: Iterable[Mapping[str, Any]], key: str) -> Iterator[str]:
    for resource in resources:
        for holder in (resource["Properties"], resource):
            if key in holder:
                yield shown(holder[key])


def shown(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    """A value in few words: itself when it is short, the names in it when it is not."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    match value:
        case dict() if _REFERENCES & value.keys():
            return "_a reference_"
        case [dict() as first, *_] if _REFERENCES & first.keys():
            return "_references_"
        case _ if len(text) <= _LONGEST:
            return f"`{text}`"
        case dict():
            return f"`{{{', '.join(value)}}}`"
        case [dict() as first, *_]:
            return f"`[{{{', '.join(first)}}}]`"
        case _:
            return f"`{text[:_LONGEST]}…`"
