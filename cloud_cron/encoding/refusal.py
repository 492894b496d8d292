"""A value that JSON cannot carry: what is wrong with it, and the path that leads there."""

from __future__ import annotations

from cloud_cron.errors import EncodingError


class Refused(Exception):  # noqa: N818 - never leaves this package
    """Something cannot be carried; the containers around it are collected on the way out, at no cost until then."""

    def __init__(self, code: str, message: str, hint: str, culprit: object = None) -> None:
        """`culprit` is the container that was one too deep."""
        super().__init__(code)
        self.code, self.message, self.hint = code, message, hint
        self.culprit = culprit
        self.around: list[tuple[object, str | int]] = []

    def error(self, root: str) -> EncodingError:
        """The error that users see: a cycle is told apart from mere depth."""
        around = self.around[::-1]
        keys = [key for _, key in around]
        if self.code == "CC214":
            seen: dict[int, int] = {}
            for depth, item in enumerate([container for container, _ in around] + [self.culprit]):
                first = seen.setdefault(id(item), depth)
                if first < depth:
                    message = f"the value refers back to {spell(root, keys[:first]) or 'itself'}"
                    hint = "publish its id instead of the object"
                    return EncodingError("CC213", message, where=spell(root, keys[:depth]), hint=hint)
        return EncodingError(self.code, self.message, where=spell(root, keys) or None, hint=self.hint)


def kind_of(value: object) -> str:
    """The type, with its article, as a person would look it up."""
    kind = type(value)
    if value is None or kind is bytes:
        return "bytes" if value is not None else "None"
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def shown(key: object) -> str:
    """A key in a message, printable and short; an object may have a repr that raises."""
    try:
        text = ascii(key)
    except Exception:  # noqa: BLE001 - the user's own __repr__
        text = f"<{type(key).__name__}>"
    return text if len(text) <= 60 else f"{text[:50]}..."  # noqa: PLR2004 - what fits a line


def spell(root: str, keys: list[str | int]) -> str:
    """A path as Python would write it: `reports.rows[3].price`, `reports['due date']`."""
    text = root
    for key in keys:
        if isinstance(key, int):
            text += f"[{key}]"
        elif key.isidentifier():
            text += f".{key}" if text else key
        else:
            text += f"[{shown(key)}]"
    return text
