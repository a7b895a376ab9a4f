# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a task that runs once can know of its play: the variables of many hosts, and what tasks before it
registered.

The variable manager and the parents of a task are no public interface of ansible-core. Their use is confined
to this file, and tested with the oldest and the newest version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.playbook.role_include import IncludeRole
from ansible.playbook.task_include import TaskInclude
from ansible.plugins.action import ActionBase

from .groups import FleetError
from .rerun import left_to_put_in

LOCAL = ("local", "ansible.builtin.local", "ansible.legacy.local")


def variables_of(
    action: ActionBase, task_vars: Mapping[str, Any], hosts: Sequence[str]
) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Each host with its variables, as the task would see them if it ran for that host, and what evaluates
    them.
    """
    for host, variables in host_variables(action, task_vars, hosts):
        yield host, variables, action._templar.copy_with_new_env(available_variables=variables)


def host_variables(
    action: ActionBase, task_vars: Mapping[str, Any], hosts: Sequence[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each host with its variables, as the task would see them if it ran for that host."""
    hostvars, names, play = task_vars["hostvars"], list(hosts), play_of(action)
    for name in names:
        host = hostvars._inventory.get_host(name)
        yield (
            name,
            hostvars._variable_manager.get_vars(
                play=play, host=host, task=action._task, _hosts=names, _hosts_all=names
            ),
        )


def refuse_run_once(action: ActionBase) -> None:
    """Raise AnsibleActionFail where ``run_once`` around the role would keep the rows of all hosts but one
    from them.
    """
    if any(
        getattr(parent, "run_once", False) and not _is_own_include(action, parent)
        for parent in parents(action)
    ):
        raise AnsibleActionFail(
            "run_once: remove it from the role, which makes one call for all hosts itself"
        )


def _is_own_include(action: ActionBase, parent: Any) -> bool:
    """Whether a parent of the task is a file of tasks that the task's own role includes."""
    role = action._task._role
    included = isinstance(parent, TaskInclude) and not isinstance(parent, IncludeRole)
    return included and role is not None and parent._role is role


def rehearses(action: ActionBase) -> bool:
    """Whether the play, or what is around the task, is in check mode, whatever the task says of itself."""
    return any(getattr(parent, "check_mode", False) for parent in parents(action))


def default_connection(action: ActionBase) -> Any:
    """The connection plugin, as the play, the role or the command line says it, which can be a template.

    Newer ansible-core puts that of the first host into the task itself, and a block may not know what its
    play says: so each of what is around is asked, and a local one is believed.
    """
    own = [getattr(parent, "_connection", None) for parent in parents(action)]
    around = [*own, action._task._parent.connection, play_of(action).connection]
    names = [name for name in around if isinstance(name, str)]
    return next((name for name in names if name in LOCAL), names[0])


def check_own(action: ActionBase, host: str, login: Mapping[str, Any]) -> None:
    """Raise FleetError where it would not be the host that is logged in to, but the controller or another
    host.
    """
    connection = login.get("connection") or default_connection(action)
    if action._task.delegate_to:
        other = action._task.delegate_to
        wrong = f"delegate_to: {other!r} would be logged in to instead; remove it from the role"
    elif connection in LOCAL:
        wrong = (
            f"ansible_connection: {connection!r} would log in to this machine; set the connection to the host"
        )
    else:
        return
    raise FleetError(f"host {host}: {wrong}, or set rebuild_ssh (reboot_ssh) to false")


def check_secrets(task_vars: Mapping[str, Any]) -> None:
    """Raise FleetError for a command to run again that was pasted without the secrets that it does not
    show.
    """
    name = left_to_put_in(task_vars["hostvars"]._variable_manager.extra_vars)
    if name:
        raise FleetError(f"{name}: replace the placeholder in the command with the secret")


def invocation(action: ActionBase) -> str:
    """The same for all batches of a play, and for one use of a role in it."""
    included = next((parent._uuid for parent in parents(action) if isinstance(parent, IncludeRole)), "")
    return f"{_play_id(action)} {included}".strip()


def _play_id(action: ActionBase) -> str:
    """ansible-runner, and so AWX, appends the batch's number to the play's id: ``_1``, ``_2``."""
    return str(play_of(action)._uuid).partition("_")[0]


def registered(task_vars: Mapping[str, Any], variable: str, hosts: Sequence[str]) -> list[Mapping[str, Any]]:
    """The results that tasks of these hosts registered under a name."""
    return [result for result in _kept(task_vars, variable, hosts).values() if isinstance(result, Mapping)]


def registered_text(task_vars: Mapping[str, Any], variable: str, hosts: Sequence[str]) -> dict[str, str]:
    """What ``set_fact`` said under a name, for the hosts where it is not empty."""
    return {host: str(value) for host, value in _kept(task_vars, variable, hosts).items() if value}


def _kept(task_vars: Mapping[str, Any], variable: str, hosts: Sequence[str]) -> dict[str, Any]:
    """What the variable manager keeps: ``hostvars`` would put together all variables of a host for this
    one.
    """
    cache = task_vars["hostvars"]._variable_manager._nonpersistent_fact_cache
    return {host: cache[host].get(variable) for host in hosts if host in cache}


def earlier_result(action: ActionBase, task_vars: Mapping[str, Any], variable: str) -> dict[str, Any] | None:
    """The result that an earlier batch of this play registered under a name, the one of most hosts; None
    without one.

    A result tells by its ``play`` where it is from: a registered variable outlives its play, and another
    use of the role in the same play registers its own under the same name, with those of the others in
    ``uses``.
    """
    batch, here = set(task_vars["ansible_play_batch"]), invocation(action)
    others = [host for host in task_vars["ansible_play_hosts_all"] if host not in batch]
    results = registered(task_vars, variable, others)
    ours = [result for result in results if result.get("play") == here]
    ours += [result["uses"][here] for result in results if here in (result.get("uses") or {})]
    return dict(max(ours, key=lambda result: len(result["hosts"]))) if ours else None


def other_uses(action: ActionBase, task_vars: Mapping[str, Any], variable: str) -> dict[str, Any]:
    """What other uses of the role in this play have registered under a name, to be kept for the batches to
    come.
    """
    last, here = task_vars.get(variable), invocation(action)
    if not isinstance(last, Mapping) or not str(last.get("play")).startswith(_play_id(action)):
        return {}
    uses = {
        **(last.get("uses") or {}),
        last["play"]: {name: value for name, value in last.items() if name != "uses"},
    }
    return {play: use for play, use in uses.items() if play != here}


def parents(action: ActionBase) -> Iterator[Any]:
    """What the task is a part of: blocks, includes, roles."""
    parent = action._task._parent
    while parent is not None:
        yield parent
        parent = getattr(parent, "_parent", None)


def play_of(action: ActionBase) -> Any:
    """The play that the task is a part of."""
    task = action._task
    return getattr(task.play, "_play", task.play) if hasattr(task, "play") else task._parent._play
