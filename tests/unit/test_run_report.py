# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The report on a run: what its ledger knows, and what its jobs add to it."""

from __future__ import annotations

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.core.model import RequestState
from ansible_collections.reforge.cloud.plugins.plugin_utils.report.run import (
    ENDS,
    artifact_of,
    artifacts_in,
    rows_of,
    run_report,
)

NAMES = {("tencent_cvm", "ins-1"): "web-1", ("zenlayer_vm", "ins-1"): "edge-1"}


def request(state="done", **more):
    return {
        "instance_id": "ins-1",
        "provider": "tencent_cvm",
        "verb": "reset",
        "state": state,
        "image_before": "old",
        "image_id": "new",
        "asked_at": "2026-01-31T12:00:00Z",
        "ended_at": "2026-01-31T12:02:00Z",
        "request_id": "req-1",
        "proven": None,
        **more,
    }


def job(outcome, why, *hosts):
    return {"run_id": "night-7", "kinds": [{"outcome": outcome, "why": why, "hosts": [*hosts]}]}


def test_hosts_are_found_by_provider_and_instance_and_others_keep_their_ids():
    requests = [request(), request(provider="zenlayer_vm"), request(instance_id="ins-9")]
    assert list(rows_of(requests, NAMES, [])) == ["web-1", "edge-1", "ins-9"]


def test_the_last_request_about_an_instance_counts():
    rows = rows_of([request("failed"), request(request_id="req-2")], NAMES, [])
    assert rows["web-1"]["outcome"] == "reset" and rows["web-1"]["request_ids"] == ["req-2"]


@pytest.mark.parametrize("state", RequestState)
def test_every_state_of_a_request_has_an_outcome(state):
    row = rows_of([request(state.value)], NAMES, [])["web-1"]
    expected = {"done": "reset", "not_waited": "accepted", "unknown": "unknown"}
    closed = "failed" if state.value in ENDS else "timeout"
    assert row["outcome"] == expected.get(state.value, closed)


def test_a_reset_that_nobody_has_proven_is_to_run_again_and_one_that_is_says_so():
    rows = rows_of([request(proven=False), request(instance_id="ins-2", proven=True)], NAMES, [])
    assert rows["web-1"]["outcome"] == "not proven"
    assert run_report(rows, "night-7", [], 0.0)["hosts"]["ins-2"]["proof"] == "proven"


def test_a_job_tells_of_hosts_for_which_nothing_was_sent():
    rows = rows_of([], NAMES, [job("refused", "it is protected", "web-3")])
    assert (rows["web-3"]["outcome"], rows["web-3"]["message"]) == ("refused", "it is protected")


def test_a_job_that_has_seen_the_new_system_is_right_where_the_provider_says_that_all_is_well():
    rows = rows_of([request()], NAMES, [job("not proven", "the same installation answers", "web-1")])
    assert rows["web-1"]["outcome"] == "not proven"
    assert rows["web-1"]["problem"] == "the same installation answers"


def test_a_job_adds_the_reason_to_a_failure_but_never_hides_it():
    failed = rows_of([request("failed")], NAMES, [job("timeout", "CODE: the disk is broken", "web-1")])
    assert (failed["web-1"]["outcome"], failed["web-1"]["problem"]) == ("failed", "CODE: the disk is broken")
    assert (
        rows_of([request("failed")], NAMES, [job("unchanged", "", "web-1")])["web-1"]["outcome"] == "failed"
    )


def test_the_later_job_of_the_same_run_counts_and_other_runs_and_variables_do_not():
    variables = {
        "rebuild_job_9": job("failed", "first", "web-1"),
        "rebuild_job_10": job("reset", "then", "web-1"),
        "rebuild_job_11": {**job("failed", "of another run", "web-1"), "run_id": "other"},
        "rebuild_job_name": "what somebody calls his job",
        "rebuild_job_12": "text",
    }
    jobs = artifacts_in(variables, "night-7")
    assert rows_of([], NAMES, jobs)["web-1"]["outcome"] == "reset"


def test_what_a_job_hands_over_stays_small_however_many_hosts_share_a_reason():
    rows = {
        f"web-{number}": {
            "instance_id": f"ins-{number}",
            "outcome": "refused",
            "message": f"instance ins-{number} is protected " + "by a long sentence " * 100,
            "problem": None,
            "system": {},
        }
        for number in range(500)
    }
    artifact = artifact_of("night-7", rows)
    assert len(artifact["kinds"]) == 1 and len(str(artifact)) < 10_000
    assert rows_of([], NAMES, [artifact])["web-499"]["outcome"] == "refused"


def test_a_run_lasts_from_the_first_request_to_the_last_end_or_till_now_while_one_is_open():
    later = request(instance_id="ins-2", ended_at="2026-01-31T12:05:00Z")
    report = run_report(rows_of([request(), later], NAMES, []), "night-7", [], 2e9)
    assert (report["began"], report["ended"]) == ("2026-01-31T12:00:00Z", "2026-01-31T12:05:00Z")
    open_one = request("accepted", instance_id="ins-3", ended_at=None)
    assert run_report(rows_of([request(), open_one], NAMES, []), "night-7", [], 2e9)["ended"][:4] == "2033"
