"""What the file says for one stage, as a frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cloud_cron.freezing import NOTHING, frozen
from cloud_cron.values import value

TYPE_CHECKING = False  # typing is not loaded for it
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any, Final

    from cloud_cron.config.places import Place

DAY: Final = 86_400.0
_NESTED: Final = ("env", "function", "build_args")


@value(frozen=True)
class Mention:
    """A name of the app that the file uses, in any stage: `kind` is `tasks`, `notifiers`, `topics` or `secrets`."""

    kind: str
    name: str
    value: Any
    place: Place


@value(frozen=True)
class Settings:
    """The configuration of one stage.

    `function` includes the architecture; `topics` maps names to ARNs of topics that exist already; `watch` is the topic
    that failures are told to, `heartbeat` the address that hears that all is well, or where it is kept; `alarms_email`
    and `alarms_arns` are told by CloudWatch, `alarms_tasks` says what about tasks (`errors`, `missed`); `boundary` and
    `role_path` are those of every role, `kms_key` encrypts whatever can be; `image` says how the image is made;
    `horizon` is in seconds; `channels`, `tasks` and `notifiers` hold what was written under each name; `secrets`
    replaces references.
    """

    stage: str
    entry: str | None = None
    region: str | None = None
    python: str | None = None
    architecture: str | None = None
    tags: Mapping[str, str] = NOTHING
    function: Mapping[str, Any] = NOTHING
    protect: bool = False
    topics: Mapping[str, str] = NOTHING
    watch: str | None = None
    heartbeat: str | None = None
    alarms_email: tuple[str, ...] = ()
    alarms_arns: tuple[str, ...] = ()
    alarms_tasks: tuple[str, ...] = ()
    boundary: str | None = None
    role_path: str = "/"
    kms_key: str | None = None
    image: Mapping[str, Any] = NOTHING
    horizon: float = 35 * DAY
    channels: Mapping[str, Mapping[str, Any]] = NOTHING
    tasks: Mapping[str, Mapping[str, Any]] = NOTHING
    notifiers: Mapping[str, Mapping[str, Any]] = NOTHING
    secrets: Mapping[str, str] = NOTHING
    mentions: tuple[Mention, ...] = ()
    _unshown = frozenset({"mentions"})

    def place(self, kind: str, name: str) -> Place | None:
        """Where the file speaks of `name`; of several places the most specific, which counts."""
        places = [mention.place for mention in self.mentions if (mention.kind, mention.name) == (kind, name)]
        own = [place for place in places if place.path[0] != "stages" or place.path[1] == self.stage]
        return max(own, key=lambda place: len(place.path), default=None)


def settled(root: Place, document: Mapping[str, Any], stage: str) -> Settings:
    """The settings of one stage from a document that is known to be well formed."""
    layers = [document, document.get("stages", {}).get(stage, {})]
    watch = merged(layer.get("watch", {}) for layer in layers)
    alarms = merged(layer.get("alarms", {}) for layer in layers)
    ledger = merged(layer.get("ledger", {}) for layer in layers)
    iam = merged(layer.get("iam", {}) for layer in layers)
    plain = merged(layers)
    return Settings(
        stage,
        entry=plain.get("entry"),
        region=plain.get("region"),
        python=plain.get("python"),
        architecture=plain.get("architecture"),
        tags=merged(layer.get("tags", {}) for layer in layers),
        function=merged(_function(layer) for layer in layers),
        protect=plain.get("protect", False),
        topics=merged(layer.get("topics", {}) for layer in layers),
        watch=watch.get("topic"),
        heartbeat=watch.get("heartbeat"),
        alarms_email=listed(alarms.get("email", ())),
        alarms_arns=listed(alarms.get("arns", ())),
        alarms_tasks=listed(alarms.get("tasks", ())),
        boundary=iam.get("permissions_boundary"),
        role_path=iam.get("path", "/"),
        kms_key=plain.get("kms_key"),
        image=merged(layer.get("image", {}) for layer in layers),
        horizon=seconds(ledger["horizon"]) if "horizon" in ledger else 35 * DAY,
        channels=_named(layers, "channels"),
        tasks=_named(layers, "tasks"),
        notifiers=_named(layers, "notifiers"),
        secrets=merged(layer.get("secrets", {}) for layer in layers),
        mentions=tuple(_mentions(root, document)),
    )


def seconds(text: str) -> float:
    """A number of days such as `35d`, in seconds."""
    return int(text.removesuffix("d")) * DAY


def listed(value: str | Sequence[str]) -> tuple[str, ...]:
    """A single word or a list of words, as a tuple."""
    return (value,) if isinstance(value, str) else tuple(value)


def merged(layers: Any) -> Mapping[str, Any]:  # noqa: ANN401 - an iterable of mappings of anything
    """One table out of several; a later one wins, key by key, and inside `env` and `function` too."""
    result: dict[str, Any] = {}
    for layer in layers:
        for key, said in layer.items():
            nested = key in _NESTED and isinstance(said, Mapping) and isinstance(result.get(key), Mapping)
            result[key] = {**result[key], **said} if nested else said
    return MappingProxyType({key: frozen(said) for key, said in result.items()})


def _function(layer: Mapping[str, Any]) -> Mapping[str, Any]:
    """The function options of one layer; its own `architecture` key is the short spelling of one of them."""
    short = {"architecture": layer["architecture"]} if "architecture" in layer else {}
    return {**short, **layer.get("function", {})}


def _named(layers: Sequence[Mapping[str, Any]], kind: str) -> Mapping[str, Mapping[str, Any]]:
    """Tables by name, each merged over the layers."""
    tables = [layer.get(kind, {}) for layer in layers]
    names = dict.fromkeys(name for table in tables for name in table)
    return MappingProxyType({name: merged(table.get(name, {}) for table in tables) for name in names})


def _mentions(root: Place, document: Mapping[str, Any]) -> Iterator[Mention]:
    """Every name of the app that the document uses, those of all stages included."""
    for kind in ("tasks", "notifiers", "topics", "secrets"):
        for name, said in document.get(kind, {}).items():
            yield Mention(kind, name, said, root / kind / name)
    for stage, table in document.get("stages", {}).items():
        yield from _mentions(root / "stages" / stage, table)
