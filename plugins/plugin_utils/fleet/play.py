# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a task that runs once can know of its play: the variables of many hosts, and what tasks before it registered.

The variable manager and the parents of a task are no public interface of ansible-core. Their use is confined to this file,
and tested with the oldest and the newest version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.playbook.conditional import Conditional
from ansible.playbook.role_include import IncludeRole
from ansible.plugins.action import ActionBase

from .groups import FleetError

LOCAL = ("local", "ansible.builtin.local", "ansible.legacy.local")
# Both groups of meta/runtime.yml have every module that a role calls; the narrower one counts more.
DEFAULTS = ("group/reforge.cloud.all", "group/reforge.cloud.instances")


def evaluate(
    action: ActionBase, task_vars: Mapping[str, Any], hosts: Sequence[str], variable: str, module: str
) -> dict[str, dict[str, Any]]:
    """The options that a variable holds for each host, as a task of that host would see it, over ``module_defaults``.

    A host that a ``when`` around the task leaves out is left out. Raises FleetError for one whose options cannot be told.

    A task per host would do the same and take 25 ms for each. ``hostvars`` would not do: it knows nothing of
    the variables of plays, roles and tasks, so a play's own ``vars`` would be passed over silently.
    """
    conditions, defaults = list(_conditions(action)), _module_defaults(action, module)
    values: dict[str, dict[str, Any]] = {}
    for name, known, templar in variables_of(action, task_vars, hosts):
        try:
            if conditions and not _hold(action, conditions, templar, known):
                continue
            options = templar.template(known.get(variable))
            if not isinstance(options, Mapping):
                raise FleetError(f"options_from: variable {variable!r} is no dictionary for host {name}")
            values[name] = {**templar.template(defaults), **_given(options, known.get("omit"))}
        except AnsibleError as error:
            raise FleetError(f"host {name}: {variable}: {error}") from error
    return values


def variables_of(
    action: ActionBase, task_vars: Mapping[str, Any], hosts: Sequence[str]
) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Each host with its variables, as the task would see them if it ran for that host, and what evaluates them."""
    hostvars, names = task_vars["hostvars"], list(hosts)
    for name in names:
        known = hostvars._variable_manager.get_vars(
            play=play_of(action),
            host=hostvars._inventory.get_host(name),
            task=action._task,
            _hosts=names,
            _hosts_all=names,
        )
        yield name, known, action._templar.copy_with_new_env(available_variables=known)


def _given(options: Mapping[str, Any], omitted: object) -> dict[str, Any]:
    """Options that have a value. Empty text counts as none: a survey sends it for what was left blank."""
    return {
        name: value for name, value in options.items() if value is not None and value not in ("", [], omitted)
    }


def _conditions(action: ActionBase) -> Iterator[Any]:
    """The conditions around the task, also those of what includes it while the play runs, which are no part of its own."""
    yield from action._task.when
    for parent in _parents(action):
        if not getattr(parent, "statically_loaded", True):
            yield from parent.when


def _hold(action: ActionBase, conditions: Sequence[Any], templar: Any, known: Mapping[str, Any]) -> bool:
    if hasattr(templar, "evaluate_conditional"):  # ansible-core 2.19 and newer
        return all(templar.evaluate_conditional(condition) for condition in conditions)
    conditional = Conditional(loader=action._loader)
    conditional.when = list(conditions)
    return bool(conditional.evaluate_conditional(templar, known))


def _module_defaults(action: ActionBase, module: str) -> dict[str, Any]:
    """What the play says of all its calls of the module; the later one of several counts."""
    merged: dict[str, Any] = {}
    for given in action._task.module_defaults or ():
        merged.update(given)
    return {name: value for key in (*DEFAULTS, module) for name, value in (merged.get(key) or {}).items()}


def refuse_run_once(action: ActionBase) -> None:
    """Raise AnsibleActionFail where ``run_once`` around the role would keep the rows of all hosts but one from them."""
    if any(getattr(parent, "run_once", False) for parent in _parents(action)):
        raise AnsibleActionFail(
            "run_once: take it away from the role, which sends one call for all hosts and tells each its end"
        )


def rehearses(action: ActionBase) -> bool:
    """Whether the play, or what is around the task, is in check mode, whatever the task says of itself."""
    return any(getattr(parent, "check_mode", False) for parent in _parents(action))


def check_own(action: ActionBase, host: str, login: Mapping[str, Any]) -> None:
    """Raise FleetError where it would not be the host that is logged in to, but the controller or another host."""
    connection = login.get("connection") or action._task.connection
    if action._task.delegate_to:
        wrong = f"delegate_to: {action._task.delegate_to!r} would be logged in to instead; take it away from the role"
    elif connection in LOCAL:
        wrong = f"ansible_connection: {connection!r} would ask this machine; give the connection of the host"
    else:
        return
    raise FleetError(f"host {host}: {wrong}, or set rebuild_ssh (reboot_ssh) to false")


def invocation(action: ActionBase) -> str:
    """The same for all batches of a play, and for one use of a role in it."""
    included = next((parent._uuid for parent in _parents(action) if isinstance(parent, IncludeRole)), "")
    return f"{play_of(action)._uuid} {included}".strip()


def registered(task_vars: Mapping[str, Any], variable: str, hosts: Sequence[str]) -> list[Mapping[str, Any]]:
    """The results that tasks of these hosts registered under a name."""
    return [one for one in _kept(task_vars, variable, hosts).values() if isinstance(one, Mapping)]


def registered_text(task_vars: Mapping[str, Any], variable: str, hosts: Sequence[str]) -> dict[str, str]:
    """What ``set_fact`` said under a name, for the hosts where it is not empty."""
    return {host: str(value) for host, value in _kept(task_vars, variable, hosts).items() if value}


def _kept(task_vars: Mapping[str, Any], variable: str, hosts: Sequence[str]) -> dict[str, Any]:
    """What the variable manager keeps: ``hostvars`` would put together all variables of a host for this one."""
    cache = task_vars["hostvars"]._variable_manager._nonpersistent_fact_cache
    return {host: cache[host].get(variable) for host in hosts if host in cache}


def earlier(action: ActionBase, task_vars: Mapping[str, Any], variable: str) -> dict[str, Any] | None:
    """The result that an earlier batch of this play registered under a name, the one of most hosts; None without one.

    A result tells by its ``play`` where it is from: a registered variable outlives its play.
    """
    batch = set(task_vars["ansible_play_batch"])
    others = [host for host in task_vars["ansible_play_hosts_all"] if host not in batch]
    ours = [one for one in registered(task_vars, variable, others) if one.get("play") == invocation(action)]
    return dict(max(ours, key=lambda one: len(one["hosts"]))) if ours else None


def elsewhere(action: ActionBase, task_vars: Mapping[str, Any], variable: str) -> list[Mapping[str, Any]]:
    """The last results that other plays of this run, or other uses of the role, registered under a name."""
    last: dict[str, Mapping[str, Any]] = {}
    for one in registered(task_vars, variable, task_vars["groups"]["all"]):
        play = one.get("play")
        if (
            play
            and play != invocation(action)
            and len(one["hosts"]) >= len(last.get(play, {"hosts": ()})["hosts"])
        ):
            last[play] = one
    return list(last.values())


def _parents(action: ActionBase) -> Iterator[Any]:
    parent = action._task._parent
    while parent is not None:
        yield parent
        parent = getattr(parent, "_parent", None)


def play_of(action: ActionBase) -> Any:
    """The play that the task is a part of."""
    task = action._task
    return getattr(task.play, "_play", task.play) if hasattr(task, "play") else task._parent._play
