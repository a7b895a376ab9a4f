# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Log in to all hosts of a batch within one task, each over its own connection, and ask the systems who they
are.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible import context
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils.core.text import some
from ..plugin_utils.fleet.groups import FleetError
from ..plugin_utils.fleet.play import refuse_run_once
from ..plugin_utils.fleet.processes import ended_with_task
from ..plugin_utils.fleet.run_state import NOTHING_SENT, have_said, run_folder, said_if_stopped
from ..plugin_utils.fleet.sealed import unseal
from ..plugin_utils.proof.expectation import ANY, BOOT, EXPECTATIONS, INSTALLATION, Expectation
from ..plugin_utils.proof.rounds import Rounds, Task
from ..plugin_utils.proof.shells import open_shells
from ..plugin_utils.proof.visit import Answer
from ..plugin_utils.proof.visits import PROVEN, Visits, silence
from ..plugin_utils.text.overview import Entry, kinds_of
from ..plugin_utils.text.screen import show
from ..plugin_utils.text.words import counted, duration

REGISTERED = ("rows_from", "before_from", "earlier_from")
# Where hosts are proven, the task before has said how to go on.
LAST_WORDS = {
    ANY: NOTHING_SENT,
    BOOT: "\nThe run was interrupted. The hosts were rebooted, but not all were logged in to again.\n",
    INSTALLATION: "",
}
NO_END = "its shell did not finish in time"

display = Display()


class ActionModule(ActionBase):
    """Runs once, with as many connections at a time as there are forks.

    A host that cannot be logged in to fails nothing.
    """

    BYPASS_HOST_LOOP = True
    _requires_connection = False

    _late: Sequence[str] = ()
    ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
        "login_from": {"type": "str", "required": True},
        "rows_from": {"type": "str"},
        "plan_from": {"type": "str"},
        "before_from": {"type": "str"},
        "earlier_from": {"type": "str"},
        "patience": {"type": "float", "default": 0.0},
        "wants": {"type": "str", "choices": [ANY, INSTALLATION, BOOT], "default": ANY},
        "unreachable": {"type": "str", "choices": ["continue", "refuse"], "default": "continue"},
        "progress": {"type": "float", "default": 30.0},
    }

    def run(self, tmp: None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """``hosts``: what each host said; ``silent``: those that did not answer."""
        task_vars = task_vars or {}
        result: dict[str, Any] = super().run(tmp, task_vars)
        refuse_run_once(self)
        _unused, arguments = self.validate_argument_spec(dict(self.ARGUMENTS))
        result.update(changed=False, hosts={}, silent=[], late=[], came_late=[])
        if self._task.check_mode:
            return {**result, "skipped": True}
        rows, before, earlier = (task_vars.get(arguments[name] or "", {}) for name in REGISTERED)
        expectations = EXPECTATIONS[arguments["wants"]](task_vars["ansible_play_batch"], rows, before)
        if earlier:
            expectations = {host: expectations[host] for host in earlier["late"]}
            result.update(came_late=list(expectations))
        with said_if_stopped(LAST_WORDS[arguments["wants"]]):
            answers = self._answers(task_vars, arguments, expectations)
        if arguments["wants"] == ANY:
            self._name(answers, arguments["unreachable"] == "refuse")
        new_rows = {host: answer.row for host, answer in answers.items()}
        result.update(hosts={**earlier.get("hosts", {}), **new_rows}, silent=silent_of(answers))
        result.update(late=list(self._late))
        return result

    def _answers(
        self, task_vars: dict[str, Any], arguments: Mapping[str, Any], expectations: Mapping[str, Expectation]
    ) -> dict[str, Answer]:
        """The last answer of each host that is logged in to."""
        what = arguments["wants"]
        try:
            with (
                ended_with_task(),
                tempfile.TemporaryDirectory(prefix="host-keys-", dir=run_folder()) as folder,
            ):
                visits = Visits(folder, _rows(task_vars, arguments), _ledgers(task_vars, arguments))
                shells = open_shells(self, task_vars, list(expectations), arguments["login_from"])
                last = self._visit(
                    visits,
                    visits.arrivals(shells, expectations),
                    len(expectations),
                    arguments["progress"],
                    arguments["patience"],
                )
        except FleetError as error:
            if what == ANY:
                raise AnsibleActionFail(str(error)) from error
            # The hosts were reset or rebooted, and what became of them has to be shown.
            return {host: silence(what, str(error)) for host in expectations}
        for problem in visits.note(
            [host for host, answer in visits.answers.items() if answer.proof in PROVEN]
        ):
            display.warning(problem)
        answers = {**visits.answers, **last}
        return {host: answers[host] or silence(what, NO_END) for host in expectations if host in answers}

    def _visit(
        self,
        visits: Visits,
        arrivals: Iterator[tuple[str, Task]],
        hosts: int,
        progress: float,
        patience: float,
    ) -> dict[str, Any]:
        """Visit all hosts. Keys are kept as soon as hosts are proven: a run that is killed later has them."""

        def take(ready: Mapping[str, Answer]) -> None:
            for problem in visits.keep(ready):
                display.warning(problem)

        workers = min(context.CLIARGS["forks"], hosts)
        rounds = Rounds(workers, take, Waiting(hosts, progress).tell, patience)
        last = rounds.run(arrivals)
        self._late = rounds.left if patience else []
        return last

    def _name(self, answers: Mapping[str, Answer], refuse: bool) -> None:
        """Say before anything is wiped who cannot be logged in to: nobody will see whether the reset was a
        good one.
        """
        silent = silent_of(answers)
        if not silent:
            return
        kinds = kinds_of((Entry("", answers[host].problem, host, (host,)) for host in silent), ())
        lines = [f"{some([entry.name for entry in kind.entries])}: {kind.why}" for kind in kinds]
        hosts = counted(len(answers), "host")
        text = f"{len(silent)} of {hosts} cannot be logged in to: {'; '.join(lines)}"
        if refuse:
            have_said()
            raise AnsibleActionFail(f"rebuild_unreachable: nothing was sent, since {text}")
        display.warning(text)


def _rows(task_vars: Mapping[str, Any], arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    return dict((task_vars.get(arguments["rows_from"] or "") or {}).get("hosts") or {})


def _ledgers(task_vars: Mapping[str, Any], arguments: Mapping[str, Any]) -> dict[str, str | None]:
    """The ledger of each host, as it was evaluated for the plan; it can hold a password and is in no other
    result.
    """
    plan = task_vars.get(arguments["plan_from"] or "") or {}
    return {host: options.get("ledger") for host, options in (unseal(plan.get("sealed")) or {}).items()}


def silent_of(answers: Mapping[str, Answer]) -> list[str]:
    """The hosts that could not be logged in to."""
    return [host for host, answer in answers.items() if answer.look is None]


class Waiting:
    """A line now and then that says how far the fleet is."""

    def __init__(self, asked: int, interval: float) -> None:
        self._asked, self._interval = asked, interval
        self._began = self._shown = time.monotonic()

    def tell(self, waiting: Mapping[str, Answer | None]) -> None:
        """Show the line when it is time for one."""
        now = time.monotonic()
        if not self._interval or not waiting or now - self._shown < self._interval:
            return
        self._shown = now
        problem = next((answer.problem for answer in waiting.values() if answer), "")
        done, elapsed = self._asked - len(waiting), duration(now - self._began)
        show(f"Logging in: {done} of {self._asked} done, {elapsed}, still to come: {some(waiting, most=3)}")
        if problem:
            show(f"  {problem}")
