# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a writing call does besides the writing: whom it tells of waits for a rate."""

from __future__ import annotations

import json

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.act import events
from ansible_collections.reforge.cloud.plugins.module_utils.act.events import Events
from ansible_collections.reforge.cloud.plugins.module_utils.api.rate_limits import RateWait
from ansible_collections.reforge.cloud.plugins.module_utils.commands.write import Order, write
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import CloudError
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Verb
from ansible_collections.reforge.cloud.plugins.module_utils.core.reason import Reason
from ansible_collections.reforge.cloud.plugins.module_utils.decide.facts import Facts, unchanged
from ansible_collections.reforge.cloud.plugins.module_utils.decide.work_item import Goal

WAIT = RateWait("ResetInstance", 10, 12.0, 1_760_000_012.0)


class Call:
    """A module's call as its body sees it."""

    def __init__(self, events, check_mode=False):
        self.params = {
            "on_refusal": "stop",
            "max_instances": None,
            "expect_plan": None,
            "wait_timeout": 60,
            "events": events,
        }
        self.check_mode, self.warnings = check_mode, []

    def warn(self, warning):
        self.warnings.append(warning)


@pytest.fixture
def opened(monkeypatch):
    """The listeners that are opened, which are closed in the end as that of a module is when its process
    ends.
    """
    listeners = []

    class Recorded(Events):
        def __init__(self, *arguments):
            super().__init__(*arguments)
            listeners.append(self)

    monkeypatch.setattr(events, "Events", Recorded)
    yield listeners
    for listener in listeners:
        listener._file.close()


@pytest.fixture
def run(sky, opened):
    """Makes a call that finds its one instance as it should be; the pacer is left as the call has set it."""

    def running(call):
        sky.seed(a={})
        goal = Goal(
            Verb.RESET, sky.client.provider, lambda instance, facts: unchanged(Reason.IMAGE_MATCHES, "it is")
        )
        write(call, sky.client, Order(goal, {"a": {}}, lambda found: {"a": Facts()}, None, ()))
        return sky.client.pacer

    return running


def test_waits_for_a_rate_go_into_the_events(run, tmp_path):
    run(Call(str(tmp_path / "events"))).tell(WAIT)
    last = json.loads((tmp_path / "events").read_text(encoding="utf-8").splitlines()[-1])
    assert (last["event"], last["action"], last["seconds"]) == ("rate", "ResetInstance", 12.0)


@pytest.mark.parametrize(
    "call", [Call(None), Call("/tmp/events", check_mode=True)], ids=["no-file", "check-mode"]
)
def test_without_events_nobody_is_told(run, call):
    assert run(call).tell is None


def test_an_events_file_that_fails_is_one_warning_and_holds_no_request_up(run, opened, monkeypatch):
    def fail(wait):
        raise CloudError("events: no space")

    call = Call("/dev/null")
    pacer = run(call)
    monkeypatch.setattr(opened[0], "rate", fail)
    pacer.tell(WAIT)
    assert call.warnings == ["events: no space"] and pacer.tell is None
