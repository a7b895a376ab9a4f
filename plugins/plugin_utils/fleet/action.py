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

from ..text.screen import show
from .calls import CallingAction, with_whole_paths
from .groups import (
    ID,
    LOGIN,
    LOGINS,
    FleetError,
    Group,
    group_hosts,
    login_of,
    name_run,
)
from .outcomes import IDLE
from .plan import bound, sealed_facts, stopped, systems_in
from .plan_text import plan_text
from .play import (
    check_own,
    check_secrets,
    earlier_result,
    host_variables,
    invocation,
    other_uses,
    refuse_run_once,
    registered_text,
    rehearses,
)
from .progress import Follower, Progress
from .rows import merged_rows, row_of_held_back
from .run_state import NOTHING_SENT, run_folder, said_if_stopped
from .sealed import seal, unseal
from .sources import hosts_of_unknown_accounts, say_whose_keys
from .task_files import TASK_FILES, take_task_files
from .values import options_of

# What is said by other variables where the role's own is not set: those of the inventory plugin, of a plan
# in the same workflow, and of Ansible.
OTHER_VARIABLES: Mapping[str, Sequence[str]] = {
    **{name: (f"instance_{name}",) for name in ("provider", "region", "endpoint", "profile")},
    ID: (ID,),
    "run_id": ("reforge_run_id",),
    "os_type": ("instance_os_type",),
    "connection": ("ansible_connection",),
    "port": ("ansible_port", "ansible_ssh_port"),
}
# What the hosts of the play and its plan say of a call, and no variable.
BY_PLAY = ("instance_ids", "instances", "facts")
# What the role says of an instance itself, besides the options that hosts can differ in.
ABOUT_INSTANCE = (ID, "expect_digest", "awaits_proof", "system_before")

Values = Mapping[str, Any]
Members = Mapping[str, dict[str, Any]]  # the options of each host


