# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What ECM accepts, refuses and does, rule by rule."""

from __future__ import annotations

import pytest

PASSWORD = "hpjtfgnb3nwa"  # the one in the vendor's example
MALFORMED = "InvalidParameterValue.InvalidInstanceID"
BUSY = "OperationDenied.InstanceOperationInProgress"
NOT_ALLOWED = "FailedOperation.OperationNotAllow"
WRONG_STATE = "UnsupportedOperation.InvalidInstanceState"
IMAGE = "InvalidParameterValue.InvalidImageID"


def reset(ecm, *names, **more):
    return ecm.refusal("ResetInstances", **{"InstanceIdSet": [ecm.id(name) for name in names], **more})


def test_a_reset_is_seen_in_the_latest_operation_only(ecm):
    assert ecm.latest("stopped1") == ("STOPPED", None, None)
    assert reset(ecm, "stopped1", ImageId="img-debian01", Password=PASSWORD) == "accepted"
    assert ecm.latest("stopped1") == ("RUNNING", "ResetInstances", "OPERATING")
    ecm.clock.advance(121)
    assert ecm.latest("stopped1") == ("RUNNING", "ResetInstances", "SUCCESS")
    assert (ecm.truth("stopped1").image_id, ecm.truth("stopped1").login.password) == (
        "img-debian01",
        PASSWORD,
    )


def test_an_answer_to_a_write_has_nothing_but_a_request_id(ecm):
    answer = ecm.call("ResetInstances", InstanceIdSet=["ein-running1", "ein-running2"])
    assert set(answer) == {"RequestId"} and ecm.wiped() == 2


def test_an_operation_is_not_seen_before_it_is_registered(ecm):
    reset(ecm, "slow0001")
    assert (ecm.latest("slow0001"), ecm.wiped()) == (("RUNNING", None, None), 0)
    assert reset(ecm, "slow0001") == BUSY
    ecm.clock.advance(5)
    assert (ecm.latest("slow0001")[2], ecm.wiped()) == ("OPERATING", 1)


def test_a_failed_reset_says_so_and_can_be_repeated(ecm):
    reset(ecm, "fails001")
    ecm.clock.advance(121)
    assert ecm.latest("fails001") == ("STOPPED", "ResetInstances", "FAILED")
    assert ecm.refusal("StartInstances", InstanceIdSet=["ein-fails001"]) == WRONG_STATE
    assert reset(ecm, "fails001") == "accepted"


@pytest.mark.parametrize(
    "name, seen",
    [
        ("broken01", ("STOPPED", "ResetInstances", "FAILED")),
        ("booting1", ("REBOOTING", "RebootInstances", "OPERATING")),
        ("building", ("PENDING", None, None)),
        ("recycled", ("SHUTDOWN", None, None)),
        ("rescue01", ("FREEZING", None, None)),
    ],
)
def test_a_seeded_state_shows_the_operation_that_leads_there(ecm, name, seen):
    assert ecm.latest(name) == seen


