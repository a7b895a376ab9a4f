# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a task that runs once can know of its play: the variables of many hosts, and what earlier batches registered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible.plugins.action import ActionBase


def evaluate(action: ActionBase, task_vars: Mapping[str, Any], hosts: Sequence[str], variable: str) -> dict[str, Any]:
    """The value of a variable for each host, as a task of that host would see it.

    A task per host would do the same and take 25 ms for each. ``hostvars`` would not do: it knows nothing of
    the variables of plays, roles and tasks, so a play's own ``vars`` would be passed over silently. The variable
    manager is not a public interface of ansible-core; its use is confined to this file and tested with the
    oldest and the newest version.
    """
    hostvars, play = task_vars["hostvars"], _play(action)
    names = list(hosts)
    values: dict[str, Any] = {}
    for name in names:
        known = hostvars._variable_manager.get_vars(
            play=play, host=hostvars._inventory.get_host(name), task=action._task, _hosts=names, _hosts_all=names
        )
        templar = action._templar.copy_with_new_env(available_variables=known)
        values[name] = templar.template(known.get(variable))
    return values


def play_id(action: ActionBase) -> str:
    """The same for all batches of a play, and for nothing else."""
    return str(_play(action)._uuid)


def earlier(action: ActionBase, task_vars: Mapping[str, Any], variable: str) -> dict[str, Any] | None:
    """The result that an earlier batch of this play registered under a name, the one of most hosts; None without one.

    A result tells by its ``play`` where it is from: a registered variable outlives its play. The cache of the variable
    manager is asked, since ``hostvars`` would put together all variables of every host for this one.
    """
    registered = task_vars["hostvars"]._variable_manager._nonpersistent_fact_cache
    batch = set(task_vars["ansible_play_batch"])
    found = [registered[host].get(variable) for host in task_vars["ansible_play_hosts_all"] if host in registered and host not in batch]
    ours = [one for one in found if isinstance(one, Mapping) and one.get("play") == play_id(action)]
    return dict(max(ours, key=lambda one: len(one["hosts"]))) if ours else None


def _play(action: ActionBase) -> Any:
    task = action._task
    return getattr(task.play, "_play", task.play) if hasattr(task, "play") else task._parent._play
