# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The options of many hosts by their variables, evaluated as a task of each host would: once, and only what
is set.

How ansible-core evaluates is no public interface of it. Its use is confined to this file and to play.py,
and tested with the oldest and the newest version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible.errors import AnsibleError
from ansible.playbook.conditional import Conditional
from ansible.plugins.action import ActionBase

from ..text.templates import share_compiled
from .groups import EMPTY_COUNTS, FleetError
from .play import host_variables, parents

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
            raise FleetError(
                f"options_from: variable {variable!r} is not a dictionary for host {values.host}"
            )
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
        chosen: dict[str, Any] = {}
        for option, names in variables.items():
            for name in names:
                chosen.update(
                    given({option: values.evaluated(name)}, omitted) if name in values.known else {}
                )
                if option in chosen:
                    break
        return chosen

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
    templar = action._templar.copy_with_new_env(available_variables={})
    share_compiled(templar)
    members: dict[str, dict[str, Any]] = {}
    for host, variables in host_variables(action, task_vars, hosts):
        templar.available_variables = variables
        values = Values(host, variables, templar)
        try:
            if conditions and not _hold(action, conditions, templar, variables):
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
    for parent in parents(action):
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
