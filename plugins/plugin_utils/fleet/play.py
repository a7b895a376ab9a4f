# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a task that runs once can know of its play: the variables of many hosts, and what tasks before it
registered.

The variable manager and the parents of a task are no public interface of ansible-core. Their use is confined
to this file, and tested with the oldest and the newest version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.playbook.conditional import Conditional
from ansible.playbook.role_include import IncludeRole
from ansible.playbook.task_include import TaskInclude
from ansible.plugins.action import ActionBase

from .groups import EMPTY_COUNTS, FleetError

LOCAL = ("local", "ansible.builtin.local", "ansible.legacy.local")
# Both groups of meta/runtime.yml have every module that a role calls; the narrower one counts more.
DEFAULTS = ("group/reforge.cloud.all", "group/reforge.cloud.instances")


def evaluate(
    action: ActionBase, task_vars: Mapping[str, Any], hosts: Sequence[str], variable: str, module: str
) -> dict[str, dict[str, Any]]:
    """The options that a variable holds for each host, as a task of that host would see it, over
    ``module_defaults``.

    A host that a ``when`` around the task leaves out is left out. Raises FleetError for one whose options
    cannot be told.
    """

    def options(values: Values) -> dict[str, Any]:
        options = values.evaluated(variable)
        if not isinstance(options, Mapping):
            raise FleetError(f"options_from: variable {variable!r} is no dictionary for host {values.host}")
        return given(options, values.known.get("omit"))

    return _for_each(action, task_vars, hosts, module, options)


def options_of(
    action: ActionBase,
    task_vars: Mapping[str, Any],
    hosts: Sequence[str],
    module: str,
    variables: Mapping[str, Sequence[str]],
) -> dict[str, dict[str, Any]]:
    """The options that variables hold for each host, over ``module_defaults``.

    ``variables`` names for each option its variables; the first of them that is set counts. What a host does
    not set costs nothing. Hosts are left out, and FleetError is raised, as by ``evaluate``.
    """

    def options(values: Values) -> dict[str, Any]:
        omitted = values.known.get("omit")
        found: dict[str, Any] = {}
        for option, names in variables.items():
            for name in names:
                found.update(given({option: values.evaluated(name)}, omitted) if name in values.known else {})
                if option in found:
                    break
        return found

    return _for_each(action, task_vars, hosts, module, options)


def _for_each(
    action: ActionBase,
    task_vars: Mapping[str, Any],
    hosts: Sequence[str],
    module: str,
    options: Callable[[Values], dict[str, Any]],
) -> dict[str, dict[str, Any]]:
    """What is given for each host, over the defaults of the module.

    A task per host would do the same and take 25 ms for each. ``hostvars`` would not do: it knows nothing of
    the variables of plays, roles and tasks, so a play's own ``vars`` would be passed over silently.
    """
    conditions, defaults = list(_conditions(action)), _module_defaults(action, module)
    templar = sharing_templar(action)
    members: dict[str, dict[str, Any]] = {}
    for host, known in _known(action, task_vars, hosts):
        templar.available_variables = known
        values = Values(host, known, templar)
        try:
            if conditions and not _hold(action, conditions, templar, known):
                continue
            members[host] = {**values.value(defaults), **options(values)}
        except AnsibleError as error:
            raise FleetError(f"host {host}: {values.name or module}: {error}") from error
    return members


@dataclass
class Values:
    """The variables of one host, and what evaluates them. ``name`` is the one that is looked at."""

    host: str
    known: Mapping[str, Any]
    templar: Any
    name: str = ""

    def evaluated(self, name: str) -> Any:
        """The value of a variable; None where there is none. Raises AnsibleError."""
        self.name = name
        return self.value(self.known.get(name))

    def value(self, raw: Any) -> Any:
        """The value of what may hold templates. What holds none is taken as it is."""
        return raw if _is_plain(raw) else self.templar.template(raw)


def _is_plain(raw: Any) -> bool:
    """Whether there is nothing to evaluate. Encrypted values are no text, and so are none of these."""
    if isinstance(raw, str):
        return "{" not in raw and not raw.startswith("#jinja2:")
    if isinstance(raw, (list, tuple)):
        return all(map(_is_plain, raw))
    if isinstance(raw, dict):
        return all(_is_plain(name) and _is_plain(value) for name, value in raw.items())
    return raw is None or isinstance(raw, (bool, int, float))


def sharing_templar(action: ActionBase) -> Any:
    """What evaluates templates, for one host after the other; equal templates are compiled once."""
    templar = action._templar.copy_with_new_env(available_variables={})
    environment = getattr(
        templar, "_engine", templar
    ).environment  # the engine is that of ansible-core 2.19 and newer
    kind = type(environment)
    compiled: dict[str, Any] = {}

    class Sharing(kind):  # type: ignore[misc, valid-type]
        """The environment of the templates.

        An overlay of it, for a template with settings of its own, shares nothing.
        """

        def from_string(self, source: Any, *more: Any, **options: Any) -> Any:
            if self is not environment or more or options or not isinstance(source, str):
                return super().from_string(source, *more, **options)
            if source not in compiled:
                compiled[source] = super().from_string(source)
            return compiled[source]

    environment.__class__ = Sharing
    return templar


