"""One target under atheris: `python -m tests.fuzz.fuzzer TARGET FOLDER [OPTIONS OF LIBFUZZER]`.

FOLDER holds what was found worth keeping, and is begun with the target's seeds and its regressions.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import atheris

if TYPE_CHECKING:
    from tests.fuzz.target import Target


def main() -> None:
    """Fuzz until the options say that it is enough, or something is found."""
    name, folder, *options = sys.argv[1:]
    target = _watched(name)
    from tests.fuzz.target import regressions  # noqa: PLC0415 - not before it is watched

    corpus = Path(folder)
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate([*(seed.encode() for seed in target.seeds), *regressions(name)]):
        (corpus / f"seed-{number}").write_bytes(data)
    words = corpus.with_suffix(".dict")
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.words), encoding="ascii")
    command = [name, f"-dict={words}", "-timeout=10", "-print_final_stats=1", *options, str(corpus)]
    mutator = {"custom_mutator": lambda data, size, seed: _mutated(target, data, size, seed)} if target.is_json else {}
    atheris.Setup(command, target.check, **mutator)
    atheris.Fuzz()


def _watched(name: str) -> Target:
    """The target, with every branch of ours counted."""
    with atheris.instrument_imports(include=["cloud_cron", "cloud_cron_cli"]):
        target: Target = import_module(f"tests.fuzz.{name}").TARGET
        for module in target.modules:
            import_module(module)
    return target


def _mutated(target: Target, data: bytes, size: int, seed: int) -> bytes:
    """Another value of JSON, or other bytes, which are too few of them."""
    from tests.fuzz.values import changed  # noqa: PLC0415 - the same

    random = Random(seed)
    try:
        value = json.loads(data.decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError):
        return bytes(atheris.Mutate(data, size))

    def change(text: str) -> str:
        return str(atheris.Mutate(text.encode("utf-8", "surrogatepass"), len(text) + 8), "utf-8", "surrogateescape")

    made = json.dumps(changed(value, random, target.words, change)).encode()
    return made if len(made) <= size else bytes(atheris.Mutate(data, size))


def _escaped(word: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word.encode())


if __name__ == "__main__":
    main()
