# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was measured, and how it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One number. ``unit`` is "x" (a ratio), "%" (a share, from 0 to 1), "s" (seconds) or empty (a count)."""

    what: str
    value: float
    unit: str = ""

    @property
    def shown(self) -> str:
        """For people."""
        if self.unit == "%":
            return f"{self.value:.0%}"
        digits = 1 if self.unit and self.value < 9.95 else 0
        return f"{self.value:,.{digits}f} {self.unit}".rstrip()


HEADINGS = ("WORK", "TIME", "GOAL", "FLOOR", "REQUESTS", "CPU", "MEMORY")


@dataclass(frozen=True)
class Row:
    """A work with its goal, and the floor that was measured beside it; None for what was not measured.

    ``seconds``, ``floor`` and ``processor`` (of all its processes) in seconds, ``megabytes`` at their most.
    """

    work: str
    seconds: float
    goal: str
    floor: float | None
    requests: float
    processor: float
    megabytes: float | None

    @property
    def cells(self) -> tuple[str, ...]:
        """For people, under HEADINGS."""
        digits = 2 if self.seconds < 2 else 1
        floor = "" if self.floor is None else f"{self.floor:.{digits}f} s"
        memory = "" if self.megabytes is None else f"{self.megabytes:,.0f} MB"
        costs = (f"{self.requests:,.0f}", f"{self.processor:.{digits}f} s", memory)
        return (self.work, f"{self.seconds:.{digits}f} s", self.goal, floor, *costs)


def table(rows: Sequence[Sequence[str]]) -> str:
    """Columns under the headings of the first row."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])
