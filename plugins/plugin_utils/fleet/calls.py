# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Module calls within one task: one for each group of hosts, side by side, by the Python of this process."""

from __future__ import annotations

import contextvars
import os
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ansible import context
from ansible.plugins.action import ActionBase

from .groups import Group
from .processes import ended_with_task
from .run_state import run_folder
from .values import evaluate

PATHS = ("ledger", "events", "ca_path")


class Unshown(dict[str, Any]):
    """Arguments of a module that can hold secrets: ansible-core writes them, as they are, into its debug
    output.
    """

    def __repr__(self) -> str:
        return f"<{len(self)} arguments, not shown>"


class CallingAction(ActionBase):
    """Base of the tasks that call a module for groups of hosts; a subclass names the module."""

    BYPASS_HOST_LOOP = True
    _requires_connection = False
    MODULE = ""

    def _members(
        self, task_vars: Mapping[str, Any], variable: str, hosts: Sequence[str]
    ) -> dict[str, dict[str, Any]]:
        """The options of each host. Raises FleetError for a host that has none."""
        return with_whole_paths(evaluate(self, task_vars, hosts, variable, self.MODULE))

    def _call_all(
        self, groups: list[Group], task_vars: dict[str, Any], rehearse: bool = False
    ) -> list[dict[str, Any]]:
        """One module call for each group, at the same time as far as there are forks: they wait for different
        providers.
        """
        calls = [self._prepared(group, rehearse) for group in groups]
        if len(calls) < 2:
            with ended_with_task():
                return [_outcome(call, task_vars) for call in calls]
        with ended_with_task(), ThreadPoolExecutor(min(len(calls), context.CLIARGS["forks"])) as pool:
            # Each thread gets the context of this one: newer ansible-core keeps the task's state in it.
            runs = [pool.submit(contextvars.copy_context().run, _outcome, call, task_vars) for call in calls]
            return [run.result() for run in runs]

    def _prepared(self, group: Group, rehearse: bool) -> ActionBase:
        """The usual way to run a module, with a local connection of its own."""
        task = self._task.copy()
        task.action = self.MODULE
        task.args = Unshown(group.arguments)
        task.delegate_to = None
        # What a module leaves when it is killed goes with the run.
        task.environment = [*(task.environment or ()), {"TMPDIR": run_folder()}]
        task.check_mode = self._task.check_mode or rehearse
        loaders = self._shared_loader_obj
        connection = loaders.connection_loader.get("ansible.builtin.local", self._play_context)
        # The module comes through a pipe and not from a file, in which its arguments would stand.
        connection.set_options(direct={"pipelining": True})
        return loaders.action_loader.get(
            "ansible.legacy.normal",
            task=task,
            connection=connection,
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=loaders,
        )


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


def _outcome(call: ActionBase, task_vars: Mapping[str, Any]) -> dict[str, Any]:
    """The result of a call by the Python of this process: the hosts' interpreter is for the hosts.

    What goes wrong with a call is its own failure: the others may have wiped something, which must be told.
    """
    try:
        return dict(call.run(task_vars={**task_vars, "ansible_python_interpreter": sys.executable}))
    except Exception as error:
        return {"failed": True, "msg": f"the call ended without a result: {error}"}