@pytest.mark.parametrize(
    "names, more, expected",
    [
        ([], {}, "MissingParameter.MissingInstancesParameter"),
        (["running1"], {"InstanceIdSet": None}, "MissingParameter.MissingInstancesParameter"),
        (["running1"], {"InstanceIdSet": "ein-running1"}, "InvalidParameter"),
        (["running1"], {"InstanceIdSet": ["ins-running1"]}, MALFORMED),
        (["running1"], {"InstanceIdSet": ["ein-running11"]}, MALFORMED),
        (["running1", "running1"], {}, "InvalidParameterValue.Duplicate"),
        ([f"x{number:07}" for number in range(101)], {}, "InvalidParameterValue.ParameterValueTooLarge"),
        (["running1"], {"KeyIds": ["skey-1"]}, "UnknownParameter"),
        (["running1"], {"InstanceIds": ["ein-running1"]}, "UnknownParameter"),
        (["running1", "nothere1"], {}, "ResourceNotFound.InstanceNotExist"),
        (["running1", "booting1"], {}, BUSY),
        (["running1", "building"], {}, NOT_ALLOWED),
        (["recycled"], {}, NOT_ALLOWED),
        (["expired1"], {}, NOT_ALLOWED),
        (["denied01"], {}, "FailedOperation.Denied"),
        (["running1"], {"ImageId": "img-nothere1"}, IMAGE),
        (["running1"], {"ImageId": "ubuntu"}, IMAGE),
        (["running1"], {"ImageId": "img-delisted"}, IMAGE),
        (["running1"], {"ImageId": "img-creating"}, IMAGE),
        (["running1"], {"ImageId": "img-faraway1"}, IMAGE),
        (["running1"], {"ImageId": "img-larger01"}, "InvalidParameterValue.ImageSizeLargeThanSysDiskSize"),
        (["running1"], {"ImageId": "img-oldi3861"}, "InvalidParameterValue.InvalidImageArchitecture"),
        (
            ["running1"],
            {"ImageId": "img-windows1", "EnhancedService": {"EIPDirectService": {"Enabled": True}}},
            "InvalidParameterValue.InvalidEIPDirectService",
        ),
        (["running1"], {"EnhancedService": {"MonitorService": {"Enabled": "yes"}}}, "InvalidParameter"),
        (["running1"], {"EnhancedService": {"Monitor": {}}}, "UnknownParameter"),
        (["running1"], {"KeepData": True}, "InvalidParameter"),
        (["running1"], {"KeepData": "TRUE"}, "InvalidParameterValue"),
        (["running1"], {"KeepImageLogin": "true"}, "InvalidParameterValue"),
        (["running1"], {"KeepImageLogin": "TRUE"}, NOT_ALLOWED),
        (
            ["running1"],
            {"KeepImageLogin": "TRUE", "ImageId": "img-custom01", "Password": PASSWORD},
            "InvalidParameter.ParameterConflict",
        ),
    ],
)
def test_a_reset_that_breaks_a_rule_is_refused_as_a_whole(ecm, names, more, expected):
    assert reset(ecm, *names, **more) == expected
    assert ecm.wiped() == 0


@pytest.mark.parametrize(
    "names, password, good",
    [
        (["running1"], "aaaaaaa1", True),
        (["running1"], "aaaaaa1", False),
        (["running1"], "a" * 15 + "1", True),
        (["running1"], "a" * 16 + "1", False),
        (["running1"], "aaaaAAAA", False),
        (["running1"], "/aaaaaa1", False),
        (["running1"], "aaaaaa1*", False),
        (["running1"], "aaaaaa 1", False),
        (["running1"], "", False),
        (["windows1"], PASSWORD, False),
        (["windows1"], "hpjtfgnb3nwA", True),
        (["running1", "windows1"], PASSWORD, False),
    ],
)
def test_a_password_must_suit_the_strictest_system_of_the_batch(ecm, names, password, good):
    expected = "accepted" if good else "InvalidParameterValue.InvaildPassword"
    assert reset(ecm, *names, Password=password) == expected


@pytest.mark.parametrize("image", ["img-custom01", "img-shared01"])
def test_the_login_of_an_own_image_can_be_kept(ecm, image):
    reset(ecm, "running1", Password=PASSWORD)
    ecm.clock.advance(121)
    assert reset(ecm, "running1", ImageId=image, KeepImageLogin="TRUE") == "accepted"
    ecm.clock.advance(121)
    assert ecm.truth("running1").login.password == PASSWORD


def test_a_32_bit_image_needs_a_small_memory(ecm):
    ecm.emulation.fleet.amend("ein-running1", memory=2)
    assert reset(ecm, "running1", ImageId="img-oldi3861") == "accepted"


@pytest.mark.parametrize(
    "action, name, more, meanwhile, after",
    [
        ("RebootInstances", "running1", {"StopType": "HARD"}, "REBOOTING", "RUNNING"),
        ("StopInstances", "running1", {}, "STOPPING", "STOPPED"),
        ("StopInstances", "running1", {"ForceStop": True, "StopType": "SOFT_FIRST"}, "STOPPING", "STOPPED"),
        ("StartInstances", "stopped1", {}, "STARTING", "RUNNING"),
    ],
)
def test_power_actions_pass_through_their_state(ecm, action, name, more, meanwhile, after):
    ecm.call(action, InstanceIdSet=[ecm.id(name)], **more)
    assert ecm.latest(name) == (meanwhile, action, "OPERATING")
    assert ecm.refusal("RebootInstances", InstanceIdSet=[ecm.id(name)]) == BUSY
    ecm.clock.advance(31)
    assert ecm.latest(name) == (after, action, "SUCCESS")


