# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""All hosts of one look: which of them are visited, and what is kept of those that are proven."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .host_keys import Place, install
from .identity import Look
from .rounds import Task
from .shells import Shell
from .visit import ACCEPT, Answer, Visit
from .wanted import ANY, INSTALLATION, Wanted

PROVEN = ("identity", "age", "none")


@dataclass
class Party:
    """``folder`` is for the keys that hosts offer on their first connection.

    ``answers`` are those that need no visit.
    """

    folder: str
    visits: dict[str, Visit] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)

    def add(self, host: str, shell: Shell | str, login: Mapping[str, Any], wanted: Wanted) -> None:
        """A host with its shell, or with the reason why it has none."""
        if not isinstance(shell, Shell):
            self.answers[host] = silence(wanted.what, shell)
            return
        if _by_provider_only(shell, login):
            self.answers[host] = Answer(True, Look(), None if wanted.what == ANY else "none")
            return
        unknown = wanted.what == INSTALLATION and login["host_keys"] == ACCEPT and shell.openssh
        path = os.path.join(self.folder, str(len(self.visits))) if unknown else ""
        self.visits[host] = visit = Visit(shell, wanted, login["os_type"] == "windows", path)
        self.tasks[host] = Task(visit.attempt, 0.0 if wanted.what == ANY else float(login["ssh_timeout"]))

    def keep(self, ready: Mapping[str, Answer]) -> list[str]:
        """Keep the keys of those that are proven. The result says what could not be kept."""
        found: list[tuple[Place, Mapping[str, list[str]]]] = []
        for host, answer in ready.items():
            keys = self.visits[host].new_keys() if answer.proof in PROVEN else None
            if keys:
                found.append(keys)
        return install(found)


def silence(what: str, reason: str) -> Answer:
    """The answer of a host that has not answered."""
    return Answer(True, proof=None if what == ANY else "unreachable", problem=reason)


def _by_provider_only(shell: Shell, login: Mapping[str, Any]) -> bool:
    """Whether a Windows host has no connection of its own, but the default one for systems with a POSIX
    shell.
    """
    return login["os_type"] == "windows" and shell.openssh and not shell.windows
