# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""One task for all hosts of a batch: what is planned, what is sent of it, and the row of each host."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.utils.display import Display

from ...module_utils.commands.options import RESET_TARGETS
from ..text.table import table
from .calls import CallingAction, with_whole_paths
from .groups import (
    ID,
    INSTANCE_OPTIONS,
    LOGIN,
    LOGINS,
    FleetError,
    Group,
    error_of,
    group_hosts,
    login_of,
    plan_name,
    row_of_none,
    rows_of,
)
from .outcomes import IDLE
from .plan import PlanChange, promised, still_as_planned
from .play import (
    check_own,
    earlier,
    invocation,
    options_of,
    refuse_run_once,
    registered_text,
    rehearses,
)
from .progress import Follower, Progress
from .sealed import seal, unseal
from .task_files import TASK_FILES, take_task_files

# What is said by other variables where the role's own is not set: those of the inventory plugin, and of Ansible.
OTHER_VARIABLES: Mapping[str, Sequence[str]] = {
    **{name: (f"instance_{name}",) for name in ("provider", "region", "endpoint", "profile")},
    ID: (ID,),
    "os_type": ("instance_os_type",),
    "connection": ("ansible_connection",),
}

display = Display()


class FleetAction(CallingAction):
    """Base of the tasks that act on a fleet; a subclass names its module, its options and what the plan says it does."""

    DOES = ""
    OPTIONS: Sequence[str] = ()
    ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
        "prefix": {"type": "str", "required": True},
        "progress": {"type": "float", "default": 30.0},
    }

    def check_files(self, arguments: Mapping[str, Any]) -> None:
        """Raise AnsibleActionFail for a file that cannot be left."""

    def approve(self, arguments: Mapping[str, Any], plan: dict[str, Any]) -> None:
        """Raise AnsibleActionFail for a new plan that may not be carried out."""

    def begin(
        self, arguments: Mapping[str, Any], plan: Mapping[str, Any] | None, task_vars: Mapping[str, Any]
    ) -> None:
        """Do what has to be done before anything is sent."""

    def prepare(
        self,
        task_vars: Mapping[str, Any],
        members: Mapping[str, dict[str, Any]],
        plan: Mapping[str, Any] | None,
    ) -> dict[str, Any]:
        """Add to the options what is made for one call only, without a plan for a rehearsal. The result is kept beside the rows."""
        return {}

    def end(self, arguments: Mapping[str, Any], events: Sequence[str]) -> None:
        """Take what is wanted of the calls' events files before they are removed."""

    def mark(self, arguments: Mapping[str, Any], plan: dict[str, Any]) -> None:
        """Add to a new plan what only this kind of task knows."""

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
        """Rehearse, and say whether the plan may be carried out. One that is registered is for all batches: it is made once.

        All that can be wrong with the play is found here, before the first task of the user, login or write.
        """
        name = arguments.get("plan_from")
        made = earlier(self, task_vars, name) if name else None
        if made:
            return made
        members = self._evaluated(
            task_vars, arguments, task_vars["ansible_play_hosts" if name else "ansible_play_batch"]
        )
        sealed = seal(members)
        folders = (str(task_vars.get("playbook_dir") or "."), os.getcwd())
        task_files = take_task_files(members, arguments["prefix"], folders)
        self.prepare(task_vars, members, None)
        groups = self._groups(members)
        self.check_files(arguments)
        plan = _merged(groups, self._call_all(groups, task_vars, rehearse=True))
        self.mark(arguments, plan)
        plan.update(sealed=sealed, task_files=task_files, flow=_flow(plan, bool(task_files)))
        self._show(plan, len(groups))
        if rehearses(self):
            plan["flow"] = "none"
        else:
            self.approve(arguments, plan)
        return plan

    def _evaluated(
        self, task_vars: Mapping[str, Any], arguments: Mapping[str, Any], hosts: Sequence[str]
    ) -> dict[str, dict[str, Any]]:
        """The options of each host by its variables, with its ``login``. Raises FleetError."""
        variables = {
            name: (f"{arguments['prefix']}{name}", *OTHER_VARIABLES.get(name, ()))
            for name in dict.fromkeys((ID, *self.OPTIONS, *LOGINS, *TASK_FILES))
            if name not in RESET_TARGETS
        }
        members = with_whole_paths(options_of(self, task_vars, hosts, self.MODULE, variables))
        for host, options in members.items():
            login = login_of(host, {name: options.pop(name) for name in LOGINS if name in options})
            if login:
                check_own(self, host, login)
            options[LOGIN] = login or {"ssh": False}
        return members

    def _groups(self, members: Mapping[str, Mapping[str, Any]]) -> list[Group]:
        return group_hosts(members, INSTANCE_OPTIONS if "instances" in self.OPTIONS else ())

    def _show(self, plan: Mapping[str, Any], calls: int) -> None:
        rows = plan["hosts"]
        display.display(
            f"\nPlan {plan['plan_id']}: {plan['count']} of {len(rows)} hosts {self.DOES}, by {calls} calls\n"
        )
        shown = [_planned(host, row) for host, row in rows.items()]
        display.display(table(("HOST", "INSTANCE", "VERDICT", "IMAGE NOW", "WHY"), shown) + "\n")

    def _carry_out(self, task_vars: dict[str, Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Call the modules for the batch, each bound to what was planned, and show how far they are."""
        plan = self._planned(task_vars, arguments)
        members = self._taken(task_vars, arguments, plan)
        held_name = arguments.get("held_back_from")
        held = registered_text(task_vars, held_name, list(members)) if held_name else {}
        sent = {host: member for host, member in members.items() if host not in held}
        kept = self.prepare(task_vars, sent, plan)
        groups = self._groups(sent)
        stopped: dict[int, Mapping[str, Any]] = {}
        if plan is not None:
            groups, stopped = self._bound(groups, plan, task_vars)
        self.begin(arguments, plan, task_vars)
        answers = self._sent(groups, stopped, task_vars, arguments)
        merged = _merged(groups, answers)
        for host, reason in held.items():
            merged["hosts"][host] = _held_back(members[host], reason)
        for host, row in merged["hosts"].items() if plan else ():
            row["unproven"] = bool(plan["hosts"][host].get("unproven")) and row["outcome"] == "unchanged"
        return {**merged, **kept}

    def _planned(
        self, task_vars: Mapping[str, Any], arguments: Mapping[str, Any]
    ) -> Mapping[str, Any] | None:
        """The plan, where one is needed. Raises AnsibleActionFail without it."""
        name = arguments.get("plan_from")
        if not name:
            return None
        plan: Mapping[str, Any] = task_vars.get(name) or {}
        if "hosts" not in plan or plan.get("play") != invocation(self):
            raise AnsibleActionFail(
                f"plan_from: this play has no plan registered as {name!r}: make it first, in check mode; "
                "a when on the role has to hold for the first host of the play"
            )
        return plan

    def _taken(
        self, task_vars: Mapping[str, Any], arguments: Mapping[str, Any], plan: Mapping[str, Any] | None
    ) -> dict[str, dict[str, Any]]:
        """The options of the batch's hosts as they were planned. Who is not in the plan was left out, and is left alone."""
        batch = task_vars["ansible_play_batch"]
        sealed: Mapping[str, dict[str, Any]] | None = unseal(plan.get("sealed")) if plan else None
        if sealed is None:
            sealed = self._evaluated(task_vars, arguments, batch)
        members = {host: sealed[host] for host in batch if host in (plan["hosts"] if plan else sealed)}
        for options in members.values():
            for name in TASK_FILES:
                options.pop(name, None)
        return members

    def _sent(
        self,
        groups: Sequence[Group],
        stopped: Mapping[int, Mapping[str, Any]],
        task_vars: dict[str, Any],
        arguments: Mapping[str, Any],
    ) -> list[Mapping[str, Any]]:
        """The answers of all groups: of those that are stopped before, and of the calls, while which lines are shown."""
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
        return [answers[number] for number in range(len(groups))]

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


def _flow(plan: Mapping[str, Any], hooks: bool) -> str:
    """What there is to do for any host besides the calls: the name of a file of tasks, flow_<name>.yml."""
    rows = plan["hosts"].values()
    ssh = any(row["ssh"] and (row["verdict"] not in (*IDLE, None) or row.get("unproven")) for row in rows)
    return "hooks" if hooks else "systems" if ssh else "instances"


def _held_back(member: Mapping[str, Any], reason: str) -> dict[str, Any]:
    """The row of a host that is not sent."""
    row = row_of_none(str(member.get(ID)), f"nothing was sent: {reason}", error_of("HELD_BACK", reason))
    return {**row, "group": "", "ssh": False, "wanted": member.get("image_id")}


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
