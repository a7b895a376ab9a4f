# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A request that was sent and the instance as one read shows it, with what follows from their times."""

from __future__ import annotations

from dataclasses import dataclass

from ..core import timing
from ..core.model import Instance, Verb
from ..core.provider import Proof
from .attempt import Attempt

# What leaves a trace whenever it was done.
TRACED = (Verb.RESET, Verb.REBOOT, Verb.PASSWORD)


@dataclass(frozen=True)
class View:
    """An attempt and the instance as a read that began at ``at`` shows it."""

    proof: Proof
    attempt: Attempt
    instance: Instance
    at: float

    @property
    def age(self) -> float:
        """Seconds since it was sent."""
        return self.at - self.attempt.sent_at

    @property
    def old(self) -> bool:
        """Whether no read can still lag behind the sending of it."""
        return self.age >= timing.STALE_SECONDS

    @property
    def traceable(self) -> bool:
        """Whether what shows no trace of it by now never will."""
        return self.age >= timing.NO_TRACE_SECONDS + self.attempt.in_flight

    @property
    def begun(self) -> bool:
        """Whether it was seen under way, so long ago that no read can still lag behind that."""
        began_at = self.attempt.began_at
        return began_at is not None and self.at - began_at >= timing.STALE_SECONDS

    @property
    def unseen(self) -> bool:
        """Whether it was never seen under way."""
        return self.attempt.began_at is None

    @property
    def arrived(self) -> bool:
        """Whether the image is the one that was asked for."""
        return self.instance.image_id == self.attempt.target

    @property
    def changed(self) -> bool:
        """Whether the image has become the one that was asked for."""
        return self.instance.image_id == self.attempt.target != self.attempt.baseline.image_id

    @property
    def taken_on(self) -> bool:
        """Whether the provider took it on, and nobody can have failed and started it again unseen."""
        return self.attempt.answered and self.attempt.watched

    @property
    def traceless(self) -> bool:
        """Whether it leaves a trace, and has left none for so long that it never will."""
        quiet = self.unseen and self.instance.settled and self.age >= timing.TRACE_SECONDS
        return quiet and self.attempt.verb in TRACED

    @property
    def lost(self) -> bool:
        """Whether nothing shows, or will show, that a request without an answer was taken on."""
        return self.unseen and not self.attempt.answered and self.traceable and self.instance.settled
