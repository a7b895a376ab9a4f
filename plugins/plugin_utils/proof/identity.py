# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Who a system is, seen from inside: the same for as long as it is the same installation."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from ...module_utils.core.timing import CLOCKS_APART_SECONDS

# Parts the answer from what a profile may print before it.
MARK = "reforge-identity"
# The first boot of an installation makes a machine id and SSH host keys. Where an image brings them along
# instead, they are no proof, and the third part says for how many seconds the id has been there. The fourth
# is another one for each boot, and the fifth says how many seconds ago that was.
POSIX = (
    f"echo {MARK}; cat /etc/machine-id 2>/dev/null || cat /etc/hostid 2>/dev/null; echo =; "
    "cat /etc/ssh/ssh_host_*_key.pub 2>/dev/null; echo =; made=$(stat -c %Y /etc/machine-id 2>/dev/null || "
    "stat -f %m /etc/hostid 2>/dev/null) && echo $(($(date +%s) - made)); echo =; "
    "cat /proc/sys/kernel/random/boot_id 2>/dev/null || sysctl -n kern.boottime 2>/dev/null; echo =; "
    "cut -d. -f1 /proc/uptime 2>/dev/null; true"
)
WINDOWS = (
    f"echo {MARK}; (Get-ItemProperty HKLM:\\SOFTWARE\\Microsoft\\Cryptography).MachineGuid; echo =; echo =; "
    "$os = Get-CimInstance Win32_OperatingSystem; [int64]((Get-Date) - $os.InstallDate).TotalSeconds; echo "
    "=; $os.LastBootUpTime.Ticks; echo =; [int64]((Get-Date) - $os.LastBootUpTime).TotalSeconds"
)
# How much longer than since the reset began the machine id may have been there: clocks and rounding.
SLACK = 30
# The same of a boot, where it shows that a system is not the new one.
BOOT_SLACK = SLACK + CLOCKS_APART_SECONDS


@dataclass(frozen=True)
class Look:
    """What one look at a system showed.

    ``identity`` is empty where it cannot be known, ``age`` in seconds, as ``up``, which is since its boot.
    """

    identity: str = ""
    boot_id: str = ""
    age: int | None = None
    up: int | None = None


def read_look(output: str) -> Look | None:
    """What the command printed; None where it is something else."""
    _before, mark, answer = output.replace("\r\n", "\n").rpartition(f"{MARK}\n")
    parts = [part.strip() for part in answer.split("=\n")]
    if not mark or len(parts) != 5:
        return None
    machine, keys, age, boot_id, up = parts
    identity = hashlib.sha256(f"{machine}\n{keys}".encode()).hexdigest()[:16] if machine or keys else ""
    return Look(identity, boot_id, _seconds(age), _seconds(up))


def _seconds(text: str) -> int | None:
    return int(text) if text.lstrip("-").isdecimal() else None


def proof_of(look: Look, before: str, seconds_since: float | None) -> str:
    """``identity`` or ``age`` says what shows that the system is new, ``same`` and ``older`` that it is not,
    ``none`` that nothing shows.

    ``seconds_since`` is how long ago the reset began, None where nobody knows. A system that has been
    running for longer is not the one that was installed: perhaps another machine has its address now.
    """
    if before and look.identity and look.identity != before:
        return "identity"
    same = bool(before) and look.identity == before
    # The same identity gets no benefit of the doubt: the old system may have been installed just before.
    if _is_since(look.age, seconds_since, 0 if same else SLACK):
        return "age"
    return "same" if same else "older" if _ran_before(look, seconds_since) else "none"


def _is_since(seconds: int | None, seconds_since: float | None, slack: float) -> bool:
    """Whether something that is so many seconds old began with the reset or later."""
    return seconds is not None and seconds_since is not None and seconds <= seconds_since + slack


def _ran_before(look: Look, seconds_since: float | None) -> bool:
    """Whether the system has been running since before the reset. A clock that was set back shows nothing."""
    known = look.up is not None and seconds_since is not None and seconds_since >= 0
    return known and not _is_since(look.up, seconds_since, BOOT_SLACK)
