# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""New passwords by runs that are killed at any moment: no instance stays off, and under a run id the password
is set once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS as ALL
from ansible_collections.reforge.cloud.plugins.module_utils.core.message import Reply, Request
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Verb
from emulator.model import Instance
from histories.stage import Killed, Stage

STOPPING = [
    name for name, known in ALL.items() if known.password_change and not known.password_change.needs_agent
]
EVERY = pytest.mark.parametrize("provider", [name for name, known in ALL.items() if known.password_change])
NEEDS_STOP = pytest.mark.parametrize("provider", STOPPING)
NEW = "Bb2^bbbbbbbb"
MOST = 60  # requests of a call
PAUSES = (0.5, 45.0, 7200.0)


class Mortal(Stage):
    """A stage on which a run dies before its request of a number, if that is not 0."""

    left = 0

    def send(self, request: Request) -> Reply:
        """Send, or die."""
        self.left -= 1
        if self.left == 0:
            raise Killed
        return super().send(request)

    def change(self, **params: Any) -> Any:
        """A call for the new password."""
        return self.call("password", **{"password": NEW, "stop_first": True, **params})

    @property
    def truth(self) -> Instance:
        """The instance as it is."""
        found = self.fleet.look(self.ids[0])
        assert found
        return found

    @property
    def changes(self) -> int:
        """How many new passwords the vendor took on."""
        return len(
            [operation for operation in self.fleet.history(self.ids[0]) if operation.kind == "password"]
        )


@pytest.fixture
def stage(tmp_path: Any) -> Callable[..., Mortal]:
    """Makes a stage with one instance that runs."""
    numbers = iter(range(10**6))
    return lambda provider: Mortal(provider, str(tmp_path / f"ledger-{next(numbers)}.jsonl"))


def killed_before_each_request(stage: Callable[..., Mortal], provider: str) -> Iterator[Mortal]:
    """A stage for each request before which the call dies, and at last one on which it does not."""
    for number in range(1, MOST):
        world = stage(provider)
        world.left = number
        over = not world.change(run_id="night").killed
        world.left = 0
        world.sleep(PAUSES[number % len(PAUSES)])
        yield world
        if over:
            break


def killed_at_writes(stage: Callable[..., Mortal], provider: str, **params: Any) -> Iterator[Mortal]:
    """A stage for each write before or after which the call dies."""
    writes = [ALL[provider].writes[verb].name for verb in (Verb.STOP, Verb.PASSWORD, Verb.START)]
    for number, kill in enumerate(product(writes, ("before", "after"))):
        world = stage(provider)
        world.kill = kill
        if world.change(**params).killed:
            world.sleep(PAUSES[number % len(PAUSES)])
            yield world


@EVERY
def test_the_same_run_goes_on_wherever_it_was_killed(stage, provider):
    for world in (
        *killed_before_each_request(stage, provider),
        *killed_at_writes(stage, provider, run_id="night"),
    ):
        (row,) = world.change(run_id="night").rows.values()
        world.sleep(30)
        assert world.changes <= 1 and world.truth.status == "running", row
        assert row["outcome"] in ("password_set", "unchanged", "unknown"), row
        assert world.truth.login.password == NEW or row["outcome"] == "unknown", row


@EVERY
def test_a_call_without_a_run_id_sets_it_anew_and_leaves_nothing_off(stage, provider):
    for world in killed_at_writes(stage, provider):
        (row,) = world.change().rows.values()
        assert (row["outcome"], world.truth.status) == ("password_set", "running"), row
        assert world.truth.login.password == NEW


@NEEDS_STOP
def test_a_plan_says_who_stopped_it_and_that_it_is_started_again(stage, provider):
    world = stage(provider)
    world.kill = ("StopInstances", "after")
    assert world.change(run_id="night").killed
    world.sleep(60)
    (row,) = world.change(run_id="night", check=True).rows.values()
    assert "stopped since" in row["message"] and "start it again" in row["message"]
    assert (row["verdict"], world.truth.status) == ("password", "stopped")


@pytest.mark.parametrize("provider", [name for name in STOPPING if name != "zenlayer_vm"])
def test_what_was_done_and_left_off_is_started_again_and_counts_as_a_change(stage, provider):
    world = stage(provider)
    world.kill = ("StartInstances", "before")
    assert world.change(run_id="night").killed
    checked = world.change(run_id="night", check=True)
    assert [row["verdict"] for row in checked.rows.values()] == ["start"]
    again = world.change(run_id="night")
    (row,) = again.rows.values()
    assert (row["outcome"], row["reason"], row["changed"]) == ("unchanged", "done_in_run", True)
    assert (world.truth.status, world.changes) == ("running", 1)


@NEEDS_STOP
@pytest.mark.parametrize("days, status", [(0.5, "running"), (2, "stopped")])
def test_another_run_starts_again_only_what_was_stopped_lately(stage, provider, days, status):
    world = stage(provider)
    world.kill = ("StopInstances", "after")
    world.change(run_id="night")
    world.sleep(86400 * days)
    world.change(run_id="day")
    assert world.truth.status == ("running" if provider == "zenlayer_vm" else status)


@NEEDS_STOP
def test_what_somebody_stops_after_it_ran_again_is_left_off(stage, provider):
    world = stage(provider)
    world.kill = ("StopInstances", "after")
    world.change(run_id="night")
    world.sleep(60)
    assert world.somebody("start")
    world.sleep(60)
    world.change(run_id="night", wait=True)
    world.change(run_id="night")  # which sees it running, with nothing to do
    assert world.somebody("stop")
    world.sleep(60)
    (row,) = world.change(run_id="night").rows.values()
    assert (row["outcome"], row["changed"], world.truth.status) == ("unchanged", False, "stopped")
