"""Jinja, restrained: what templates can reach, what they can make, and how they say what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from jinja2 import StrictUndefined, UndefinedError, nodes, pass_context, pass_eval_context
from jinja2.filters import do_join, make_attrgetter
from jinja2.runtime import Context, LoopContext, TemplateReference
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from cloud_cron.messages import Message
from cloud_cron.rendering import budget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, MutableMapping, Sequence

    from jinja2.nodes import EvalContext

_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel"})
_COUNTED, _JOINED, _BOUNDED, _SELF = "cc_counted", "cc_joined", "cc_bounded", "cc_self"


class UndefinedNameError(UndefinedError):
    """A template used a name that is not there; `owner` is what it was looked for in, if anything."""

    def __init__(self, message: str, name: object, owner: object) -> None:
        """Keep what the error message is made of."""
        super().__init__(message)
        self.name = name
        self.owner = owner


class Missing(StrictUndefined):
    """An undefined value that raises `UndefinedNameError` as soon as it is used."""

    __slots__ = ()

    def __init__(
        self,
        hint: str | None = None,
        obj: Any = missing,  # noqa: ANN401 - Jinja's signature
        name: str | None = None,
        exc: type[Exception] = UndefinedError,
    ) -> None:
        """As Jinja calls it; errors of the sandbox stay what they are."""
        super().__init__(hint, obj, name, exc)  # type: ignore[arg-type]  # the sandbox passes its SecurityError
        if exc is UndefinedError:
            owner = None if obj is missing else obj
            self._undefined_exception = lambda message: UndefinedNameError(message, name, owner)  # type: ignore[assignment]


class Sandbox(ImmutableSandboxedEnvironment):
    """The environment of every template."""

    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - Jinja's own
        """Bound what filters make, and take away what has no place in a notification."""
        super().__init__(undefined=Missing, auto_reload=False, **options)
        del self.globals["lipsum"]
        for name, check in _CHECKS.items():
            self.filters[name] = budget.checked(self.filters[name], check)
        self.filters |= {
            "join": _join,
            "safe_url": safe_url,
            _COUNTED: _counted,
            _JOINED: _joined,
            _BOUNDED: budget.result,
            _SELF: _self,
        }

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The same for every template: nothing changes them, and Jinja's chain of two is slow to copy."""
        return self.globals if d is None else super().make_globals(d)

    def getattr(self, obj: Any, attribute: str) -> Any:  # noqa: ANN401 - whatever the template holds
        """An item of a mapping before its attribute, so that `p.items` is the key when there is one."""
        if (type(obj) is dict or isinstance(obj, Mapping)) and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:  # noqa: ANN401 - Jinja's signature
        """No underscores and no way into functions, as in Jinja; and no secrets."""
        if isinstance(obj, Message) and attr == "secrets":
            return False
        return super().is_safe_attribute(obj, attr, value)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401 - the same
        """The operation, unless its result would be huge."""
        budget.operation(operator, left, right)
        return super().call_binop(context, operator, left, right)

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401, N805, PYI063 - a template may pass any keyword
        """The call, which is a step, unless its result would be huge."""
        budget.step()
        if isinstance(__obj, LoopContext):  # `loop(items)`: one more loop
            args = tuple(map(budget.counted, args))
        args = budget.arguments(__obj, args, kwargs)
        return budget.result(super().call(__context, __obj, *args, **kwargs))

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:  # noqa: ANN401 - Jinja's signature
        """Jinja's safe `str.format`, without widths beyond use."""
        safe = super().wrap_str_format(value)
        if safe is None:
            return None

        def bounded(*args: Any, **kwargs: Any) -> str:  # noqa: ANN401 - as str.format
            budget.braces(value.__self__)
            return safe(*args, **kwargs)

        return bounded

    def _generate(self, source: nodes.Template, name: Any, filename: Any, defer_init: bool = False) -> str:  # noqa: ANN401, FBT001, FBT002 - the hook's signature
        """Jinja's hook between parsing and code: loops, joins and blocks of text come under the budget."""
        return super()._generate(_Bounding().visit(source), name, filename, defer_init)


