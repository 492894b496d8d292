"""A value that JSON cannot carry: what is wrong with it, and the path that leads there."""

from __future__ import annotations

from cloud_cron.errors import EncodingError, shown


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