class FleetAction(CallingAction):
    """Base of the tasks that act on a fleet; a subclass names its module, its options and what the plan
    says it does.
    """

    DOES = ""
    ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
        "prefix": {"type": "str", "required": True},
        "plan_from": {"type": "str", "required": True},
        "progress": {"type": "float", "default": 30.0},
    }

    def check_files(self, arguments: Mapping[str, Any]) -> None:
        """Raise AnsibleActionFail for a file that cannot be left."""

    def approve(self, arguments: Mapping[str, Any], plan: dict[str, Any], continues: bool) -> None:
        """Show a new plan. Raise AnsibleActionFail if it may not be carried out. ``continues``: a run that
        has begun.
        """
        self.show(plan)

    def announce(self, arguments: Values, plan: Values, task_vars: Values) -> None:
        """Say what is left to do should the run be stopped before the next call."""

    def begin(
        self, arguments: Mapping[str, Any], plan: Mapping[str, Any], task_vars: Mapping[str, Any]
    ) -> None:
        """Do what has to be done before anything is sent."""

    def prepare(self, task_vars: Values, members: Members, plan: Values | None) -> dict[str, Any]:
        """Add to the options what is made for one call only, without a plan for a rehearsal. The result is
        kept beside the rows.
        """
        return {}

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
            merged = self._planned(task_vars, arguments)
        except FleetError as error:
            raise AnsibleActionFail(str(error)) from error
        return {
            **result,
            "play": invocation(self),
            "began_at": began_at,
            **merged,
            "seconds": round(time.monotonic() - began, 1),
        }

    def _planned(self, task_vars: dict[str, Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
        """What is planned, or in the real run carried out."""
        if not self._task.check_mode:
            return self._carry_out(task_vars, arguments)
        with said_if_stopped(NOTHING_SENT):
            plan = self._plan(task_vars, arguments)
        if plan["flow"] != "none":
            self.announce(arguments, plan, task_vars)
        return plan

    def _plan(self, task_vars: dict[str, Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Rehearse, and say whether the plan may be carried out. It is one for all batches, and is made once.

        All that can be wrong with the play is found here, before the first task of the user, login or write.
        """
        ready = earlier_result(self, task_vars, arguments["plan_from"])
        if ready:
            return ready
        check_secrets(task_vars)
        members = self._evaluated(task_vars, arguments)
        run_id, continues = name_run(members, arguments["prefix"])
        sealed = seal(members)
        folders = (str(task_vars.get("playbook_dir") or "."), os.getcwd())
        task_files = take_task_files(members, arguments["prefix"], folders)
        self.prepare(task_vars, members, None)
        groups = self._groups(members)
        self.check_files(arguments)
        answers = self._call_all(groups, rehearse=True)
        plan = merged_rows(groups, answers)
        lost = hosts_of_unknown_accounts(plan["hosts"], members)
        say_whose_keys(plan["hosts"], dict(host_variables(self, task_vars, lost)), arguments["prefix"])
        facts = sealed_facts(groups, answers)
        plan.update(sealed=sealed, facts=facts, task_files=task_files, run_id=run_id)
        self.approve(arguments, plan, continues)
        plan["flow"] = "none" if rehearses(self) else _flow(plan, bool(task_files))
        return {**plan, "uses": other_uses(self, task_vars, arguments["plan_from"])}

    def _evaluated(
        self, task_vars: Mapping[str, Any], arguments: Mapping[str, Any]
    ) -> dict[str, dict[str, Any]]:
        """The options of each host of the play by its variables, with its ``login``. Raises FleetError."""
        variables = {
            name: (f"{arguments['prefix']}{name}", *OTHER_VARIABLES.get(name, ()))
            for name in dict.fromkeys((ID, *self.OPTIONS, *LOGINS, *TASK_FILES))
            if name not in BY_PLAY
        }
        hosts = task_vars["ansible_play_hosts"]
        members = with_whole_paths(options_of(self, task_vars, hosts, self.MODULE, variables))
        for host, options in members.items():
            login = login_of(host, {name: options.pop(name) for name in LOGINS if name in options})
            if login:
                check_own(self, host, login)
            options[LOGIN] = login or {"ssh": False}
        return members

    def _groups(self, members: Mapping[str, Mapping[str, Any]]) -> list[Group]:
        own = [name for name in self.OPTIONS["instances"]["options"] if name not in ABOUT_INSTANCE]
        return group_hosts(members, own)

    def show(self, plan: Mapping[str, Any]) -> None:
        """Show the plan."""
        show(plan_text(plan, self.DOES))

    def _carry_out(self, task_vars: dict[str, Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Call the modules for the batch, each host bound to what was planned, and show how far they are."""
        plan = self._plan_of_play(task_vars, arguments["plan_from"])
        members = self._planned_options(task_vars, plan)
        held_name = arguments.get("held_back_from")
        held_back = registered_text(task_vars, held_name, list(members)) if held_name else {}
        waiting = {host: row for host, row in plan["hosts"].items() if row.get("held") and host in members}
        sent = {host: member for host, member in members.items() if host not in {*held_back, *waiting}}
        extras = self.prepare(task_vars, sent, plan)
        groups = self._groups(sent)
        self.begin(arguments, plan, task_vars)
        merged = merged_rows(groups, self._answers(groups, plan, task_vars, arguments))
        for host, reason in held_back.items():
            merged["hosts"][host] = row_of_held_back(members[host], reason)
        merged["hosts"].update(waiting)
        return {**merged, **extras}

    def _plan_of_play(self, task_vars: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        """The plan of this play. Raises AnsibleActionFail without it."""
        plan: Mapping[str, Any] = task_vars.get(name) or {}
        if "hosts" not in plan or plan.get("play") != invocation(self):
            raise AnsibleActionFail(
                f"plan_from: no plan is registered as {name!r} in this play: plan first, in check mode; "
                "a when on the role must be true for the first host of the play"
            )
        return plan

    def _planned_options(
        self, task_vars: Mapping[str, Any], plan: Mapping[str, Any]
    ) -> dict[str, dict[str, Any]]:
        """The options of the batch's hosts as they were planned. Who is not in the plan was left out, and
        is left alone.
        """
        sealed = unseal(plan["sealed"])
        if sealed is None:
            raise AnsibleActionFail("plan_from: the plan belongs to another run and cannot be used")
        batch = [host for host in task_vars["ansible_play_batch"] if host in plan["hosts"]]
        return {
            host: {name: value for name, value in sealed[host].items() if name not in TASK_FILES}
            for host in batch
        }

    def _answers(
        self,
        groups: Sequence[Group],
        plan: Mapping[str, Any],
        task_vars: dict[str, Any],
        arguments: Mapping[str, Any],
    ) -> list[Mapping[str, Any]]:
        """The answers of all groups: of those that are not sent, and of the calls, while which lines are
        shown.
        """
        answers = {number: stopped(plan, group) for number, group in enumerate(groups)}
        sent = [number for number, answer in answers.items() if answer is None]
        logs_in = "awaits_proof" in self.OPTIONS["instances"]["options"]
        systems = systems_in(task_vars.get(arguments.get("before_from") or ""))
        with tempfile.TemporaryDirectory(prefix="events-", dir=run_folder()) as folder:
            calls = []
            for number in sent:
                group = bound(plan, groups[number], logs_in, systems)
                events = {"events": os.path.join(folder, str(number))}
                calls.append(replace(group, options={**events, **group.options}))
            followers = [
                Follower(call.name, call.options["events"], set(call.hosts.values())) for call in calls
            ]
            with Progress(followers, arguments["progress"], show):
                answers.update(zip(sent, self._call_all(calls)))
            self.end(arguments, sorted({str(call.options["events"]) for call in calls}))
        return [answer or {} for answer in answers.values()]


def _flow(plan: Mapping[str, Any], hooks: bool) -> str:
    """What there is to do for any host besides the calls: the name of a file of tasks, flow_<name>.yml."""
    rows = plan["hosts"].values()
    ssh = any(row["ssh"] and (row["verdict"] not in (*IDLE, None) or row.get("to_prove")) for row in rows)
    return "hooks" if hooks else "systems" if ssh else "instances"
