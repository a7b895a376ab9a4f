# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Several jobs, on several nodes, that share nothing but the provider and the ledger's database."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from awx.conftest import KEY, NEW
from awx.jobs import Awx
from emulator.client import Emulator
from postgres import PASSWORD, Postgres

ASKED = {"rebuild_image_id": NEW, "rebuild_key_ids": KEY, "rebuild_run_id": "night-7", "rebuild_serial": ""}


@pytest.fixture(name="ledger")
def database(postgres: Postgres, request: pytest.FixtureRequest) -> dict[str, str]:
    """The inputs of the ledger's credential, for a database of its own."""
    name = f"kit_{abs(hash(request.node.name))}"
    postgres.database(name)
    place = {"host": "127.0.0.1", "port": str(postgres.port), "database": name}
    return {**place, "username": "reforge", "password": PASSWORD, "sslmode": "disable"}


def test_four_slices_wipe_every_host_once_and_keep_the_rates(
    make_awx: Callable[..., Awx], emulator: Emulator, ledger: dict[str, str]
) -> None:
    awx = make_awx(40, kit_ledger=ledger, kit_slices=4)
    jobs = awx.launch("Rebuild", {**ASKED, "rebuild_confirm": "10"})
    assert [job.status for job in jobs] == ["successful"] * 4, jobs[0].output
    assert set(emulator.wipes().values()) == {1} and not emulator.counters()["refused"]
    (told,) = awx.launch(
        "Ledger", {"ledger_run_id": "night-7", "ledger_instance_ids": "", "ledger_open": "no"}
    )
    assert told.status == "successful", told.output
    assert told.artifacts["reforge_ledger"] == {"requests": 40, "open": []}


def test_one_approval_of_a_plan_is_enough_for_all_slices_and_for_nothing_else(
    make_awx: Callable[..., Awx], emulator: Emulator
) -> None:
    awx = make_awx(8, kit_slices=4, kit_extra_vars={"rebuild_ssh": False})
    (plan,) = awx.launch("Plan a rebuild", ASKED, limit="all:!web-08")
    assert plan.artifacts["rebuild_planned"]["count"] == 7
    emulator.interfere("change", "lhins-00000002", changes={"image_id": NEW})
    jobs = awx.launch("Rebuild", ASKED, artifacts=plan.artifacts)
    statuses = [job.status for job in jobs]
    assert statuses == ["successful", "successful", "successful", "failed"], jobs[3].output
    wiped = {number for number, count in emulator.wipes().items() if count}
    assert wiped == {f"lhins-{number:08}" for number in (1, 3, 4, 5, 6, 7)}


def test_what_is_left_knows_by_the_ledger_what_is_done(
    make_awx: Callable[..., Awx], emulator: Emulator, ledger: dict[str, str]
) -> None:
    awx = make_awx(3, kit_ledger=ledger, kit_extra_vars={"rebuild_ssh": False, "rebuild_force": True})
    (first,) = awx.launch("Rebuild", {**ASKED, "rebuild_confirm": "1"}, limit="web-01")
    (rest,) = awx.launch("Rebuild what is left", {**ASKED, "rebuild_confirm": "2"})
    assert (first.status, rest.status) == ("successful", "successful"), rest.output
    assert set(emulator.wipes().values()) == {1}


def test_a_job_on_a_remote_node_is_transmitted_worked_off_and_processed(
    make_awx: Callable[..., Awx], emulator: Emulator
) -> None:
    survey = {**ASKED, "rebuild_run_id": "", "rebuild_confirm": "2"}
    job = make_awx(2).launch_remotely("Rebuild", survey)
    assert job.status == "successful", job.output
    assert set(emulator.wipes().values()) == {1}
    assert job.artifacts["rebuild"]["counts"] == {"reset": 2}
