"""What the default layouts show: any mapping, as a title, blocks, and a footer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from cloud_cron.channels.context import Variables
from cloud_cron.messages import Message
from cloud_cron.rendering.words import DASH, Word, label, utc, word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_AMBIENT: Final = frozenset({"message", "recipient", "app", "stage"})
_LONG: Final = 100
_MOST_COLUMNS: Final = 5
_MOST_ROWS: Final = 100
_MOST_CARDS: Final = 20
_DEEPEST: Final = 4
_NAMES: Final = ("name", "title")


class Fields(NamedTuple):
    """Short values with their names."""

    rows: Sequence[tuple[str, Word]]
    kind: Literal["fields"] = "fields"


class Column(NamedTuple):
    """A column of a table; numbers are set to the right."""

    label: str
    number: bool


class Table(NamedTuple):
    """Several objects of one shape; `more` were left out."""

    label: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Word]]
    more: int
    kind: Literal["table"] = "table"


class Listing(NamedTuple):
    """Several short values; `more` were left out."""

    label: str
    items: Sequence[Word]
    more: int
    kind: Literal["list"] = "list"


class Prose(NamedTuple):
    """Text in paragraphs."""

    label: str
    paragraphs: Sequence[str]
    kind: Literal["prose"] = "prose"


class Section(NamedTuple):
    """An object inside of another."""

    label: str
    blocks: Sequence[Block]
    kind: Literal["section"] = "section"


class Card(NamedTuple):
    """One of several objects that are too wide for a table."""

    title: str
    blocks: Sequence[Block]


class Cards(NamedTuple):
    """Several objects, one below the other; `more` were left out."""

    label: str
    cards: Sequence[Card]
    more: int
    kind: Literal["cards"] = "cards"


class Note(NamedTuple):
    """A remark of the layout itself."""

    text: str
    kind: Literal["note"] = "note"


Block = Fields | Table | Listing | Prose | Section | Cards | Note


class View(NamedTuple):
    """Everything that a default layout may use."""

    app: str
    stage: str
    topic: str
    title: str
    blocks: Sequence[Block]
    preview: str
    run: str
    scheduled: str
    message: str
    data: Mapping[str, Any]


def view(app: str, variables: Mapping[str, Any]) -> View:
    """The view of template variables; a text that is settled already is shown instead of data."""
    message, stage, own, settled = _origin(variables)
    text = settled.get("text")
    blocks: Sequence[Block] = [Prose("", paragraphs(text))] if text is not None else blocks_of(own)
    topic = message.topic if message else ""
    return View(
        app=app,
        stage=stage,
        topic=topic,
        title=settled.get("subject") or label(topic or app),
        blocks=blocks or [Note("There is nothing to show.")],
        preview=_preview(blocks),
        run=(message.run_id or "") if message else "",
        scheduled=utc(message.scheduled_at) if message and message.scheduled_at else "",
        message=message.id if message else "",
        data=own,
    )


def _origin(variables: Mapping[str, Any]) -> tuple[Message | None, str, Mapping[str, Any], Mapping[str, str]]:
    """Message, stage, the data, and the parts that are settled; without data it is the payload."""
    if isinstance(variables, Variables):
        message = variables.context.message
        return message, variables.context.stage, variables.own or message.payload, variables.settled
    found = variables.get("message")
    own = {key: value for key, value in variables.items() if key not in _AMBIENT}
    return found if isinstance(found, Message) else None, str(variables.get("stage", "")), own, {}


def blocks_of(data: Mapping[str, Any], depth: int = 1) -> list[Block]:
    """Short values first, in one block, then everything else in its order."""
    short = [(label(key), word(value)) for key, value in data.items() if _is_short(value)]
    rest = [_block(label(key), value, depth) for key, value in data.items() if not _is_short(value)]
    return [*([Fields(short)] if short else []), *rest]


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text, which blank lines separate; lines inside of one stay lines."""
    found: list[list[str]] = [[]]
    for line in text.replace("\r\n", "\n").split("\n"):
        if line.strip():
            found[-1].append(line.rstrip())
        elif found[-1]:
            found.append([])
    return ["\n".join(lines) for lines in found if lines]


