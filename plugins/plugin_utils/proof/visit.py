# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""One look at one host: by its own connection, with what is to be known of its host key."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from .expectation import ANY, BOOT, Expectation
from .host_keys import ALONE, FirstKey, end_shared
from .identity import POSIX, WINDOWS, Look, proof_of, read_look
from .places import Place, Places
from .shells import Shell, Unreachable

ACCEPT, BRING = "accept", "bring"
# By proof, what answers where the new system should.
OLD = {
    "same": "the same installation answers",
    "older": "the system that answers has been running since before the reset",
}


@dataclass(frozen=True)
class Answer:
    """What became of an attempt."""

    settled: bool
    look: Look | None = None
    proof: str | None = None
    problem: str = ""
    asked_at: float = field(default_factory=time.time)

    @property
    def row(self) -> dict[str, Any]:
        """As a task returns it."""
        look = self.look or Look()
        return {
            "answers": self.look is not None,
            "identity": look.identity or None,
            "boot_id": look.boot_id or None,
            "proof": self.proof,
            "asked_at": self.asked_at,
            "msg": self.problem,
        }


class Visit:
    """The attempts at one host."""

    def __init__(
        self, shell: Shell, expectation: Expectation, windows: bool, first_key: str, places: Places
    ) -> None:
        self._shell, self._expectation, self._windows = shell, expectation, windows or shell.windows
        self._first_key_path = first_key  # empty: the key has to be known already
        self._first_key: FirstKey | None = None
        self._place: Place | None = None
        self._places = places

    def attempt(self) -> Answer:
        """Log in and look. What goes wrong is an answer, too."""
        try:
            self._prepare()
            return self._judge(self._look())
        except Unreachable as error:
            self._shell.hang_up()
            return Answer(False, proof=self._unproven(), problem=str(error))
        except Exception as error:  # of a connection plugin; the other hosts are not to suffer for it
            return Answer(False, proof=self._unproven(), problem=f"{type(error).__name__}: {error}")

    def new_keys(self) -> tuple[Place, dict[str, list[str]]] | None:
        """What is to be kept of the host's keys, once it is proven."""
        return (self._place, self._first_key.accepted()) if self._place and self._first_key else None

    def _prepare(self) -> None:
        if not self._shell.openssh:
            return
        if self._place is None:
            place = self._places.of(self._shell)
            if self._expectation.what != ANY:
                end_shared(self._shell, place)
            if self._first_key_path:
                self._first_key = FirstKey(
                    self._shell, place, self._first_key_path, self._expectation.brought
                )
            self._shell.prefer(*ALONE)
            self._place = place
        if self._first_key:
            self._first_key.forget()

    def _look(self) -> Look:
        output = self._shell.ask(WINDOWS if self._windows else POSIX)
        look = read_look(output)
        if look is None and not self._windows:
            raise Unreachable(
                "it did not return its identity: its shell is not sh, or the login prints something else"
            )
        return look or Look()

    def _judge(self, look: Look) -> Answer:
        judge = {ANY: lambda seen: Answer(True, seen), BOOT: self._judge_boot}
        return judge.get(self._expectation.what, self._judge_installation)(look)

    def _judge_boot(self, look: Look) -> Answer:
        new = bool(look.boot_id) and look.boot_id != self._expectation.before.get("boot_id")
        return Answer(
            new,
            look,
            "boot" if new else "same",
            "" if new else "it was not rebooted: it has the same boot id as before",
        )

    def _judge_installation(self, look: Look) -> Answer:
        began_at = self._expectation.began_at
        since = None if began_at is None else time.time() - began_at
        proof = proof_of(look, self._expectation.before.get("identity") or "", since)
        if proof == "same" and self._windows:  # images without sysprep bring the id along
            proof = "none"
        problem = OLD.get(proof, "")
        return Answer(not problem, look, proof, problem)

    def _unproven(self) -> str | None:
        return None if self._expectation.what == ANY else "unreachable"
