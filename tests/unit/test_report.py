# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The report's document: phases from events, and what is counted."""

from __future__ import annotations

import json

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.act.events import Events
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Outcome
from ansible_collections.reforge.cloud.plugins.plugin_utils.report.document import OUTCOMES, report_of
from browser.sample_report import sample

BEGAN = 1_760_000_000.0


def row(**changes):
    """A host that was reset, by its row alone."""
    return {
        "instance_id": "i-1",
        "group": "zenlayer_zec asia",
        "outcome": "reset",
        "message": "done",
        **changes,
    }


def line(at, event, status="running", **more):
    """A line of the events file, so many seconds after the beginning."""
    return json.dumps(
        {
            "time": BEGAN + at,
            "event": event,
            "instance_id": "i-1",
            "provider": "zenlayer_zec",
            "status": status,
            **more,
        }
    )


def phases(lines, ended=100.0, systems=None, **changes):
    """The phases of one host as tuples."""
    report = report_of({"web": row(**changes)}, BEGAN, BEGAN + ended, events=lines, systems=systems)
    return [(phase["phase"], phase["start"], phase["end"]) for phase in report["hosts"]["web"]["phases"]]


WHOLE = [
    line(0.5, "planned"),
    line(4, "sent", verb="stop", answer="accepted"),
    line(6, "seen", "stopping"),
    line(9, "seen", "stopped"),
    line(10, "sent", "stopped", verb="reset", answer="accepted"),
    line(12, "seen", "resetting"),
    line(60, "seen", "running"),
    line(75, "ended", outcome="reset"),
]


def test_the_phases_follow_each_other_from_the_queue_to_the_proof():
    assert phases(WHOLE) == [("queued", 0, 4), ("stop", 4, 10), ("install", 10, 60), ("boot", 60, 75)]


def test_ssh_comes_after_a_wait_for_the_others():
    systems = {"web": {"ssh_began": BEGAN + 80, "ssh_ready": BEGAN + 88.5, "proof": "identity"}}
    assert phases(WHOLE, systems=systems)[-2:] == [("boot", 60, 75), ("ssh", 80, 88.5)]


def test_a_host_that_never_answered_by_ssh_was_waited_for_to_the_end():
    systems = {"web": {"ssh_began": BEGAN + 80, "ssh_ready": None, "proof": "unreachable"}}
    assert phases(WHOLE, systems=systems)[-1] == ("ssh", 80, 100)


def test_a_write_that_was_turned_down_begins_nothing_and_one_that_was_lost_may_have():
    lines = [
        line(4, "sent", verb="reset", answer="turned_down"),
        line(7, "sent", verb="reset", answer="lost"),
        line(30, "ended"),
    ]
    assert phases(lines) == [("queued", 0, 7), ("install", 7, 30)]


def test_an_installation_that_was_running_already_is_told_from_the_first_look():
    assert phases([line(2, "planned", "resetting"), line(30, "ended")]) == [
        ("queued", 0, 2),
        ("install", 2, 30),
    ]


def test_the_old_running_is_no_boot():
    assert phases([line(2, "planned", "running"), line(30, "ended")]) == [("queued", 0, 30)]


@pytest.mark.parametrize("outcome", ["unchanged", "refused"])
def test_what_is_certain_at_once_has_no_phases(outcome):
    assert phases([line(0.5, "planned")], outcome=outcome) == []


def test_without_events_the_times_of_the_row_are_taken():
    times = {"started_at": "2025-10-09T08:53:25Z", "finished_at": "2025-10-09T08:54:20Z"}
    assert phases([], **times) == [("queued", 0, 5), ("install", 5, 60)]


def test_without_any_times_there_are_no_phases():
    assert phases([]) == [] and phases([], outcome="failed", started_at=None) == []


def test_an_end_that_was_not_told_is_the_end_of_the_run():
    assert phases(WHOLE[:6])[-1] == ("install", 10, 100)


def test_lines_that_are_broken_or_of_another_run_or_provider_are_passed_over():
    others = [
        line(-50, "sent", verb="reset", answer="accepted"),
        line(200, "ended"),
        "",
        "[]",
        '{"time": NaN}',
        '{"instance_id": "i-1", "time": "soon"}',
        '{"time": 1760000005, "instance_id"',
        line(1, "sent", verb="reset", answer="accepted", provider="tencent_cvm"),
    ]
    assert phases([*others, *WHOLE]) == phases(WHOLE)


def test_events_that_were_written_by_the_module_become_phases(sky, tmp_path):
    sky.seed(a={})
    listener = Events(str(tmp_path / "events"), "zenlayer_zec", sky.clock)
    began = sky.clock.time()
    sky.reset(["a"], listeners=[listener])
    listener._file.close()
    lines = (tmp_path / "events").read_text(encoding="utf-8").splitlines()
    report = report_of({"web": row(instance_id="a")}, began, sky.clock.time(), events=lines)
    found = report["hosts"]["web"]["phases"]
    # This provider shows RUNNING once the installation is proven: there is no boot to be seen.
    assert [phase["phase"] for phase in found] == ["queued", "stop", "install"]
    assert [phase["end"] for phase in found[:-1]] == [phase["start"] for phase in found[1:]]


def test_a_host_began_when_its_queue_ended():
    report = report_of({"web": row()}, BEGAN, BEGAN + 100, events=WHOLE)
    assert report["hosts"]["web"]["began"] == 4


def test_outcomes_are_counted_those_that_need_attention_first():
    outcomes = ("reset", "unchanged", "failed", "reset")
    rows = {str(number): row(outcome=outcome) for number, outcome in enumerate(outcomes)}
    counts = report_of(rows, BEGAN, BEGAN + 1)["counts"]
    assert list(counts.items()) == [("failed", 1), ("reset", 2), ("unchanged", 1)]


def test_every_outcome_has_its_place():
    assert {outcome.value for outcome in Outcome} | {"not proven"} == set(OUTCOMES)


def test_the_times_are_those_of_the_hosts_that_were_done():
    rows = {
        "a": row(seconds=10.0),
        "b": row(seconds=30.0),
        "c": row(seconds=20.0),
        "d": row(seconds=600.0, outcome="timeout"),
        "e": row(seconds=None),
    }
    assert report_of(rows, BEGAN, BEGAN + 1)["times"] == {
        "median": 20.0,
        "slowest": 30.0,
        "slowest_host": "b",
    }
    assert report_of({"d": rows["d"]}, BEGAN, BEGAN + 1)["times"] is None


def test_a_run_without_hosts_has_a_report():
    report = report_of({}, BEGAN, BEGAN)
    assert (report["hosts"], report["counts"], report["times"], report["seconds"]) == ({}, {}, None, 0.0)
    assert report["began"] == "2025-10-09T08:53:20Z" and report["format"] == 1


def test_nothing_but_what_the_format_names_gets_into_the_document():
    host = report_of({"web": row(password="secret")}, BEGAN, BEGAN + 1)["hosts"]["web"]
    assert "password" not in host and "secret" not in json.dumps(host)


def test_the_document_survives_json():
    report = sample(40)
    assert json.loads(json.dumps(report, allow_nan=False)) == report
