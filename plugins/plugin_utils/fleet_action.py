# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""One task for all hosts of a batch: a module call for each group of hosts, side by side."""

from __future__ import annotations

import contextvars
import os
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet import FleetError, Group, group_hosts, plan_name, rows_of
from ansible_collections.reforge.cloud.plugins.plugin_utils.hosts import evaluate
from ansible_collections.reforge.cloud.plugins.plugin_utils.progress import Follower, Progress
from ansible_collections.reforge.cloud.plugins.plugin_utils.table import table

IDLE = ("refuse", "unchanged", None)  # verdicts after which nothing is sent

display = Display()


class FleetAction(ActionBase):
    """Base of the tasks that act on a fleet; a subclass names its module and what the plan says it does."""

    BYPASS_HOST_LOOP = True
    _requires_connection = False
    MODULE = ""
    DOES = ""
    ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
        "options_from": {"type": "str", "required": True},
        "plan": {"type": "dict"},
        "progress": {"type": "float", "default": 30.0},
        "keep_events": {"type": "path"},
    }

    def check(self, arguments: Mapping[str, Any]) -> None:
        """Raise AnsibleActionFail if the real run may not begin."""

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The result with ``hosts``, a row for each. It fails only when nothing could be decided at all."""
        task_vars = task_vars or {}
        result: dict[str, Any] = super().run(tmp, task_vars)
        _unused, arguments = self.validate_argument_spec(dict(self.ARGUMENTS))
        began, began_at = time.monotonic(), time.time()
        try:
            groups = group_hosts(self._members(task_vars, arguments["options_from"]))
        except FleetError as error:
            raise AnsibleActionFail(str(error)) from error
        if self._task.check_mode:
            answers = self._call_all(groups, task_vars)
        else:
            self.check(arguments)
            answers = self._carry_out(groups, task_vars, arguments)
        merged = _merged(groups, answers)
        if self._task.check_mode:
            display.display(f"\nPlan {merged['plan_id']}: {merged['count']} of {len(merged['hosts'])} hosts {self.DOES}\n")
            shown = [_planned(host, row) for host, row in merged["hosts"].items()]
            display.display(table(("HOST", "INSTANCE", "VERDICT", "IMAGE NOW", "WHY"), shown) + "\n")
        return {**result, **merged, "began_at": began_at, "seconds": round(time.monotonic() - began, 1)}

    def _members(self, task_vars: Mapping[str, Any], variable: str) -> dict[str, dict[str, Any]]:
        values = evaluate(self, task_vars, list(task_vars["ansible_play_batch"]), variable)
        for host, value in values.items():
            if not isinstance(value, dict):
                raise AnsibleActionFail(f"options_from: variable {variable!r} is no dictionary for host {host}")
        return values

    def _carry_out(
        self, groups: list[Group], task_vars: dict[str, Any], arguments: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Call the modules and show how far they are, from the events that they write.

        A group whose plan could not be made is not called: nobody has seen, or confirmed, what would be done.
        """
        plan: Mapping[str, Any] | None = arguments["plan"]
        with tempfile.TemporaryDirectory(prefix="reforge-events-") as folder:
            calls: dict[int, Group] = {}
            for number, group in enumerate(groups):
                options = {"events": os.path.join(folder, str(number)), **group.options}
                if plan is not None:
                    options["expect_plan"] = plan["plan_ids"].get(group.name)
                if plan is None or options["expect_plan"]:
                    calls[number] = replace(group, options=options)
            followers = [Follower(one.name, one.options["events"], set(one.hosts.values())) for one in calls.values()]
            with Progress(followers, arguments["progress"], display.display):
                answers = dict(zip(calls, self._call_all(list(calls.values()), task_vars)))
            if arguments["keep_events"]:
                _keep(arguments["keep_events"], sorted({str(call.options["events"]) for call in calls.values()}))
        unplanned = {"failed": True, "msg": "its plan could not be made, so nothing was sent"}
        return [answers.get(number) or _why_unplanned(group, plan) or unplanned for number, group in enumerate(groups)]

    def _call_all(self, groups: list[Group], task_vars: dict[str, Any]) -> list[dict[str, Any]]:
        """One module call for each group, all at the same time: they wait for different providers."""
        calls = [self._prepared(group) for group in groups]
        if len(calls) < 2:
            return [call.run(task_vars=task_vars) for call in calls]
        with ThreadPoolExecutor(len(calls)) as pool:
            # Each thread gets the context of this one: newer ansible-core keeps the task's state in it.
            runs = [pool.submit(contextvars.copy_context().run, call.run, None, task_vars) for call in calls]
            return [run.result() for run in runs]

    def _prepared(self, group: Group) -> ActionBase:
        """The usual way to run a module, with a local connection of its own."""
        task = self._task.copy()
        task.action = self.MODULE
        task.args = group.arguments
        task.delegate_to = None
        loaders = self._shared_loader_obj
        return loaders.action_loader.get(
            "ansible.legacy.normal",
            task=task,
            connection=loaders.connection_loader.get("ansible.builtin.local", self._play_context),
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=loaders,
        )


def _keep(path: str, written: list[str]) -> None:
    """Put the events of all calls into one file."""
    try:
        with open(path, "w", encoding="utf-8") as kept:
            for name in written:
                if os.path.exists(name):
                    with open(name, encoding="utf-8") as file:
                        kept.write(file.read())
    except OSError as error:
        raise AnsibleActionFail(f"keep_events: {path!r} cannot be written: {error.strerror}") from error


def _why_unplanned(group: Group, plan: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What the plan's own failure was, for the rows of the group's hosts."""
    rows = (plan or {}).get("hosts") or {}
    row = next((rows[host] for host in group.hosts if host in rows), None)
    return None if row is None else {"failed": True, "msg": row["message"], "error": row["error"]}


def _merged(groups: list[Group], answers: list[dict[str, Any]]) -> dict[str, Any]:
    rows: dict[str, dict[str, Any]] = {}
    for group, answer in zip(groups, answers):
        rows.update(rows_of(group, answer))
        for warning in answer.get("warnings") or ():
            display.warning(f"{group.name}: {warning}")
    places = {host: place for group in groups for host, place in group.places.items() if place}
    plan_ids = {group.name: answer["plan_id"] for group, answer in zip(groups, answers) if answer.get("plan_id")}
    return {
        "changed": any(row["changed"] for row in rows.values()),
        "hosts": rows,
        "plan_ids": plan_ids,
        "plan_id": plan_name(plan_ids),
        "count": sum(row["verdict"] not in IDLE for row in rows.values()),
        "calls": len(groups),
        "new_systems": [place for host, place in places.items() if rows[host]["outcome"] == "reset"],
    }


def _planned(host: str, row: Mapping[str, Any]) -> tuple[object, ...]:
    image = (row["before"] or {}).get("image")
    return host, row["instance_id"], row["verdict"] or "failed", image, row["message"]
