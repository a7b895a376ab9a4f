# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Bare Metal by iPXE in place of an image, and with disks that are laid out anew."""

from __future__ import annotations

from typing import Any

import pytest

from histories.stage import Call, Stage

URL = "https://boot.example.com/debian.ipxe"
DISKS = ["disk 1", "disk 2", "disk 3", "disk 4"]
FOUR = {"instanceType": {"diskInfo": {"disks": [{"diskSize": 880, "diskCount": 2}] * 2}}}


@pytest.fixture
def world(tmp_path: Any) -> Stage:
    """An account with one running server."""
    return Stage("zenlayer_bmc", str(tmp_path / "ledger.jsonl"), extra=FOUR)


def boot(world: Stage, url: str = URL, **params: Any) -> Call:
    """A reset from a URL."""
    return world.call("reset", **{"force": True, "provider_options": {"ipxeUrl": url}, **params})


def row(call: Call) -> Any:
    (only,) = call.rows.values()
    return only


def test_a_server_is_installed_from_a_url_and_the_plan_has_all_of_it(world):
    planned = row(boot(world, check=True))
    assert (planned["verdict"], planned["erases"], world.wipes()) == ("reset", DISKS, 0)
    assert URL in planned["message"]
    done = row(boot(world))
    assert (done["outcome"], done["after"]["image"], done["erases"], world.wipes()) == (
        "reset",
        URL,
        DISKS,
        1,
    )
    assert done["digest"] == planned["digest"]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_run_that_is_killed_goes_on_and_wipes_once(world, moment):
    world.kill = (world.site.reset, moment)
    assert boot(world, run_id="night").killed
    world.sleep(20)
    again = row(boot(world, run_id="night"))
    assert (again["outcome"], world.wipes()) == ("reset", 1)
    assert row(boot(world, run_id="night"))["reason"] == "done_in_run"


def test_a_lost_answer_is_found_by_the_url_that_the_record_shows(world):
    world.fault("drop_after", world.site.reset, count=1)
    assert (row(boot(world))["outcome"], world.wipes()) == ("reset", 1)


def test_a_failed_installation_is_failed(world):
    world.fault("fail_install", world.site.reset, count=1)
    assert row(boot(world))["outcome"] == "failed"


def test_another_url_under_a_run_id_is_refused_and_an_image_replaces_a_url(world):
    boot(world, run_id="night")
    assert row(boot(world, f"{URL}?2", run_id="night"))["reason"] == "run_id_taken"
    after = row(world.reset())
    assert (after["before"]["image"], after["outcome"], after["erases"]) == (URL, "reset", ["system"])


@pytest.mark.parametrize(
    "options, words",
    [
        ({"image_id": "img-new00000"}, ["ipxeUrl", "image_id", "exclude each other"]),
        ({"provider_options": {"ipxeUrl": URL, "partitions": [{"fsPath": "/"}]}}, ["ipxeUrl", "partitions"]),
        (
            {"provider_options": {"raidConfig": {"raidType": 1, "customRaids": []}}},
            ["customRaids", "exclude"],
        ),
        ({"provider_options": {"ipxeUrl": ""}}, ["ipxeUrl is empty"]),
        ({"provider_options": {"hostname": None}}, ["hostname is empty"]),
        ({"force": False}, ["image_id is missing", "force=true"]),
    ],
)
def test_what_the_page_excludes_is_an_error_before_anything_is_sent(world, options, words):
    call = boot(world, **options)
    assert all(word in call.error for word in words), call.error
    assert world.wipes() == 0 and not world.emulation.journal.listed()


@pytest.mark.parametrize(
    "fields, erases",
    [
        ({"hostname": "db-1"}, ["system"]),
        ({"raidConfig": {"raidType": 1}}, DISKS),
        ({"raidConfig": {"customRaids": [{"raidType": 1, "diskSequence": [3, 4]}]}}, DISKS),
        ({"partitions": [{"fsPath": "/", "fsType": "ext4", "size": 100}]}, DISKS),
    ],
)
def test_disks_that_are_laid_out_anew_count_as_erased(world, fields, erases):
    plan = world.reset(check=True, provider_options=fields)
    done = world.reset(provider_options=fields)
    assert [row(plan)["erases"], row(done)["erases"]] == [erases, erases]
    assert ("all of its disks are erased" in row(plan)["message"]) is (erases == DISKS)


def test_where_the_record_names_no_disks_all_of_them_count_as_erased(world):
    world.fleet.amend(world.ids[0], extra={"instanceType": None})
    planned = world.reset(check=True, provider_options={"raidConfig": {"raidType": 5}})
    assert row(planned)["erases"] == ["all disks"]


def test_a_key_is_no_error_with_a_url_although_windows_runs(world):
    images = {"id": world.other, "name": "Windows Server 2022"}
    world.fleet.amend(world.ids[0], image_id=images["id"], extra={**FOUR, "imageName": images["name"]})
    assert row(boot(world, password=None, key_ids=["key-1"], check=True))["reason"] == "key_not_found"
