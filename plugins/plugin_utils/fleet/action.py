# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""One task for all hosts of a batch: a module call for each group of hosts, side by side."""

from __future__ import annotations

import contextvars
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from ansible import context
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..text.table import table
from .groups import (
    ID,
    LOGIN,
    FleetError,
    Group,
    error_of,
    group_hosts,
    login_of,
    plan_name,
    row_of_none,
    rows_of,
    take_task_files,
)
from .outcomes import IDLE
from .plan import PlanChange, promised, still_as_planned
from .play import (
    check_own,
    earlier,
    evaluate,
    invocation,
    refuse_run_once,
    registered_text,
    rehearses,
)
from .progress import Follower, Progress

PATHS = ("ledger", "events", "ca_path")

display = Display()


class Unshown(dict[str, Any]):
    """Arguments of a module that can hold secrets: ansible-core writes them, as they are, into its debug output."""

    def __repr__(self) -> str:
        return f"<{len(self)} arguments, not shown>"


class FleetAction(ActionBase):
    """Base of the tasks that act on a fleet; a subclass names its module and what the plan says it does."""

    BYPASS_HOST_LOOP = True
    _requires_connection = False
    MODULE = ""
    DOES = ""
    ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
        "options_from": {"type": "str", "required": True},
        "progress": {"type": "float", "default": 30.0},
    }

    def mark(self, arguments: Mapping[str, Any], plan: dict[str, Any]) -> None:
        """Add to a new plan what only this kind of task knows."""

    def check(self, arguments: Mapping[str, Any], plan: Mapping[str, Any] | None) -> None:
        """Raise AnsibleActionFail if the real run may not begin."""

    def begin(
        self, arguments: Mapping[str, Any], plan: Mapping[str, Any] | None, task_vars: Mapping[str, Any]
    ) -> None:
        """Do what has to be done before anything is sent."""

    def end(self, arguments: Mapping[str, Any], events: Sequence[str]) -> None:
        """Take what is wanted of the calls' events files before they are removed."""

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The result with ``hosts``, a row for each. It fails only when nothing could be decided at all."""
        task_vars = task_vars or {}
        result: dict[str, Any] = super().run(tmp, task_vars)
        refuse_run_once(self)
        _unused, arguments = self.validate_argument_spec(dict(self.ARGUMENTS))
        began, began_at = time.monotonic(), time.time()
        try:
            if self._task.check_mode:
                merged = self._plan(task_vars, arguments)
            else:
                merged = self._carry_out(task_vars, arguments)
        except FleetError as error:
            raise AnsibleActionFail(str(error)) from error
        return {
            **result,
            "play": invocation(self),
            "began_at": began_at,
            **merged,
            "seconds": round(time.monotonic() - began, 1),
        }

    def _plan(self, task_vars: dict[str, Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Rehearse. A plan that is registered to be confirmed is one for all batches: it is made and shown once."""
        name = arguments.get("plan_from")
        made = earlier(self, task_vars, name) if name else None
        if made:
            return made
        hosts = task_vars["ansible_play_hosts" if name else "ansible_play_batch"]
        members = self._members(task_vars, arguments["options_from"], hosts)
        hooks = take_task_files(members)
        groups = group_hosts(members)
        merged = _merged(groups, self._call_all(groups, task_vars, rehearse=True))
        self.mark(arguments, merged)
        rows = merged["hosts"].values()
        ssh = any(row["ssh"] and (row["verdict"] not in (*IDLE, None) or row.get("unproven")) for row in rows)
        merged["steps"] = (
            "foretell" if rehearses(self) else "hooks" if hooks else "systems" if ssh else "instances"
        )
        display.display(
            f"\nPlan {merged['plan_id']}: {merged['count']} of {len(rows)} hosts {self.DOES}, by {len(groups)} calls\n"
        )
        shown = [_planned(host, row) for host, row in merged["hosts"].items()]
        display.display(table(("HOST", "INSTANCE", "VERDICT", "IMAGE NOW", "WHY"), shown) + "\n")
        return merged

    def _members(
        self, task_vars: Mapping[str, Any], variable: str, hosts: Sequence[str]
    ) -> dict[str, dict[str, Any]]:
        """The options of each host. Raises FleetError for a host that has none."""
        members = evaluate(self, task_vars, hosts, variable, self.MODULE)
        for host, options in members.items():
            login = login_of(host, options.get(LOGIN) or {"ssh": False})
            if login:
                check_own(self, host, login)
        return {
            host: {name: _whole(name, value) for name, value in options.items()}
            for host, options in members.items()
        }

    def _carry_out(self, task_vars: dict[str, Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Call the modules for the batch, each bound to what was planned, and show how far they are."""
        plan: Mapping[str, Any] | None = task_vars.get(arguments.get("plan_from") or "")
        self.check(arguments, plan)
        batch, held_name = task_vars["ansible_play_batch"], arguments.get("held_back_from")
        members = self._members(task_vars, arguments["options_from"], batch)
        if plan is not None:  # whoever is not in it was left out, and is left alone
            members = {host: options for host, options in members.items() if host in plan["hosts"]}
        take_task_files(members)
        held = registered_text(task_vars, held_name, list(members)) if held_name else {}
        groups = group_hosts({host: member for host, member in members.items() if host not in held})
        stopped: dict[int, Mapping[str, Any]] = {}
        if plan is not None:
            groups, stopped = self._bound(groups, plan, task_vars)
        self.begin(arguments, plan, task_vars)
        with tempfile.TemporaryDirectory(prefix="reforge-events-") as folder:
            calls = {
                number: replace(group, options={"events": os.path.join(folder, str(number)), **group.options})
                for number, group in enumerate(groups)
                if number not in stopped
            }
            followers = [
                Follower(one.name, one.options["events"], set(one.hosts.values())) for one in calls.values()
            ]
            with Progress(followers, arguments["progress"], display.display):
                answers = {**stopped, **dict(zip(calls, self._call_all(list(calls.values()), task_vars)))}
            self.end(arguments, sorted({str(call.options["events"]) for call in calls.values()}))
        merged = _merged(groups, [answers[number] for number in range(len(groups))])
        for host, reason in held.items():
            row = row_of_none(
                str(members[host].get(ID)), f"nothing was sent: {reason}", error_of("HELD_BACK", reason)
            )
            merged["hosts"][host] = {
                **row,
                "group": "",
                "ssh": False,
                "wanted": members[host].get("image_id"),
            }
        for host, row in merged["hosts"].items() if plan else ():
            row["unproven"] = bool(plan["hosts"][host].get("unproven")) and row["outcome"] == "unchanged"
        return merged

    def _bound(
        self, groups: list[Group], plan: Mapping[str, Any], task_vars: dict[str, Any]
    ) -> tuple[list[Group], dict[int, Mapping[str, Any]]]:
        """The groups with the id of the plan that they may carry out, and the answers for those that may not be sent.

        A batch is a part of the plan: it is rehearsed by itself, and goes on if that foretells what the plan did.
        """
        known = {number: promised(plan, group) for number, group in enumerate(groups)}
        parts = [number for number, answer in known.items() if answer is None]
        rehearsed = self._call_all([groups[number] for number in parts], task_vars, rehearse=True)
        for number, answer in zip(parts, rehearsed):
            try:
                known[number] = still_as_planned(plan, groups[number], answer)
            except PlanChange as change:
                known[number] = {"failed": True, "msg": str(change), "error": change.error}
        bound = [
            replace(group, options={**group.options, "expect_plan": (known[number] or {}).get("plan_id")})
            for number, group in enumerate(groups)
        ]
        return bound, {
            number: answer for number, answer in known.items() if answer and not answer.get("plan_id")
        }

    def _call_all(
        self, groups: list[Group], task_vars: dict[str, Any], rehearse: bool = False
    ) -> list[dict[str, Any]]:
        """One module call for each group, at the same time as far as there are forks: they wait for different providers."""
        calls = [self._prepared(group, rehearse) for group in groups]
        if len(calls) < 2:
            return [_outcome(call, task_vars) for call in calls]
        with ThreadPoolExecutor(min(len(calls), context.CLIARGS["forks"])) as pool:
            # Each thread gets the context of this one: newer ansible-core keeps the task's state in it.
            runs = [pool.submit(contextvars.copy_context().run, _outcome, call, task_vars) for call in calls]
            return [run.result() for run in runs]

    def _prepared(self, group: Group, rehearse: bool) -> ActionBase:
        """The usual way to run a module, with a local connection of its own."""
        task = self._task.copy()
        task.action = self.MODULE
        task.args = Unshown(group.arguments)
        task.delegate_to = None
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


def _whole(name: str, value: Any) -> Any:
    """A path from where the play was started: a module runs in the folder of the playbook."""
    return (
        os.path.abspath(os.path.expanduser(value))
        if name in PATHS and value and isinstance(value, str)
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


def _merged(groups: list[Group], answers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    rows: dict[str, dict[str, Any]] = {}
    for group, answer in zip(groups, answers):
        rows.update(rows_of(group, answer))
        for warning in answer.get("warnings") or ():
            display.warning(f"{group.name}: {warning}")
    plan_ids = {
        group.name: answer["plan_id"] for group, answer in zip(groups, answers) if answer.get("plan_id")
    }
    return {
        "changed": any(row["changed"] for row in rows.values()),
        "hosts": rows,
        "plan_ids": plan_ids,
        "plan_id": plan_name(plan_ids, groups),
        "count": sum(row["verdict"] not in (*IDLE, None) for row in rows.values()),
        "calls": len(groups),
    }


def _planned(host: str, row: Mapping[str, Any]) -> tuple[object, ...]:
    image = (row["before"] or {}).get("image")
    return host, row["instance_id"], row["verdict"] or "failed", image, row["message"]
