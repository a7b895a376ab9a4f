# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The file that tells each transition to whoever follows it."""

from __future__ import annotations

import errno
import json

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.act.events import Events
from ansible_collections.reforge.cloud.plugins.module_utils.api.rate_limits import RateWait
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import CloudError, InputError
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Verb
from ansible_collections.reforge.cloud.plugins.module_utils.core.reason import Reason
from ansible_collections.reforge.cloud.plugins.module_utils.decide.facts import act

KEYS = {"time", "event", "provider", "instance_id", "name", "status", "vendor_status"}


@pytest.fixture
def events(tmp_path, clock):
    """The listener, and a function that reads what it has written."""
    listener = Events(str(tmp_path / "events.jsonl"), "zenlayer_zec", clock)

    def read():
        return [
            json.loads(line) for line in (tmp_path / "events.jsonl").read_text(encoding="utf-8").splitlines()
        ]

    yield listener, read
    listener._file.close()


def test_a_reset_is_told_from_the_plan_to_the_outcome(sky, events):
    sky.seed(a={})
    sky.reset(["a"], listeners=[events[0]])
    transitions = [(line["event"], line["vendor_status"]) for line in events[1]()]
    assert transitions[0] == ("planned", "RUNNING") and transitions[-1] == ("ended", "RUNNING")
    assert [status for event, status in transitions if event == "seen"] == [
        "STOPPING",
        "STOPPED",
        "REBUILDING",
        "RUNNING",
    ]


def test_each_line_says_who_what_and_when(sky, events):
    sky.seed(a={})
    sky.reset(["a"], listeners=[events[0]])
    lines = events[1]()
    assert all(set(line) >= KEYS for line in lines)
    assert {(line["provider"], line["instance_id"], line["name"]) for line in lines} == {
        ("zenlayer_zec", "a", "name-a")
    }
    assert [line["time"] for line in lines] == sorted(line["time"] for line in lines)


@pytest.mark.parametrize(
    "effect, answer",
    [
        ("drop_after", "lost"),
        ("throttle", "turned_down"),
        ("list_failed", "turned_down"),
        ("delay", "accepted"),
    ],
)
def test_what_was_sent_is_told_with_its_answer(sky, events, effect, answer):
    sky.seed(a={"status": "stopped"})
    sky.fault(effect, "ResetInstances", count=1)
    sky.reset(["a"], listeners=[events[0]])
    sent = [line for line in events[1]() if line["event"] == "sent"]
    assert (sent[0]["verb"], sent[0]["answer"]) == ("reset", answer)
    assert bool(sent[0]["error"]) is (answer != "accepted")


def test_the_outcome_is_told_with_its_reason(sky, events):
    sky.seed(a={"status": "stopped", "fail_install": True})
    sky.reset(["a"], listeners=[events[0]])
    last = events[1]()[-1]
    assert (last["outcome"], last["error"]) == ("failed", "REINSTALL_FAILED")


def test_a_wait_for_a_rate_is_told_with_its_action_and_its_seconds_and_no_instance(events):
    events[0].rate(RateWait("ResetInstance", 10, 12.04, 1_760_000_012.0404))
    (line,) = events[1]()
    assert line.pop("time") > 0 and line == {
        "event": "rate",
        "provider": "zenlayer_zec",
        "action": "ResetInstance",
        "per_second": 10,
        "seconds": 12.0,
        "until": 1_760_000_012.04,
    }


def test_lines_are_added_to_what_is_there(tmp_path, clock, make_work):
    (tmp_path / "events").write_text("before\n", encoding="utf-8")
    listener = Events(str(tmp_path / "events"), "p", clock)
    listener.planned(make_work(act(Verb.RESET, Reason.FORCED, "again")))
    listener._file.close()
    lines = (tmp_path / "events").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "before" and json.loads(lines[1])["verdict"] == "reset"


def test_a_file_that_cannot_be_opened_is_named(tmp_path, clock):
    with pytest.raises(InputError, match="events: .* cannot be written: "):
        Events(str(tmp_path), "p", clock)


class FullDisk:
    """A file that takes no more."""

    def write(self, text):
        raise OSError(errno.ENOSPC, "No space left on device")

    def close(self):
        pass


def test_a_disk_that_is_full_from_the_beginning_stops_the_call_before_anything_is_sent(sky, events):
    sky.seed(a={})
    events[0]._file.close()
    events[0]._file = FullDisk()
    with pytest.raises(CloudError, match="events: .* cannot be written: No space"):
        sky.reset(["a"], listeners=[events[0]])
    assert sky.wipes() == {"a": 0}


def test_a_disk_that_gets_full_on_the_way_is_one_warning_and_the_reset_comes_to_its_end(
    sky, events, monkeypatch
):
    sky.seed(a={"status": "stopped"})
    sky.hooks.append(
        lambda request: (
            request.action == "ResetInstances" and monkeypatch.setattr(events[0], "_file", FullDisk())
        )
    )
    report = sky.reset(["a"], listeners=[events[0]])
    assert [item.end.outcome.value for item in report.items] == ["reset"] and sky.wipes() == {"a": 1}
    assert len(report.troubles) == 1 and "cannot be written: No space" in report.troubles[0]