class _Bounding(NodeTransformer):
    """Rewrites what the sandbox cannot intercept into filters that it can."""

    def visit_For(self, node: nodes.For) -> nodes.Node:  # noqa: N802 - named after the node
        """Every turn of a loop is a step."""
        self.generic_visit(node)
        node.iter = _filtered(node.iter, _COUNTED)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 - named after the node
        """`a ~ b` is measured before it is made."""
        self.generic_visit(node)
        return _filtered(nodes.List(node.nodes, lineno=node.lineno), _JOINED)

    def visit_AssignBlock(self, node: nodes.AssignBlock) -> nodes.Node:  # noqa: N802 - named after the node
        """`{% set name %}` is measured when it is made."""
        self.generic_visit(node)
        node.filter = _filtered(node.filter, _BOUNDED, node.lineno)
        return node

    def visit_FilterBlock(self, node: nodes.FilterBlock) -> nodes.Node:  # noqa: N802 - named after the node
        """The same for `{% filter %}`."""
        self.generic_visit(node)
        node.filter = _filtered(node.filter, _BOUNDED, node.lineno)
        return node

    def visit_Name(self, node: nodes.Name) -> nodes.Node:  # noqa: N802 - named after the node
        """A variable called `self` is a variable, as long as there is one."""
        if node.name == "self" and node.ctx == "load":
            return _filtered(nodes.Const(None, lineno=node.lineno), _SELF)
        return node


def safe_url(value: object) -> str:
    """The address if a link may have it (http, https, mailto, tel), else `#`; never `javascript:`."""
    text = "".join(char for char in str(value) if char > " " and char.isprintable())
    scheme, colon, rest = text.partition(":")
    return text if colon and rest and scheme.lower() in _SCHEMES else "#"


def _filtered(node: nodes.Node | None, name: str, lineno: int | None = None) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=lineno or (node.lineno if node else 1))


@pass_context  # which keeps Jinja from working a loop over constants out beforehand, when nothing is counted
def _counted(_: Context, items: Iterable[Any]) -> Iterable[Any]:
    return budget.counted(items)


def _joined(values: Sequence[Any]) -> str:
    """As `~` does it: escaped as soon as one of the values is markup."""
    safe = any(hasattr(value, "__html__") for value in values)
    texts = [escape(value) if safe else str(value) for value in values]
    budget.size(sum(map(len, texts)))
    return Markup("").join(texts) if safe else "".join(texts)


@pass_context
def _self(context: Context, _: None) -> Any:  # noqa: ANN401 - a variable, or Jinja's way to blocks
    found = context.resolve_or_missing("self")
    return TemplateReference(context) if found is missing else found


def _widths(_: object, *args: object, **kwargs: object) -> None:
    budget.widths([*args, *kwargs.values()])


def _indent(text: object, width: object = 4, *_: object, **__: object) -> None:
    budget.widths([width])
    each = width if isinstance(width, int) else len(str(width))
    budget.size((str(text).count("\n") + 1) * each)


def _percent(pattern: object, *_: object, **__: object) -> None:
    budget.percent(pattern)


def _replace(text: object, old: object = "", new: object = "", *_: object, **__: object) -> None:
    budget.replacing(str(text), str(old), str(new))


@pass_eval_context
def _join(context: EvalContext, value: Any, d: str = "", attribute: str | int | None = None) -> str:  # noqa: ANN401 - as the filter
    """Jinja's `join`, of what was measured before."""
    items = value if attribute is None else map(make_attrgetter(context.environment, attribute), value)
    joined: str = do_join(context, budget.gathered(items, len(str(d))), d)
    return joined


_CHECKS: Final[Mapping[str, Callable[..., None]]] = {
    "batch": _widths,
    "center": _widths,
    "format": _percent,
    "indent": _indent,
    "replace": _replace,
    "round": _widths,
    "slice": _widths,
    "tojson": _widths,
    "wordwrap": _widths,
}