def _block(name: str, value: Any, depth: int) -> Block:  # noqa: ANN401 - a value of the payload
    if isinstance(value, Mapping):
        return Section(name, blocks_of(value, depth + 1) if depth < _DEEPEST else [Prose("", [compact(value)])])
    if isinstance(value, (list, tuple)):
        items = list(value)
        if all(isinstance(item, Mapping) and item for item in items):
            return _objects(name, items, depth)
        shown = [_inline(item) for item in items[:_MOST_ROWS]]
        return Listing(name, shown, len(items) - len(shown))
    return Prose(name, paragraphs(str(value)))


def _objects(name: str, items: list[Mapping[str, Any]], depth: int) -> Block:
    """A table when the objects are few words wide, else one card after the other."""
    keys = list(dict.fromkeys(key for item in items for key in item))
    flat = all(_is_short(value) or _is_small(value) for item in items for value in item.values())
    if flat and len(keys) <= _MOST_COLUMNS:
        shown = items[:_MOST_ROWS]
        columns = [Column(label(key), _is_numeric(item.get(key) for item in items)) for key in keys]
        rows = [[_inline(item.get(key)) for key in keys] for item in shown]
        return Table(name, columns, rows, len(items) - len(shown))
    if depth >= _DEEPEST:
        return Listing(name, [_inline(item) for item in items[:_MOST_CARDS]], max(0, len(items) - _MOST_CARDS))
    cards = [_card(item, number, depth) for number, item in enumerate(items[:_MOST_CARDS], start=1)]
    return Cards(name, cards, len(items) - len(cards))


def _card(item: Mapping[str, Any], number: int, depth: int) -> Card:
    """One of several objects, headed by its name if it has one."""
    key = next((key for key in _NAMES if item.get(key) and _is_short(item[key])), None)
    title = f"{number}" if key is None else f"{number}. {word(item[key]).text}"
    return Card(title, blocks_of({name: value for name, value in item.items() if name != key}, depth + 1))


def _is_short(value: object) -> bool:
    """Whether the value fits beside its name; an empty list or object does, as a dash."""
    if isinstance(value, (Mapping, list, tuple)):
        return not value
    return not isinstance(value, str) or (len(value) <= _LONG and "\n" not in value.strip())


def _is_small(value: object) -> bool:
    """Whether the value, a list or an object, fits into a cell."""
    return isinstance(value, (Mapping, list, tuple)) and len(compact(value)) <= _LONG // 2


def _is_numeric(values: Iterable[object]) -> bool:
    words = [word(value) for value in values if value is not None and not isinstance(value, (Mapping, list, tuple))]
    return bool(words) and all(item.number for item in words)


def _inline(value: object) -> Word:
    return Word(compact(value)) if isinstance(value, (Mapping, list, tuple)) else word(value)


def compact(value: object) -> str:
    """A list or an object in one line."""
    match value:
        case Mapping() if value:
            return "; ".join(f"{label(key)}: {compact(item)}" for key, item in value.items())
        case list() | tuple() if value:
            return ", ".join(compact(item) for item in value)
        case Mapping() | list() | tuple():
            return DASH
        case _:
            return word(value).text


def _preview(blocks: Sequence[Block]) -> str:
    """The line that a mailbox shows beside the subject."""
    match blocks[0] if blocks else None:
        case Fields(rows):
            text = " · ".join(f"{name}: {item.text}" for name, item in rows[:4])
        case Prose(_, [first, *_]):
            text = " ".join(first.split())
        case Table(name, _, rows, more):
            text = f"{name}: {len(rows) + more}"
        case _:
            text = ""
    return text if len(text) <= _LONG else f"{text[: _LONG - 1].rstrip()}…"
