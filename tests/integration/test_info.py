# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""instance_info and image_info: what is listed, found by filters, and missing."""

from __future__ import annotations

import pytest

FEW = {
    "a": {"name": "web-1", "tags": {"role": "web", "rack": "1"}, "public_ips": ["192.0.2.1"]},
    "b": {
        "name": "web-2",
        "tags": {"role": "web", "rack": "2"},
        "status": "stopped",
        "private_ips": ["10.0.0.2"],
    },
    "c": {"name": "db-1", "zone": "europe-1a", "image_id": "new", "data_disks": [{"id": "d-1", "size": 100}]},
    "d": {"name": "db-2", "zone": "asia-east-1b", "image_id": "windows", "status": "recycled"},
}
FILTERS = {
    "everything": ({}, "abcd"),
    "one-id": ({"instance_ids": ["b"]}, "b"),
    "ids-and-missing": ({"instance_ids": ["b", "none", "a"]}, "ab"),
    "name": ({"filters": {"name": ["web-1"]}}, "a"),
    "pattern": ({"filters": {"name": ["web-*", "db-[2-9]"]}}, "abd"),
    "status": ({"filters": {"status": ["stopped", "recycled"]}}, "bd"),
    "image": ({"filters": {"image_id": ["old"]}}, "ab"),
    "zone": ({"filters": {"zone": ["europe-1a", "asia-east-1b"]}}, "cd"),
    "tag": ({"filters": {"tags": {"role": "web"}}}, "ab"),
    "number-tag": ({"filters": {"tags": {"role": "web", "rack": 2}}}, "b"),
    "public": ({"filters": {"ip": ["192.0.2.1"]}}, "a"),
    "private": ({"filters": {"ip": ["10.0.0.2"]}}, "b"),
    "two-filters": ({"filters": {"name": ["web-*"], "status": ["running"]}}, "a"),
    "id-and-filter": ({"instance_ids": ["a", "b"], "filters": {"status": ["stopped"]}}, "b"),
    "nothing": ({"filters": {"name": ["none"]}}, ""),
    "region": ({"region": "asia-east-1"}, "abd"),
}


@pytest.fixture(scope="module")
def lists(emulator, make_cloud, tmp_path_factory, call):
    cloud = make_cloud(emulator, tmp_path_factory.mktemp("info"))
    cloud.seed(FEW)
    return cloud.run_all(
        {name: call("instance_info", **options) for name, (options, _ids) in FILTERS.items()}
    )


@pytest.mark.parametrize("name", FILTERS)
def test_each_filter_finds_its_instances(lists, name):
    found = lists[name]
    assert not found["failed"] and not found["changed"]
    assert sorted(row["instance_id"] for row in found["instances"]) == list(FILTERS[name][1])


def test_instances_come_by_name_and_the_missing_are_named(lists):
    assert [row["name"] for row in lists["everything"]["instances"]] == ["db-1", "db-2", "web-1", "web-2"]
    assert lists["ids-and-missing"]["missing_ids"] == ["none"] and lists["id-and-filter"]["missing_ids"] == []


def test_a_record_is_normalised_and_the_vendors_own_is_beside_it(lists):
    (row,) = [row for row in lists["everything"]["instances"] if row["instance_id"] == "c"]
    assert (row["status"], row["vendor_status"], row["image_id"], row["image_name"]) == (
        "running",
        "RUNNING",
        "new",
        "Ubuntu 24.04",
    )
    assert (row["region"], row["zone"]) == ("europe-1", "europe-1a")
    assert (row["key_ids"], row["guest_agent"]) == (["key-1"], True)
    assert (row["system_disk"], row["data_disks"]) == (
        {"id": "disk-c", "size": 40},
        [{"id": "d-1", "size": 100}],
    )
    assert row["raw"]["instanceId"] == "c"


@pytest.mark.smoke
def test_2300_instances_are_listed_in_three_pages_and_few_of_them_by_id(cloud, call):
    cloud.seed([f"i-{number:04}" for number in range(2300)])
    some = [
        "name-i-0000",
        "name-i-1234",
        "name-i-2299",
    ]  # one of each page; to hand over all takes ansible-core long
    found = cloud.run(call("instance_info", filters={"name": some}))
    assert [row["name"] for row in found["instances"]] == some
    assert len(cloud.emulator.journal(action="DescribeInstances")) == 3
    cloud.emulator.control("DELETE", "journal")
    assert len(cloud.run(call("instance_info", instance_ids=["i-0001", "i-2299"]))["instances"]) == 2
    assert len(cloud.emulator.journal()) == 1


IMAGES = {
    "everything": ({}, {"old", "new", "windows", "windows-2", "generic", "huge", "elsewhere", "offline"}),
    "for-linux": ({"instance_id": "a"}, {"old", "new", "generic"}),
    "for-windows": ({"instance_id": "w"}, {"windows", "windows-2"}),
    "for-europe": ({"instance_id": "c"}, {"old", "new", "generic", "elsewhere"}),
    "ids": ({"image_ids": ["new", "none"]}, {"new"}),
    "name": ({"filters": {"name": ["Ubuntu*"]}}, {"new"}),
    "type": ({"filters": {"os_type": ["windows"]}}, {"windows", "windows-2"}),
    "zone": (
        {"filters": {"zone": ["asia-east-1b"]}},
        {"old", "new", "windows", "windows-2", "generic", "huge", "offline"},
    ),
    "region": (
        {"region": "europe-1"},
        {"old", "new", "windows", "windows-2", "generic", "huge", "elsewhere", "offline"},
    ),
    "region-of-one-letter-less": ({"region": "asia-east"}, set()),
    "not-available": ({"filters": {"available": False}}, {"offline"}),
    "for-linux-by-name": ({"instance_id": "a", "filters": {"name": ["*12"]}}, {"old"}),
}


@pytest.fixture(scope="module")
def images(emulator, make_cloud, tmp_path_factory, call):
    cloud = make_cloud(emulator, tmp_path_factory.mktemp("images"))
    cloud.seed({**FEW, "w": {"image_id": "windows"}})
    calls = {name: call("image_info", **options) for name, (options, _ids) in IMAGES.items()}
    return cloud.run_all({**calls, "nobody": call("image_info", instance_id="none")})


@pytest.mark.parametrize("name", IMAGES)
def test_each_question_finds_its_images(images, name):
    assert {row["image_id"] for row in images[name]["images"]} == IMAGES[name][1]


def test_an_image_says_where_it_is_to_be_had_and_what_it_needs(images):
    found = {row["image_id"]: row for row in images["everything"]["images"]}
    assert found["elsewhere"]["zones"] == ["europe-1a"] and len(found["new"]["zones"]) == 3
    assert (found["huge"]["size"], found["huge"]["type"], found["huge"]["raw"]["imageId"]) == (
        500,
        "public",
        "huge",
    )
    assert (found["offline"]["available"], found["offline"]["status"]) == (False, "UNAVAILABLE")
    assert [found[name]["accepts_login"] for name in ("new", "windows", "generic")] == [True, False, False]
    assert images["ids"]["missing_ids"] == ["none"]


def test_an_instance_that_is_not_there_is_an_error_that_names_it(images):
    assert images["nobody"]["failed"] and "instance_id: 'none'" in images["nobody"]["msg"]