def variables_of(
    action: ActionBase, task_vars: Mapping[str, Any], hosts: Sequence[str]
) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Each host with its variables, as the task would see them if it ran for that host, and what evaluates
    them.
    """
    for host, known in _known(action, task_vars, hosts):
        yield host, known, action._templar.copy_with_new_env(available_variables=known)


def _known(
    action: ActionBase, task_vars: Mapping[str, Any], hosts: Sequence[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    hostvars, names, play = task_vars["hostvars"], list(hosts), play_of(action)
    for name in names:
        host = hostvars._inventory.get_host(name)
        yield (
            name,
            hostvars._variable_manager.get_vars(
                play=play, host=host, task=action._task, _hosts=names, _hosts_all=names
            ),
        )


def given(options: Mapping[str, Any], omitted: object) -> dict[str, Any]:
    """Options that have a value. Empty text counts as none: a survey sends it for what was left blank."""
    return {
        name: value
        for name, value in options.items()
        if value is not None and (value not in ("", [], omitted) or (value == "" and name in EMPTY_COUNTS))
    }


def _conditions(action: ActionBase) -> Iterator[Any]:
    """The conditions around the task, also those of what includes it while the play runs, which are no part
    of its own.
    """
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
    """Raise AnsibleActionFail where ``run_once`` around the role would keep the rows of all hosts but one
    from them.
    """
    if any(
        getattr(parent, "run_once", False) and not _is_own_include(action, parent)
        for parent in _parents(action)
    ):
        raise AnsibleActionFail(
            "run_once: take it away from the role, which sends one call for all hosts and tells each its end"
        )


def _is_own_include(action: ActionBase, parent: Any) -> bool:
    """Whether a parent of the task is a file of tasks that the task's own role includes."""
    role = action._task._role
    included = isinstance(parent, TaskInclude) and not isinstance(parent, IncludeRole)
    return included and role is not None and parent._role is role


def rehearses(action: ActionBase) -> bool:
    """Whether the play, or what is around the task, is in check mode, whatever the task says of itself."""
    return any(getattr(parent, "check_mode", False) for parent in _parents(action))


def default_connection(action: ActionBase) -> Any:
    """The connection plugin, as the play, the role or the command line says it, which can be a template.

    Newer ansible-core puts that of the first host into the task itself.
    """
    return action._task._parent.connection


def check_own(action: ActionBase, host: str, login: Mapping[str, Any]) -> None:
    """Raise FleetError where it would not be the host that is logged in to, but the controller or another
    host.
    """
    connection = login.get("connection") or default_connection(action)
    if action._task.delegate_to:
        other = action._task.delegate_to
        wrong = f"delegate_to: {other!r} would be logged in to instead; take it away from the role"
    elif connection in LOCAL:
        wrong = f"ansible_connection: {connection!r} would ask this machine; give the connection of the host"
    else:
        return
    raise FleetError(f"host {host}: {wrong}, or set rebuild_ssh (reboot_ssh) to false")


def invocation(action: ActionBase) -> str:
    """The same for all batches of a play, and for one use of a role in it.

    ansible-runner, and so AWX, appends the batch's number to the play's id: ``_1``, ``_2``.
    """
    included = next((parent._uuid for parent in _parents(action) if isinstance(parent, IncludeRole)), "")
    play = str(play_of(action)._uuid).partition("_")[0]
    return f"{play} {included}".strip()


def registered(task_vars: Mapping[str, Any], variable: str, hosts: Sequence[str]) -> list[Mapping[str, Any]]:
    """The results that tasks of these hosts registered under a name."""
    return [one for one in _kept(task_vars, variable, hosts).values() if isinstance(one, Mapping)]


def registered_text(task_vars: Mapping[str, Any], variable: str, hosts: Sequence[str]) -> dict[str, str]:
    """What ``set_fact`` said under a name, for the hosts where it is not empty."""
    return {host: str(value) for host, value in _kept(task_vars, variable, hosts).items() if value}


def _kept(task_vars: Mapping[str, Any], variable: str, hosts: Sequence[str]) -> dict[str, Any]:
    """What the variable manager keeps: ``hostvars`` would put together all variables of a host for this
    one.
    """
    cache = task_vars["hostvars"]._variable_manager._nonpersistent_fact_cache
    return {host: cache[host].get(variable) for host in hosts if host in cache}


def earlier(action: ActionBase, task_vars: Mapping[str, Any], variable: str) -> dict[str, Any] | None:
    """The result that an earlier batch of this play registered under a name, the one of most hosts; None
    without one.

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
