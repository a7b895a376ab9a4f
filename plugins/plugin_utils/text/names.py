# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Names of hosts that mean more than one host to Ansible."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import ip_address

from ...module_utils.core.text import some
from .words import counted

# The first of these make a pattern at the beginning, the others anywhere: "!db" is all hosts but one,
# "web,db" and "web:db" are two. A single "]" is lost on a command line.
FIRST, ANYWHERE = "!&~@", "*?[],"


def is_pattern(name: str) -> bool:
    """Whether a line of a limit file that reads like this could choose other hosts than this one."""
    if ":" in name and not is_address(name):
        return True
    return name.startswith(tuple(FIRST)) or any(sign in name for sign in ANYWHERE)


def is_address(name: str) -> bool:
    """Whether a text is an IP address and nothing else."""
    try:
        return bool(ip_address(name))
    except ValueError:
        return False


def left_out(hosts: Iterable[str]) -> list[str]:
    """A sentence on those that a limit file cannot name, if there are any."""
    names = [host for host in hosts if is_pattern(host)]
    if not names:
        return []
    return [
        f"{counted(len(names), 'host')} not in the file, since the name would be a pattern there: "
        f"{some(names)}."
    ]
