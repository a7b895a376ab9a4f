# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How a run is killed: at the so-manyth moment of a kind, by an exception that nothing in the collection
catches.
"""

from __future__ import annotations

from dataclasses import dataclass


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Fuse:
    """Burns down with each moment of its kind; without a kind it never does."""

    moment: str = ""
    left: int = 0

    def burns(self, moment: str) -> bool:
        """Whether this is the moment."""
        if moment != self.moment:
            return False
        self.left -= 1
        return self.left == -1

    def step(self, moment: str) -> None:
        """Raises Killed when this is the moment."""
        if self.burns(moment):
            raise Killed(moment)