@pytest.mark.parametrize(
    "action, name, more, expected",
    [
        ("RebootInstances", "stopped1", {}, WRONG_STATE),
        ("StopInstances", "stopped1", {}, WRONG_STATE),
        ("StartInstances", "running1", {}, WRONG_STATE),
        ("StopInstances", "expired1", {}, NOT_ALLOWED),
        ("RebootInstances", "booting1", {}, BUSY),
        ("StopInstances", "nothere1", {}, "ResourceNotFound.InstanceNotExist"),
        ("StopInstances", "running1", {"StopType": "soft"}, "InvalidParameterValue"),
        ("RebootInstances", "running1", {"ForceReboot": "true"}, "InvalidParameter"),
    ],
)
def test_power_actions_need_their_state(ecm, action, name, more, expected):
    assert ecm.refusal(action, InstanceIdSet=[ecm.id(name)], **more) == expected


def test_a_hard_stop_is_quicker_than_a_soft_one(ecm):
    ecm.call("StopInstances", InstanceIdSet=["ein-running1"], StopType="HARD")
    ecm.call("StopInstances", InstanceIdSet=["ein-running2"])
    ecm.clock.advance(11)
    assert (ecm.latest("running1")[0], ecm.latest("running2")[0]) == ("STOPPED", "STOPPING")


def test_an_id_that_a_fault_wants_failed_is_left_out_without_a_word(ecm):
    ecm.emulation.faults.add({"effect": "list_failed", "ids": ["ein-running2"]})
    assert reset(ecm, "running1", "running2") == "accepted"
    assert (ecm.truth("running1").wipes, ecm.truth("running2").wipes) == (1, 0)


@pytest.mark.parametrize(
    "filters, names",
    [
        ({"instance-id": ["ein-running1", "ein-nothere1"]}, ["running1"]),
        ({"instance-state": ["STOPPED"]}, ["stopped1", "broken01"]),
        ({"instance-name": ["NAME-RUN"]}, ["running1", "running2"]),
        ({"tag:role": ["web"]}, ["running1"]),
        ({"tag-key": ["role"], "instance-state": ["STOPPED"]}, []),
        ({"image-id": ["img-game0001"]}, ["gamebox1"]),
        ({"zone": ["abroad"]}, ["windows2"]),
        ({"instance-id": []}, []),
    ],
)
def test_instances_are_found_by_filters(ecm, filters, names):
    given = [{"Name": name, "Values": values} for name, values in filters.items()]
    answer = ecm.call("DescribeInstances", Filters=given)
    assert [row["InstanceId"] for row in answer["InstanceSet"] or []] == [ecm.id(name) for name in names]
    assert answer["TotalCount"] == len(names)


@pytest.mark.parametrize(
    "body, expected",
    [
        (
            {"Filters": [{"Name": "instance-id", "Values": ["ein-a"] * 6}]},
            "InvalidParameterValue.FilterLimitExceeded",
        ),
        ({"Filters": [{"Name": "colour", "Values": ["red"]}]}, "InvalidParameterValue.InvalidFilter"),
        ({"Filters": [{"Name": "zone"}]}, "MissingParameter"),
        ({"Filters": ["zone"]}, "InvalidParameter"),
        ({"Limit": 101}, "InvalidParameterValue.InvaildPageParam"),
        ({"Limit": 0}, "InvalidParameterValue.InvaildPageParam"),
        ({"Offset": -1}, "InvalidParameterValue.InvaildPageParam"),
        ({"Limit": "5"}, "InvalidParameter"),
        ({"OrderByField": "name"}, "InvalidParameterValue.InvalidOrderByField"),
        ({"InstanceIdSet": ["ein-running1"]}, "UnknownParameter"),
    ],
)
def test_a_list_is_checked_like_a_write(ecm, body, expected):
    assert ecm.refusal("DescribeInstances", **body) == expected


