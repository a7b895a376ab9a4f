# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a module does, within a task, for each group of hosts side by side.

Ansible would pack, compile and start a module for each call, which takes 0.7 s of processor time and 30 MB.
A module's body needs none of that: it runs in the process of the task, which is on the controller anyway and
ends with the task.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from urllib.request import getproxies_environment

from ansible import context
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.plugins.action import ActionBase

from ...module_utils.commands.option_types import argument_spec
from ...module_utils.commands.run_module import Body, perform, secrets_in
from .groups import Group
from .processes import ended_with_task
from .sealed import plain
from .values import evaluate

PATHS = ("ledger", "events", "ca_path")


@dataclass
class BodyCall:
    """The call of a module's body, as the body sees it."""

    params: Mapping[str, Any]
    check_mode: bool
    warnings: list[str] = field(default_factory=list)

    def warn(self, warning: str) -> None:
        """Show a warning beside the result."""
        self.warnings.append(warning)


class CallingAction(ActionBase):
    """Base of the tasks that do for groups of hosts what a module does.

    A subclass names the module, whose defaults it takes, its options, its body, and whether that changes
    anything.
    """

    BYPASS_HOST_LOOP = True
    _requires_connection = False
    MODULE = ""
    OPTIONS: Mapping[str, Any] = {}
    BODY: Body
    WRITES = False

    def _members(
        self, task_vars: Mapping[str, Any], variable: str, hosts: Sequence[str]
    ) -> dict[str, dict[str, Any]]:
        """The options of each host. Raises FleetError for a host that has none."""
        return with_whole_paths(evaluate(self, task_vars, hosts, variable, self.MODULE))

    def _call_all(self, groups: list[Group], rehearse: bool = False) -> list[dict[str, Any]]:
        """One call for each group, at the same time as far as there are forks: they wait for different
        providers.
        """
        os.environ.update(self._environment())  # that of this process, which is the task's own
        _keep_from_system_proxies()
        check_mode = bool(self._task.check_mode) or rehearse
        with ended_with_task():
            if len(groups) < 2:
                return [self._call(group, check_mode) for group in groups]
            with ThreadPoolExecutor(min(len(groups), context.CLIARGS["forks"])) as pool:
                return [*pool.map(lambda group: self._call(group, check_mode), groups)]

    def _environment(self) -> dict[str, str]:
        """What the play, or what is around the task, says of the environment of its modules."""
        merged: dict[str, str] = {}
        for given in self._task.environment or ():
            merged.update({name: str(value) for name, value in (self._templar.template(given) or {}).items()})
        return merged

    def _call(self, group: Group, check_mode: bool) -> dict[str, Any]:
        """The result of one call.

        What goes wrong with it is its own failure: the others may have wiped something, which must be told.
        """
        arguments = json.loads(json.dumps(group.arguments, default=plain))
        secrets = secrets_in(arguments)
        try:
            result = json.loads(json.dumps(self._answer(arguments, check_mode)))  # plain, as a module's
        except Exception as error:
            result = {"failed": True, "msg": f"the call ended without a result: {error!r}"}
        return dict(remove_values(result, secrets))

    def _answer(self, arguments: Mapping[str, Any], check_mode: bool) -> dict[str, Any]:
        checked = ArgumentSpecValidator(argument_spec(self.OPTIONS)).validate(arguments)
        if checked.error_messages:
            return {"failed": True, "msg": "; ".join(checked.error_messages)}
        call = BodyCall(checked.validated_parameters, check_mode)
        return {**perform(call, type(self).BODY, self.WRITES), "warnings": call.warnings}


def _keep_from_system_proxies() -> None:
    """Take proxies from the environment only: macOS ends a forked process, as that of a task is, that asks
    the system for them.

    See https://docs.ansible.com/ansible/latest/reference_appendices/faq.html (macOS as a control node).
    """
    if sys.platform == "darwin" and not getproxies_environment():
        os.environ["no_proxy"] = "*"


def with_whole_paths(members: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """The options with paths from where the play was started: a module runs in the folder of the playbook."""
    return {
        host: {name: whole_path(name, value) for name, value in options.items()}
        for host, options in members.items()
    }


def whole_path(name: str, value: Any) -> Any:
    """The value of one option; ``ledger`` can be the address of a database, too, or empty."""
    return (
        os.path.abspath(os.path.expanduser(value))
        if name in PATHS and value and isinstance(value, str) and "://" not in value
        else value
    )
