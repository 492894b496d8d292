"""Draws a wiring as one SVG file: no fonts, scripts or files from elsewhere, light or dark as the viewer prefers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape, quoteattr

from cloud_cron_cli import wiring
from cloud_cron_cli.words import count

if TYPE_CHECKING:
    from cloud_cron.model import AppModel
    from cloud_cron_cli.wiring import Box, Line, Wiring

_LIGHT: Final = ("#2563eb", "#c2570c", "#047857", "#be185d", "#6d28d9", "#0e7490", "#b91c1c", "#4d7c0f")
_DARK: Final = ("#7cb0ff", "#fbaf5d", "#4ade9f", "#f58ac1", "#b79cff", "#4fd3e8", "#fb8d8d", "#b5e05c")
_STYLE: Final = """\
text { font-family: ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
.paper { fill: #f7f7f5; }
.card { fill: #ffffff; stroke: #e0dfda; }
.title { fill: #1c1b19; font-size: 15px; font-weight: 600; }
.small { fill: #6b6963; font-size: 12.5px; }
.head { fill: #78756d; font-size: 11px; font-weight: 600; letter-spacing: 1.4px; }
.app { fill: #1c1b19; font-size: 24px; font-weight: 700; letter-spacing: -0.3px; }
.stage { fill: #6b6963; font-size: 13px; }
.icon { fill: none; stroke: #78756d; stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round; }
.wire { fill: none; stroke-width: 2; opacity: 0.75; }
.port { stroke: #f7f7f5; stroke-width: 2; }
.pill { fill-opacity: 0.10; stroke-opacity: 0.55; }
.topic { font-size: 14px; font-weight: 600; }
.muted { stroke-dasharray: 5 4; }
.faded { opacity: 0.55; }"""
_STYLE_DARK: Final = """\
.paper { fill: #14161a; }
.card { fill: #1d2026; stroke: #33373f; }
.title, .app { fill: #f1efe9; }
.small, .stage { fill: #a3a29c; }
.head { fill: #8f8e88; }
.icon { stroke: #8f8e88; }
.port { stroke: #14161a; }
.pill { fill-opacity: 0.16; }"""
# Each inside 16 by 16.
_ICONS: Final = {
    "clock": "M8 1.5a6.5 6.5 0 1 1 0 13a6.5 6.5 0 1 1 0-13M8 4.5V8l2.4 1.6",
    "hand": "M5 3.2v9.6l7.6-4.8z",
    "email": "M1.5 3.5h13v9h-13zM2 4l6 4.8L14 4",
    "sms": "M2 2.5h12v8.5H7.5L4.5 13.8V11H2z",
    "print": "M1.5 3h13v10h-13zM4 6.2l2 1.8l-2 1.8M7.8 10H11",
}
_PLUG_IN: Final = "M8 2v8.5M4.8 7.5L8 10.7l3.2-3.2M2.5 13.8h11"


def drawn(model: AppModel, stage: str) -> str:
    """The picture of an app at a stage, as the text of an SVG file."""
    picture = wiring.wired(model)
    parts = [
        *_head(picture, model, stage),
        *(_wire(line) for line in picture.lines),
        *(part for box in picture.boxes for part in (_topic(box) if box.kind == "topic" else _card(box))),
        *(_port(line) for line in picture.lines),
    ]
    if not picture.boxes:
        parts.append(_text(wiring.MARGIN, wiring.TOP + 14, "small", "no tasks and no notifiers yet"))
    return "\n".join([*parts, "</svg>", ""])


def _head(picture: Wiring, model: AppModel, stage: str) -> list[str]:
    """Everything but the boxes and lines."""
    width, height = f"{picture.width:g}", f"{picture.height:g}"
    counts = ", ".join(
        count(len(items), noun)
        for items, noun in ((model.tasks, "task"), (model.topics, "topic"), (model.notifiers, "notifier"))
    )
    columns = picture.columns if picture.boxes else ()
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"',
        ' role="img" aria-labelledby="title description">',
        f'<title id="title">{escape(model.name)}, stage {escape(stage)}</title>',
        f'<desc id="description">{escape(_described(model))}</desc>',
        f"<style>\n{_STYLE}\n{_colours(_LIGHT)}",
        f"@media (prefers-color-scheme: dark) {{\n{_STYLE_DARK}\n{_colours(_DARK)}\n}}\n</style>",
        f'<rect class="paper" width="{width}" height="{height}" rx="16"/>',
        f'<text x="{wiring.MARGIN:g}" y="54"><tspan class="app">{escape(model.name)}</tspan>',
        f'<tspan class="stage" dx="14">{escape(stage)} · {counts}</tspan></text>',
        *(_text(x + 2, wiring.TOP - 16, "head", name) for name, x in columns),
    ]


def _described(model: AppModel) -> str:
    """The wiring in words, for whoever does not see it."""
    said = [f"{task.name} publishes {', '.join(task.topics) or 'nothing'}" for task in model.tasks]
    said += [f"{notifier.name} hears {', '.join(notifier.topics) or 'nothing'}" for notifier in model.notifiers]
    return "; ".join(said)


def _colours(palette: tuple[str, ...]) -> str:
    return "\n".join(f".c{n} {{ stroke: {c}; }} .f{n} {{ fill: {c}; }}" for n, c in enumerate(palette))


def _wire(line: Line) -> str:
    """A curve that leaves and arrives level."""
    x1, y1, x2, y2 = line.start.x + line.start.width, line.y1, line.end.x, line.y2
    bend = (x2 - x1) / 2
    curve = f"M{x1:g} {y1:g}C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2:g} {y2:g}"
    return f'<path class="wire c{line.colour % len(_LIGHT)}" d="{curve}"/>'


def _port(line: Line) -> str:
    """A dot where the line meets a card."""
    heard = line.end.kind == "notifier"
    x, y = (line.end.x, line.y2) if heard else (line.start.x + line.start.width, line.y1)
    return f'<circle class="port f{line.colour % len(_LIGHT)}" cx="{x:g}" cy="{y:g}" r="5"/>'


def _topic(box: Box) -> list[str]:
    colour = (box.colour or 0) % len(_LIGHT)
    name = wiring.fitted(box.name, wiring.TITLE, box.width - 30)
    frame = f'x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}" rx="{box.height / 2:g}"'
    place = f'x="{box.x + box.width / 2:g}" y="{box.middle + 5:g}" text-anchor="middle"'
    return [
        f"<g><title>{escape(box.name)}</title>",
        f'<rect class="paper" {frame}/>',
        f'<rect class="pill c{colour} f{colour}{" muted" if box.muted else ""}" {frame}/>',
        f'<text class="topic f{colour}" {place}>{escape(name)}</text>',
        "</g>",
    ]


def _card(box: Box) -> list[str]:
    """A frame, a small icon, the name, and what there is to say."""
    x, y = box.x + wiring.PADDING, box.y + wiring.PADDING + wiring.TITLE - 2
    room = box.width - 2 * wiring.PADDING - wiring.ICON
    frame = f'x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}" rx="10"'
    icon = _ICONS.get(box.icon, _PLUG_IN)
    inside = [
        f'<path class="icon" transform="translate({x:g} {y - 13:g})" d={quoteattr(icon)}/>',
        _text(x + wiring.ICON, y, "title", wiring.fitted(box.name, wiring.TITLE, room)),
        *(
            _text(x + wiring.ICON, y + 3 + wiring.LEADING * (index + 1), "small", line)
            for index, line in enumerate(box.lines)
        ),
    ]
    faded = ' class="faded"' if box.muted else ""
    return [
        f"<g><title>{escape(box.name)}</title>",
        f'<rect class="card{" muted" if box.muted else ""}" {frame}/>',
        f"<g{faded}>",
        *inside,
        "</g></g>",
    ]


def _text(x: float, y: float, kind: str, text: str) -> str:
    return f'<text class="{kind}" x="{x:g}" y="{y:g}">{escape(text)}</text>'
