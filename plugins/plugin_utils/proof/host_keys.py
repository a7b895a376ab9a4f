# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The host keys of new systems: where OpenSSH looks for them, and how those of old systems are replaced."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterable, Mapping, Sequence

from ...module_utils.commands.known_hosts import renew, scanned
from .places import Place
from .shells import Shell

# No connection of ours is shared: one to the old system is dead, and a shared one checks no key.
ALONE = ("ControlMaster=no", "ControlPath=none")
UNALTERED = ("UpdateHostKeys=no", "HashKnownHosts=no")


def end_shared(shell: Shell, place: Place) -> None:
    """End a shared connection to the system that was there before, should there be one."""
    if os.path.exists(place.control_path):
        subprocess.run(shell.command("-O", "exit"), capture_output=True, check=False)


class FirstKey:
    """What a host offers on the first connection of all, kept beside the user's files until the system has
    proven itself.

    Certificate authorities and revoked keys of the user's files hold there, too. Where the system was given a
    key (``brought``, its public half), no other is accepted.
    """

    def __init__(self, shell: Shell, place: Place, path: str, brought: str = "") -> None:
        self._path = path
        self._marked = [line for file in place.files for line in marked_lines(file)]
        self._marked += [f"{place.name} {brought}\n"] if brought else []
        escaped = path.replace("%", "%%")
        strictness = "yes" if brought else "accept-new"
        shell.prefer(
            shlex.quote(f'UserKnownHostsFile="{escaped}"'), f"StrictHostKeyChecking={strictness}", *UNALTERED
        )

    def forget(self) -> None:
        """Before every attempt: a system that is still being set up may offer one key now and another one
        later.
        """
        with open(self._path, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.writelines(self._marked)

    def accepted(self) -> dict[str, list[str]]:
        """The keys by the names under which OpenSSH wrote them down."""
        with open(self._path, encoding="utf-8", errors="surrogateescape") as file:
            lines = [line for line in file if not line.startswith("@")]
        keys_by_name: dict[str, list[str]] = {}
        for names, keys in scanned("".join(lines), 22).items():
            for name in names.split(","):
                keys_by_name.setdefault(name, []).extend(keys)
        return keys_by_name


def marked_lines(path: str) -> list[str]:
    """The lines of certificate authorities and revoked keys; none where the file cannot be read."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return [line for line in file if line.startswith("@")]
    except OSError:
        return []


def install(scans: Iterable[tuple[Place, Mapping[str, Sequence[str]]]]) -> list[str]:
    """Put the keys into the first of the user's files, in place of all others there and in the other files.

    The result says what could not be written, and why; it loses no host.
    """
    by_file: dict[str, dict[str, Sequence[str]]] = {}
    for place, keys in scans:
        for number, path in enumerate(place.writable):
            if number == 0 or os.path.exists(path):
                by_file.setdefault(path, {}).update(
                    {name: keys[name] if number == 0 else () for name in keys}
                )
    problems = []
    for path, keys in by_file.items():
        try:
            renew(path, keys)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            problems.append(f"{path!r} cannot be written, so new host keys are not kept: {why}")
    return problems
