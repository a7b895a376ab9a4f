# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The templates of the kit, launched as AWX launches them, with the answers that its surveys send."""

from __future__ import annotations

from collections.abc import Callable

from awx.conftest import KEY, NEW
from awx.jobs import Awx
from emulator.client import Emulator

ASKED = {"rebuild_image_id": NEW, "rebuild_key_ids": KEY, "rebuild_run_id": ""}
# What a survey sends for questions that were left blank.
BLANK = {"rebuild_confirm": "", "rebuild_serial": ""}


def test_the_inventory_source_exports_the_instances_as_hosts(make_awx: Callable[..., Awx]) -> None:
    awx = make_awx(3)
    assert sorted(awx.hosts) == ["web-01", "web-02", "web-03"]
    assert "tencent_lighthouse" in str(awx.hosts["web-01"]["instance_provider"])
    assert "SK" not in str(awx.hosts)


def test_a_plan_writes_nothing_anywhere(make_awx: Callable[..., Awx], emulator: Emulator) -> None:
    (job,) = make_awx(3).launch("Plan a rebuild", ASKED)
    assert job.status == "successful", job.output
    assert "3 of 3 hosts will be wiped" in job.words
    assert not emulator.counters()["writes"] and not job.written


def test_a_rebuild_without_a_confirmation_is_refused(
    make_awx: Callable[..., Awx], emulator: Emulator
) -> None:
    (job,) = make_awx(3).launch("Rebuild", {**ASKED, **BLANK})
    assert job.status == "failed" and "rebuild_confirm" in job.words
    assert not emulator.counters()["writes"]


def test_a_rebuild_goes_in_the_batches_of_the_survey(
    make_awx: Callable[..., Awx], emulator: Emulator
) -> None:
    (job,) = make_awx(4).launch("Rebuild", {**ASKED, "rebuild_confirm": "4", "rebuild_serial": "1, 100%"})
    assert job.status == "successful", job.output
    assert set(emulator.wipes().values()) == {1} and not job.written
    assert job.output.count("Reset the instances and wait for them") == 2


def test_a_reboot_reboots_each_host_once(make_awx: Callable[..., Awx], emulator: Emulator) -> None:
    (job,) = make_awx(3).launch("Reboot", {"reboot_mode": "hard", "reboot_serial": ""})
    assert job.status == "successful", job.output
    assert emulator.counters()["writes"] == {"tencent_lighthouse.RebootInstances": 1}
