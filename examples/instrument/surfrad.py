"""Daily files of NOAA's Surface Radiation Network (SURFRAD): a line for each reading, a flag after each value.

The columns are those of the README in the network's archive, https://gml.noaa.gov/aftp/data/radiation/surfrad/.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

HOUR, MINUTE, ZENITH = 4, 5, 7
GLOBAL, DIRECT, DIFFUSE, TEMPERATURE = 8, 12, 14, 38  # each has its flag in the next column, 0 when it is good

LOW, DIM = 75, 50  # degrees from the zenith and W/m², beyond which instruments are not compared


@dataclass(frozen=True)
class Reading:
    """One reading, in UTC, W/m², degrees and °C: the light of the whole sky, of the sun, and of the sky without it."""

    hour: int
    minute: int
    zenith: float
    whole: float
    direct: float
    diffuse: float
    temperature: float

    @property
    def light(self) -> float:
        """The light of the whole sky; at night the instrument shows a little less than nothing."""
        return max(self.whole, 0.0)

    @property
    def is_high(self) -> bool:
        """Whether the sun stands high enough to compare instruments by it."""
        return self.zenith < LOW and self.whole > DIM

    @property
    def closure(self) -> float:
        """What one instrument sees of the whole sky, to what two others see of its parts: 1 when all agree."""
        parts = self.direct * cos(radians(self.zenith)) + self.diffuse
        return self.whole / max(parts, 1.0)


def readings(file: Path) -> list[Reading | None]:
    """The readings of a day, None for one with a flag; the first two lines name the station and its place."""
    return [reading(line.split()) for line in file.read_text(encoding="ascii").splitlines()[2:]]


def reading(fields: list[str]) -> Reading | None:
    """The reading in the fields of a line, None when one of its values is flagged."""
    values = (GLOBAL, DIRECT, DIFFUSE, TEMPERATURE)
    if any(fields[place + 1] != "0" for place in values):
        return None
    return Reading(int(fields[HOUR]), int(fields[MINUTE]), *(float(fields[place]) for place in (ZENITH, *values)))
