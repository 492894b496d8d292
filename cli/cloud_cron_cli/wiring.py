"""Who publishes what and who hears it, as a picture's boxes and lines: placed, not drawn.

A pure function of the model: the same app gives the same picture. Three columns, tasks, topics and notifiers; topics
and notifiers stand in the order that crosses the fewest lines.
"""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING, Final, NamedTuple

from cloud_cron_cli import words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cloud_cron.model import AppModel, NotifierModel, TaskModel

MARGIN: Final = 36.0
TOP: Final = 118.0
COLUMN_GAP: Final = 128.0
ROW_GAP: Final = 18.0
TOPIC_GAP: Final = 30.0
CARD: Final = 280.0
PILL: Final = 34.0
PADDING: Final = 15.0
ICON: Final = 30.0
TITLE: Final = 15.0
SMALL: Final = 12.5
LEADING: Final = 17.0
_LINES: Final = 5
_NARROW: Final = frozenset("iljtfrI.,:;'|!()[] -")
_WIDE: Final = frozenset("mwMW@%")


class Box(NamedTuple):
    """A task, a topic or a notifier: what it says and where it stands. `colour` counts the topics, None for others."""

    kind: str
    name: str
    lines: tuple[str, ...]
    x: float
    y: float
    width: float
    height: float
    icon: str = ""
    muted: bool = False
    colour: int | None = None

    @property
    def middle(self) -> float:
        """The height at which lines arrive and leave."""
        return self.y + self.height / 2


class Line(NamedTuple):
    """From one box to another, in the colour of the topic; `y1` and `y2` are where it leaves and arrives."""

    start: Box
    end: Box
    colour: int
    y1: float
    y2: float


class Wiring(NamedTuple):
    """The whole picture."""

    width: float
    height: float
    columns: tuple[tuple[str, float], ...]
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def wired(model: AppModel) -> Wiring:
    """Place everything that the model has."""
    topics = _ordered(model.topics, {topic: _publishers(model, topic) for topic in model.topics})
    heard = {notifier.name: [topics.index(topic) for topic in notifier.topics] for notifier in model.notifiers}
    by_name = {notifier.name: notifier for notifier in model.notifiers}
    notifiers = [by_name[name] for name in _ordered(tuple(by_name), heard)]
    pill = min(max([120.0, *(text_width(topic, TITLE) + 44 for topic in topics)]), CARD)
    left, middle = MARGIN, MARGIN + CARD + COLUMN_GAP
    right = middle + pill + COLUMN_GAP
    colours = {topic: index for index, topic in enumerate(model.topics)}
    columns = [
        [_task(task, left) for task in model.tasks],
        [_topic(topic, middle, pill, colours[topic], model) for topic in topics],
        [_notifier(notifier, right) for notifier in notifiers],
    ]
    tall = max([_height(column) for column in columns], default=0.0)
    placed = [_stacked(column, tall) for column in columns]
    return Wiring(
        right + CARD + MARGIN,
        TOP + max(tall, PILL) + MARGIN,
        (("TASKS", left), ("TOPICS", middle), ("NOTIFIERS", right)),
        tuple(box for column in placed for box in column),
        tuple(_lines(model, placed, colours)),
    )


def text_width(text: str, size: float) -> float:
    """About how wide a text is in a common sans-serif font."""
    return size * sum(0.33 if c in _NARROW else 0.88 if c in _WIDE else 0.67 if c.isupper() else 0.56 for c in text)


def _publishers(model: AppModel, topic: str) -> list[int]:
    return [index for index, task in enumerate(model.tasks) if topic in task.topics]


def _ordered(names: Sequence[str], partners: Mapping[str, Sequence[int]]) -> list[str]:
    """By the mean place of those that a line leads to; whoever has none comes last."""
    places = {name: index for index, name in enumerate(names)}
    return sorted(names, key=lambda name: (fmean(partners[name]) if partners[name] else float("inf"), places[name]))


def _task(task: TaskModel, x: float) -> Box:
    said = [line for text in words.schedules_of(task) for line in _wrapped(text)]
    lines = said if len(said) <= _LINES else [*said[: _LINES - 1], "and more"]
    lines = lines if task.enabled else [*lines, "not enabled"]
    icon = "clock" if task.schedules else "hand"
    return _card("task", task.name, lines, x, icon, muted=not task.enabled)


def _notifier(notifier: NotifierModel, x: float) -> Box:
    line = f"{notifier.channel} · {words.audience(notifier)}"
    lines = [line if notifier.enabled else f"{line} · not enabled"]
    return _card("notifier", notifier.name, lines, x, notifier.channel, muted=not notifier.enabled)


def _topic(topic: str, x: float, width: float, colour: int, model: AppModel) -> Box:
    published = any(topic in task.topics for task in model.tasks)
    heard = any(topic in notifier.topics for notifier in model.notifiers)
    return Box("topic", topic, (), x, 0.0, width, PILL, muted=not (published and heard), colour=colour)


def _card(kind: str, name: str, lines: Sequence[str], x: float, icon: str, *, muted: bool) -> Box:  # noqa: PLR0913 - a box is these
    height = 2 * PADDING + TITLE + 2 + LEADING * len(lines)
    return Box(kind, name, tuple(lines), x, 0.0, CARD, height, icon, muted)


def _wrapped(text: str) -> list[str]:
    """Text broken where the card ends."""
    room = CARD - 2 * PADDING - ICON
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if text_width(longer, SMALL) <= room or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def fitted(text: str, size: float, room: float) -> str:
    """The text, cut where room ends."""
    if text_width(text, size) <= room:
        return text
    while text and text_width(f"{text}…", size) > room:
        text = text[:-1]
    return f"{text}…"


def _gap(column: Sequence[Box]) -> float:
    return TOPIC_GAP if column and column[0].kind == "topic" else ROW_GAP


def _height(column: Sequence[Box]) -> float:
    return sum(box.height for box in column) + _gap(column) * max(len(column) - 1, 0)


def _stacked(column: Sequence[Box], tall: float) -> list[Box]:
    """One below the other, in the middle of the picture's height."""
    y = TOP + (tall - _height(column)) / 2
    placed = []
    for box in column:
        placed.append(box._replace(y=round(y, 1)))
        y += box.height + _gap(column)
    return placed


def _lines(model: AppModel, placed: Sequence[Sequence[Box]], colours: Mapping[str, int]) -> list[Line]:
    """Every line; those of one card stand apart from each other, those of one topic meet."""
    tasks, topics, notifiers = ({box.name: box for box in column} for column in placed)
    lines = []
    for task in model.tasks:
        box, ends = tasks[task.name], [topics[topic] for topic in task.topics]
        for end, y in _ports(box, ends):
            lines.append(Line(box, end, colours[end.name], y, end.middle))
    for notifier in model.notifiers:
        box, starts = notifiers[notifier.name], [topics[topic] for topic in notifier.topics]
        for start, y in _ports(box, starts):
            lines.append(Line(start, box, colours[start.name], start.middle, y))
    return lines


def _ports(card: Box, partners: Sequence[Box]) -> list[tuple[Box, float]]:
    """Where on the card's edge the line to each partner stands, in the partners' own order."""
    step = min(14.0, (card.height - 24) / max(len(partners) - 1, 1))
    first = card.middle - step * (len(partners) - 1) / 2
    ordered = sorted(partners, key=lambda box: box.y)
    return [(box, round(first + step * index, 1)) for index, box in enumerate(ordered)]
