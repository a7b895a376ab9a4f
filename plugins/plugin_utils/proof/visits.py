# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""All hosts of one look: which of them are visited, and what is kept of those that are proven."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .expectation import ANY, INSTALLATION, Expectation
from .host_keys import install
from .identity import Look
from .noting import note_proven
from .places import Places
from .rounds import Task
from .shells import Shell
from .visit import ACCEPT, Answer, Visit

PROVEN = ("identity", "age", "none")


@dataclass
class Visits:
    """``folder`` is for the keys that hosts offer on their first connection. ``answers`` are those that need
    no visit.

    ``rows`` are those of the result, ``ledgers`` the option of that name of each host.
    """

    folder: str
    rows: Mapping[str, Mapping[str, Any]]
    ledgers: Mapping[str, str | None]
    places: Places = field(default_factory=Places)
    by_host: dict[str, Visit] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)

    def arrivals(
        self,
        shells: Iterable[tuple[str, Shell | str, Mapping[str, Any]]],
        expectations: Mapping[str, Expectation],
    ) -> Iterator[tuple[str, Task]]:
        """The hosts to visit, each with what visits it."""
        for host, shell, login in shells:
            task = self._add(host, shell, login, expectations[host])
            if task:
                yield host, task

    def _add(
        self, host: str, shell: Shell | str, login: Mapping[str, Any], expectation: Expectation
    ) -> Task | None:
        """What visits the host, unless its answer is known already."""
        if not isinstance(shell, Shell):
            self.answers[host] = silence(expectation.what, shell)
            return None
        if _by_provider_only(shell, login):
            self.answers[host] = Answer(True, Look(), None if expectation.what == ANY else "none")
            return None
        new = expectation.what == INSTALLATION and (login["host_keys"] == ACCEPT or expectation.brought)
        path = os.path.join(self.folder, str(len(self.by_host))) if new and shell.openssh else ""
        visit = Visit(shell, expectation, login["os_type"] == "windows", path, self.places)
        self.by_host[host] = visit
        return Task(visit.attempt, 0.0 if expectation.what == ANY else float(login["ssh_timeout"]))

    def keep(self, ready: Mapping[str, Answer]) -> list[str]:
        """Keep the keys of those that are proven, and note that they are.

        The result says what could not be kept.
        """
        proven = [host for host, answer in ready.items() if answer.proof in PROVEN]
        keys = [keys for host in proven if (keys := self.by_host[host].new_keys())]
        return [*install(keys), *self.note(proven)]

    def note(self, proven: Sequence[str]) -> list[str]:
        """Note in the ledger of each host that it is proven."""
        by_ledger: dict[str | None, dict[str, str]] = {}
        for host in proven:
            row = self.rows[host]
            provider = str(row.get("group") or "").partition(" ")[0]
            by_ledger.setdefault(self.ledgers.get(host), {})[row["instance_id"]] = provider
        problems = [note_proven(location, providers) for location, providers in by_ledger.items()]
        return [problem for problem in problems if problem]


def silence(what: str, reason: str) -> Answer:
    """The answer of a host that has not answered."""
    return Answer(True, proof=None if what == ANY else "unreachable", problem=reason)


def _by_provider_only(shell: Shell, login: Mapping[str, Any]) -> bool:
    """Whether a Windows host has no connection of its own, but the default one for systems with a POSIX
    shell.
    """
    return login["os_type"] == "windows" and shell.openssh and not shell.windows
