"""What packages are wanted for, and how an installer says it."""

from __future__ import annotations

import platform
import sys
from typing import Final, NamedTuple

MACHINES: Final = {"x86_64": "x86_64", "arm64": "aarch64"}
"""What Lambda calls an architecture, and what wheels call it."""
_AMAZON_LINUX_2023: Final = (3, 12)


class Target(NamedTuple):
    """A minor version of Python, such as `3.13`, and an architecture in Lambda's word."""

    python: str
    architecture: str

    def __str__(self) -> str:
        """`3.13-arm64`."""
        return f"{self.python}-{self.architecture}"

    @property
    def machine(self) -> str:
        """The architecture in the word of wheels."""
        return MACHINES[self.architecture]

    @property
    def glibc(self) -> int:
        """The minor version of glibc 2 that the functions of this Python have.

        Lambda runtimes, Developer Guide: `python3.12` and later run on Amazon Linux 2023, whose glibc is 2.34, earlier
        ones on Amazon Linux 2, for which wheels of glibc 2.17 are the newest that are common.
        """
        return 34 if tuple(map(int, self.python.split("."))) >= _AMAZON_LINUX_2023 else 17

    @property
    def platform(self) -> str:
        """The platform of wheels, as uv names it; one of an older glibc is taken as well."""
        return f"{self.machine}-manylinux_2_{self.glibc}"

    @property
    def is_here(self) -> bool:
        """Whether it is the very interpreter and platform that run this."""
        running = "{}.{}".format(*sys.version_info[:2])
        machine = platform.machine().lower().replace("amd64", "x86_64").replace("arm64", "aarch64")
        return sys.platform == "linux" and (running, machine) == (self.python, self.machine)
