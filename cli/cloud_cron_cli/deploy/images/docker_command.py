"""The command `docker`: run, listened to, and believed when it says why it failed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import deque
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Final, NamedTuple

from cloud_cron.errors import ImageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_TAIL: Final = 30
_STEP: Final = re.compile(r"#\d+ \[.+|Step \d+/\d+ : .+")
_WITHOUT: Final = 'or build without Docker: builder = "layers" under [image] of cloud-cron.toml'


class Docker(NamedTuple):
    """The command, and the environment it runs in."""

    program: str
    environ: dict[str, str]

    @classmethod
    def found(cls) -> Docker:
        """That of this machine; `ImageError` CC885 when there is none."""
        program = shutil.which("docker")
        if program is None:
            raise ImageError("CC885", "there is no docker on the PATH", hint=f"install it, {_WITHOUT}")
        return cls(program, dict(os.environ))

    def having(self, **variables: str) -> Docker:
        """The same command with these environment variables."""
        return self._replace(environ=self.environ | variables)

    def ask(self, told: list[str]) -> subprocess.CompletedProcess[str]:
        """What it answers, however it ends."""
        command = [self.program, *told]
        with self._startable():
            return subprocess.run(
                command,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                encoding="utf-8",
                errors="replace",
            )

    def run(self, told: list[str], say: Callable[[str], None]) -> None:
        """Run it to its end, and tell of each step it begins."""
        last: deque[str] = deque(maxlen=_TAIL)
        steps = set()
        with self.started(told, stderr=subprocess.STDOUT) as process:
            for raw in process.stdout or ():
                line = raw.decode(errors="replace").rstrip()
                last.append(line)
                if _STEP.fullmatch(line) and line not in steps:
                    steps.add(line)
                    say(line)
        if process.returncode:
            raise failed(f"docker {told[0]} failed with {process.returncode}", last, "mend what it says")

    @contextmanager
    def started(self, told: list[str], stderr: IO[bytes] | int) -> Iterator[subprocess.Popen[bytes]]:
        """A process that is over when this is: whoever leaves early ends it."""
        command = [self.program, *told]
        with self._startable():
            process = subprocess.Popen(
                command, env=self.environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr
            )
        with process:
            try:
                yield process
            except BaseException:
                process.terminate()
                raise

    @contextmanager
    def _startable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            message = f"{self.program} cannot be run: {error.strerror}"
            raise ImageError("CC885", message, hint=f"install Docker, {_WITHOUT}") from error


def failed(what: str, lines: Iterable[str], remedy: str) -> ImageError:
    """The end of what it said, which has the reason."""
    said = "\n".join(f"  {line}" for line in list(lines)[-_TAIL:] if line.strip())
    return ImageError("CC885", f"{what}:\n{said}" if said else what, hint=f"{remedy}, {_WITHOUT}")
