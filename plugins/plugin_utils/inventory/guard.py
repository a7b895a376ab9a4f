# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An inventory in which no group takes the name of one of our hosts: as a pattern it would mean all hosts of
the group.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleParserError

from .hosts import Host, rename

ATTEMPTS = 3  # at names for hosts that no group has


def fill(plugin: Any, hosts: Sequence[Host], populate: Callable[[Sequence[Host]], None]) -> None:
    """Let a plugin populate its inventory, with other names for hosts that are called like a keyed group."""
    inventory = plugin.inventory
    for _attempt in range(ATTEMPTS):
        plugin.inventory = guard = Guard(inventory, [host.name for host in hosts])
        try:
            populate(hosts)
        finally:
            plugin.inventory = inventory
        if not guard.clashes:
            return
        guard.undo()
        hosts, warning = rename(hosts, guard.clashes)
        plugin.display.warning(warning)
    raise AnsibleParserError(
        "keyed_groups creates groups with the names of hosts, even after the hosts were renamed"
    )


class Guard:
    """Stands before the inventory while it is filled; ``clashes`` are the names of hosts that a group was to
    have.

    Such a group is not made. With clashes everything that was added has to be taken away again (``undo``).
    """

    def __init__(self, inventory: Any, hosts: Collection[str]) -> None:
        self._inventory, self._names = inventory, frozenset(hosts)
        self._groups, self._hosts = set(inventory.groups), set(inventory.hosts)
        self.clashes: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inventory, name)

    def add_group(self, group: str) -> str:
        """As that of the inventory."""
        if group in self._names:
            self.clashes.add(group)
            return group
        return str(self._inventory.add_group(group))

    def add_host(self, host: str, group: str | None = None, port: int | None = None) -> str:
        """As that of the inventory."""
        return str(self._inventory.add_host(host, None if group in self.clashes else group, port))

    def add_host_with(self, host: str, variables: Mapping[str, Any]) -> None:
        """Add a host with its variables: values of its own, in plain types, without templates.

        Those of a new host are set at once. From ansible-core 2.19 on, ``set_variable`` copies each value and
        tags every text in it with the file, for messages about templates; that takes a third of the time of
        a whole inventory. Those of a host that another file has added are merged as ansible-core does it.
        """
        known = host in self._inventory.hosts
        self.add_host(host)
        if known:
            for name, value in variables.items():
                self._inventory.set_variable(host, name, value)
        else:
            self._inventory.hosts[host].vars.update(variables)

    def add_child(self, group: str, child: str) -> None:
        """As that of the inventory."""
        if group not in self.clashes and child not in self.clashes:
            self._inventory.add_child(group, child)

    def undo(self) -> None:
        """Take away the groups and hosts that were not there before."""
        for name in set(self._inventory.groups) - self._groups:
            self._inventory.remove_group(self._inventory.groups[name])
        for name in set(self._inventory.hosts) - self._hosts:
            self._inventory.remove_host(self._inventory.hosts[name])
