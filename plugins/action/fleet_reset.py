# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Reset all hosts of a batch within one task: a module call for each group of hosts, side by side."""

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

MODULE = "reforge.cloud.instance_reset"
WIPING = ("reset", "attach", "settle")

display = Display()


class ActionModule(ActionBase):
    """Runs once for all hosts of the batch."""

    BYPASS_HOST_LOOP = True
    _requires_connection = False

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The result with ``hosts``, a row for each. It fails only when nothing could be decided at all."""
        task_vars = task_vars or {}
        result: dict[str, Any] = super().run(tmp, task_vars)
        _unused, arguments = self.validate_argument_spec(
            {
                "options_from": {"type": "str", "required": True},
                "plan": {"type": "dict"},
                "confirm": {"type": "str"},
                "progress": {"type": "float", "default": 30.0},
            }
        )
        hosts = list(task_vars["ansible_play_batch"])
        try:
            groups = group_hosts(self._members(task_vars, hosts, arguments["options_from"]))
        except FleetError as error:
            raise AnsibleActionFail(str(error)) from error
        plan = arguments["plan"] or {}
        if not self._task.check_mode:
            _check_confirmation(plan, arguments["confirm"])
        began = time.monotonic()
        if self._task.check_mode:
            answers = self._call_all(groups, task_vars, {})
        else:
            answers = self._carry_out(groups, task_vars, plan, arguments["progress"])
        seconds = round(time.monotonic() - began, 1)
        return {**result, **_merged(groups, answers, self._task.check_mode), "seconds": seconds}

    def _members(self, task_vars: Mapping[str, Any], hosts: list[str], variable: str) -> dict[str, dict[str, Any]]:
        values = evaluate(self, task_vars, hosts, variable)
        for host, value in values.items():
            if not isinstance(value, dict):
                raise AnsibleActionFail(f"options_from: variable {variable!r} is no dictionary for host {host}")
        return values

    def _carry_out(
        self, groups: list[Group], task_vars: dict[str, Any], plan: Mapping[str, Any], interval: float
    ) -> list[dict[str, Any]]:
        """Call the modules and show how far they are, from the events that they write."""
        with tempfile.TemporaryDirectory(prefix="reforge-events-") as folder:
            followed = [
                replace(group, options={"events": os.path.join(folder, str(number)), **group.options})
                for number, group in enumerate(groups)
            ]
            followers = [Follower(one.name, one.options["events"], set(one.hosts.values())) for one in followed]
            with Progress(followers, interval, display.display):
                return self._call_all(followed, task_vars, plan.get("plan_ids") or {})

    def _call_all(
        self, groups: list[Group], task_vars: dict[str, Any], plan_ids: Mapping[str, str]
    ) -> list[dict[str, Any]]:
        """One module call for each group, all at the same time: they wait for different providers."""
        calls = [self._prepared(group, plan_ids) for group in groups]
        if len(calls) == 1:
            return [calls[0].run(task_vars=task_vars)]
        with ThreadPoolExecutor(len(calls) or 1) as pool:
            # Each thread gets the context of this one: newer ansible-core keeps the task's state in it.
            runs = [pool.submit(contextvars.copy_context().run, call.run, None, task_vars) for call in calls]
            return [run.result() for run in runs]

    def _prepared(self, group: Group, plan_ids: Mapping[str, str]) -> ActionBase:
        """The usual way to run a module, with a local connection of its own."""
        task = self._task.copy()
        task.action = MODULE
        task.args = {**group.arguments, "expect_plan": plan_ids.get(group.name)}
        task.delegate_to = None
        loaders = self._shared_loader_obj
        connection = loaders.connection_loader.get("ansible.builtin.local", self._play_context)
        return loaders.action_loader.get(
            "ansible.legacy.normal",
            task=task,
            connection=connection,
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=loaders,
        )


def _check_confirmation(plan: Mapping[str, Any], given: str | None) -> None:
    """Raises AnsibleActionFail unless the real run was confirmed by the number of hosts or the name of the plan."""
    count, plan_id = plan.get("count", 0), plan.get("plan_id")
    if count and str(given or "") not in (str(count), plan_id):
        raise AnsibleActionFail(
            f"rebuild_confirm: {given!r} does not confirm this plan, which wipes {count} hosts; "
            f"look at it with --check, then give rebuild_confirm={count}, or rebuild_confirm={plan_id}"
        )


def _merged(groups: list[Group], answers: list[dict[str, Any]], rehearsal: bool) -> dict[str, Any]:
    rows: dict[str, dict[str, Any]] = {}
    for group, answer in zip(groups, answers):
        rows.update(rows_of(group, answer))
        for warning in answer.get("warnings") or ():
            display.warning(f"{group.name}: {warning}")
    places = {host: place for group in groups for host, place in group.places.items() if place.get("address")}
    plan_ids = {group.name: answer["plan_id"] for group, answer in zip(groups, answers) if answer.get("plan_id")}
    merged = {
        "changed": any(row["changed"] for row in rows.values()),
        "hosts": rows,
        "plan_ids": plan_ids,
        "plan_id": plan_name(plan_ids),
        "count": sum(row["verdict"] in WIPING for row in rows.values()),
        "calls": len(groups),
        "new_systems": [place for host, place in places.items() if rows[host]["outcome"] == "reset"],
    }
    if rehearsal:
        headings = ("HOST", "INSTANCE", "VERDICT", "IMAGE NOW", "WHY")
        display.display(f"\nPlan {merged['plan_id']}: {merged['count']} of {len(rows)} hosts will be wiped\n")
        display.display(table(headings, [_planned(host, row) for host, row in rows.items()]) + "\n")
    return merged


def _planned(host: str, row: Mapping[str, Any]) -> tuple[object, ...]:
    image = (row["before"] or {}).get("image")
    return host, row["instance_id"], row["verdict"] or "failed", image, row["message"]
