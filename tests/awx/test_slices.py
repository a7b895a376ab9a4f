# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Several jobs, on several nodes, that share nothing but the provider and the ledger's database."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from awx.conftest import KEY, NEW
from awx.jobs import Awx, merged
from emulator.client import Emulator
from postgres import PASSWORD, Postgres

ASKED = {"rebuild_image_id": NEW, "rebuild_key_ids": KEY, "rebuild_run_id": "night-7", "rebuild_serial": ""}
# The answers to the survey of the workflow: the run is named by its plan.
WORKFLOW = {**ASKED, "rebuild_run_id": ""}


@pytest.fixture(name="ledger")
def database(postgres: Postgres, request: pytest.FixtureRequest) -> dict[str, str]:
    """The inputs of the ledger's credential, for a database of its own."""
    name = f"kit_{abs(hash(request.node.name))}"
    postgres.database(name)
    place = {"host": "127.0.0.1", "port": str(postgres.port), "database": name}
    return {**place, "username": "reforge", "password": PASSWORD, "sslmode": "disable"}


def test_four_slices_under_one_approval_wipe_every_host_once_keep_the_rates_and_leave_one_report(
    make_awx: Callable[..., Awx], emulator: Emulator, ledger: dict[str, str], tmp_path: Path
) -> None:
    page = tmp_path / "run.html"
    variables = {"rebuild_ssh": False, "report_run_file": str(page)}
    awx = make_awx(40, kit_ledger=ledger, kit_slices=4, kit_extra_vars=variables)
    (plan,) = awx.launch("Plan a rebuild", WORKFLOW)
    jobs = awx.launch("Rebuild", WORKFLOW, artifacts=plan.artifacts)
    assert [job.status for job in jobs] == ["successful"] * 4, jobs[0].output
    assert set(emulator.wipes().values()) == {1}
    assert emulator.counters()["refused"] == {}
    (report,) = awx.launch("Fleet report", WORKFLOW, artifacts=merged([plan, *jobs]))
    assert report.status == "successful", report.output
    run_id = plan.artifacts["reforge_run_id"]
    assert report.artifacts["reforge_run"] == {
        "run_id": run_id,
        "counts": {"reset": 40},
        "again": [],
        "jobs": 4,
    }
    assert report.artifacts["reforge_drift"]["counts"] == {"wanted": 40}
    hosts = json.loads(page.with_suffix(".json").read_text("utf-8"))["hosts"]
    assert len(hosts) == 40 and run_id in page.read_text("utf-8")
    assert all(row["request_ids"] and row["phases"] for row in hosts.values())


def test_slices_without_a_database_keep_the_rates_do_what_was_approved_and_are_reported_by_their_artifacts(
    make_awx: Callable[..., Awx], emulator: Emulator
) -> None:
    awx = make_awx(32, kit_slices=4)
    (plan,) = awx.launch("Plan a rebuild", WORKFLOW, limit="all:!web-08")
    assert plan.artifacts["rebuild_planned"]["count"] == 31
    emulator.interfere("change", "lhins-00000002", changes={"image_id": NEW})
    jobs = awx.launch("Rebuild", WORKFLOW, artifacts=plan.artifacts)
    statuses = [job.status for job in jobs]
    assert statuses == ["successful", "successful", "successful", "failed"], jobs[3].output
    wiped = {number for number, count in emulator.wipes().items() if count}
    assert wiped == {f"lhins-{number:08}" for number in range(1, 33) if number not in (2, 8)}
    assert emulator.counters()["refused"] == {}
    (report,) = awx.launch("Fleet report", WORKFLOW, artifacts=merged([plan, *jobs]))
    run = report.artifacts["reforge_run"]
    assert run["counts"] == {"refused": 1, "reset": 30, "unchanged": 1} and run["jobs"] == 4
    assert "this host is not approved to be wiped" in report.words


def test_what_is_left_knows_by_the_ledger_what_is_done(
    make_awx: Callable[..., Awx], emulator: Emulator, ledger: dict[str, str]
) -> None:
    awx = make_awx(3, kit_ledger=ledger, kit_extra_vars={"rebuild_ssh": False, "rebuild_force": True})
    (first,) = awx.launch("Rebuild", {**ASKED, "rebuild_confirm": "1"}, limit="web-01")
    (rest,) = awx.launch("Rebuild what is left", {**ASKED, "rebuild_confirm": "2"})
    assert (first.status, rest.status) == ("successful", "successful"), rest.output
    assert set(emulator.wipes().values()) == {1}
    asked = {"ledger_run_id": "night-7", "ledger_instance_ids": "", "ledger_open": "no"}
    (ledger_job,) = awx.launch("Ledger", asked)
    assert ledger_job.artifacts["reforge_ledger"] == {"requests": 3, "open": []}, ledger_job.output


def test_a_job_on_a_remote_node_is_transmitted_worked_off_and_processed(
    make_awx: Callable[..., Awx], emulator: Emulator
) -> None:
    survey = {**ASKED, "rebuild_run_id": "", "rebuild_confirm": "2"}
    job = make_awx(2).launch_remotely("Rebuild", survey)
    assert job.status == "successful", job.output
    assert set(emulator.wipes().values()) == {1}
    assert job.artifacts["rebuild"]["counts"] == {"reset": 2}