def test_instances_are_listed_in_pages_from_the_newest_on(ecm):
    ecm.emulation.fleet.amend("ein-large001", created=ecm.clock() + 10)
    first, last = (ecm.call("DescribeInstances", Limit=3, Offset=offset) for offset in (0, 15))
    assert (first["InstanceSet"][0]["InstanceId"], len(last["InstanceSet"])) == ("ein-large001", 2)
    assert first["TotalCount"] == last["TotalCount"] == 17
    upwards = ecm.call("DescribeInstances", OrderDirection=1, OrderByField="timestamp", Limit=100)
    assert upwards["InstanceSet"][-1]["InstanceId"] == "ein-large001"


def test_an_empty_list_is_null(ecm):
    assert ecm.call("DescribeInstances", Offset=50)["InstanceSet"] is None


@pytest.mark.parametrize(
    "filters, count",
    [
        ({}, 14),
        ({"image-type": ["PRIVATE_IMAGE"]}, 4),
        ({"image-id": ["img-debian01"]}, 1),
        ({"image-name": ["ubuntu"]}, 1),
        ({"image-os": ["debian", "windows"]}, 2),
    ],
)
def test_images_are_found_by_filters(ecm, filters, count):
    given = [{"Name": name, "Values": values} for name, values in filters.items()]
    assert ecm.call("DescribeImage", Filters=given)["TotalCount"] == count


def test_what_is_denied_is_listed_and_nothing_else(ecm):
    assert "InstanceOperatorSet" not in ecm.call(
        "DescribeInstancesDeniedActions", InstanceIdSet=["ein-running1"]
    )
    answer = ecm.call("DescribeInstancesDeniedActions", InstanceIdSet=["ein-denied01", "ein-running1"])
    assert [row["InstanceId"] for row in answer["InstanceOperatorSet"]] == ["ein-denied01"]
    assert answer["InstanceOperatorSet"][0]["DeniedActions"][1] == {
        "Action": "ResetInstances",
        "Code": "FailedOperation.Denied",
        "Message": "no",
    }


def test_another_account_sees_and_touches_nothing(ecm, read_code):
    other = {"key": "AK2", "secret": "SK2"}
    assert b'"TotalCount": 0' in ecm.send("DescribeInstances", {}, **other).body
    found = ecm.send("StopInstances", {"InstanceIdSet": ["ein-running1"]}, **other)
    assert read_code(found) == "ResourceNotFound.InstanceNotExist"


def test_fields_that_a_fleet_sets_are_shown(ecm):
    ecm.emulation.fleet.amend(
        "ein-running1", extra={"ISP": "CMCC", "SystemDisk": {"DiskType": "CLOUD_PREMIUM"}}
    )
    wanted = [{"Name": "instance-id", "Values": ["ein-running1"]}]
    row = ecm.call("DescribeInstances", Filters=wanted)["InstanceSet"][0]
    assert (row["ISP"], row["SystemDisk"]["DiskType"], row["SystemDisk"]["DiskSize"]) == (
        "CMCC",
        "CLOUD_PREMIUM",
        40,
    )


def test_public_ipv6_addresses_stand_with_the_network_card_only(cloud_of, world_of):
    world = world_of("tencent_ecm")
    world["instances"][0]["public_ips"] = ["203.0.113.5", "2001:db8::5"]
    filters = [{"Name": "instance-id", "Values": ["ein-running1"]}]
    row = cloud_of("tencent_ecm", world).call("DescribeInstances", Filters=filters)["InstanceSet"][0]
    assert [address["PublicIPAddress"] for address in row["Internet"]["PublicIPAddressSet"]] == [
        "203.0.113.5"
    ]
    card = row["Internet"]["InstanceNetworkInfoSet"][0]["AddressInfoSet"][0]
    assert card["PublicIPv6AddressInfo"]["PublicIPAddress"] == "2001:db8::5"
