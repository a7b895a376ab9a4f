# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What OpenSSH's client says of hosts: under which names it knows them, in which files, and how it shares
connections.

It knows its configuration best, but asking it takes a process: where nothing in the configuration is for some
hosts only, one answer holds for all hosts with the same options.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from threading import Lock

from ...module_utils.commands.known_hosts import host_name
from .shells import Shell, Unreachable, reason_in

FILES = re.compile(r"(?:^| )(/.*?)(?= /|$)")  # absolute paths one after the other, which ssh does not quote
PLAIN = re.compile(r"[A-Za-z0-9.-]+", re.ASCII)  # names and addresses that OpenSSH takes as they are
CONTROL_PATH = re.compile(r"ControlPath=\"?(.*?)\"?")
# What -v says: the version, and each file that is read. In these, what makes lines hold for some hosts only.
VERSION, READ = "OpenSSH_", re.compile(r"^debug1: Reading configuration data (.+?)\r?$", re.MULTILINE)
SELECTS = re.compile(
    r"^\s*(match\b|host\b(?!\s*[\s=]\s*\"?\*\"?\s*$)|userknownhostsfile\b.*%)", re.IGNORECASE | re.MULTILINE
)


@dataclass(frozen=True)
class Place:
    """What OpenSSH says of one host: under which name it knows the host, in which files, and how it shares
    connections.
    """

    name: str
    files: tuple[str, ...]
    control_path: str

    @property
    def writable(self) -> tuple[str, ...]:
        """The files that can hold keys: not /dev/null, which some name to have none."""
        return tuple(path for path in self.files if os.path.isfile(path) or not os.path.exists(path))


class Places:
    """The places of the hosts of one look. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._answers: dict[tuple[str, ...], Mapping[str, str] | None] = {}

    def of(self, shell: Shell) -> Place:
        """Where this host is known. Raises Unreachable where the configuration is wrong."""
        *words, address = shell.command("-v", "-G")
        paths = [match[1] for word in words if (match := CONTROL_PATH.fullmatch(word))]
        general = None
        if PLAIN.fullmatch(address) and not any(map(SELECTS.search, words)):
            general = self._general(words, address)
        if general is None:
            return _place(_ask([*words, address])[0])
        place = _place({**general, "hostname": address.lower()})
        return replace(place, control_path=paths[0]) if paths else place

    def _general(self, words: Sequence[str], address: str) -> Mapping[str, str] | None:
        """What holds for all hosts with these options, but for the name; None where it does not."""
        options = tuple(word for word in words if not CONTROL_PATH.fullmatch(word))
        with self._lock:
            if options not in self._answers:
                settings, notes = _ask([*words, address])
                self._answers[options] = settings if _holds_for_all(settings, notes, address) else None
            return self._answers[options]


def _ask(command: Sequence[str]) -> tuple[dict[str, str], str]:
    """The configuration of one host, and what OpenSSH notes of where it is from."""
    done = subprocess.run(command, capture_output=True, text=True, errors="surrogateescape", check=False)
    if done.returncode != 0:
        raise Unreachable(reason_in(done.stderr))
    return dict(line.split(" ", 1) for line in done.stdout.splitlines() if " " in line), done.stderr


def _place(settings: Mapping[str, str]) -> Place:
    name = settings.get("hostkeyalias") or host_name(settings["hostname"], int(settings["port"]))
    return Place(
        name, tuple(FILES.findall(settings.get("userknownhostsfile", ""))), settings.get("controlpath", "")
    )


def _holds_for_all(settings: Mapping[str, str], notes: str, address: str) -> bool:
    """Whether what is said of this host, except for its name, is said of all hosts with the same options."""
    named = settings["hostname"] != address.lower() or settings.get("canonicalizehostname", "no") not in (
        "no",
        "false",
    )
    if named or VERSION not in notes:
        return False
    return not any(_selects(path) for path in READ.findall(notes))


def _selects(path: str) -> bool:
    """Whether a file of the configuration has lines for some hosts only, or cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return bool(SELECTS.search(file.read()))
    except OSError:
        return True
