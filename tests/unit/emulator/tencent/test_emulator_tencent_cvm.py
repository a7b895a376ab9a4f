# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What CVM accepts, refuses and does, rule by rule."""

from __future__ import annotations

import base64

import pytest

KEYS = [f"skey-aaaaaaa{number}" for number in range(2)]
STATE = "UnsupportedOperation.InstanceState"
MISSING = "InvalidInstanceId.NotFound"
FITS_NOT = "InvalidParameterValue.InvalidImageForGivenInstanceType"


def reset(cvm, name, _region="", **more):
    return cvm.refusal("ResetInstance", _region, **{"InstanceId": cvm.id(name), **more})


def described(cvm, name):
    return cvm.call("DescribeInstances", InstanceIds=[cvm.id(name)])["InstanceSet"][0]


def test_a_reset_can_be_followed_by_its_request_id(cvm):
    request_id = cvm.call("ResetInstance", InstanceId="ins-stopped1", ImageId="img-debian01")["RequestId"]
    row = described(cvm, "stopped1")
    assert (row["LatestOperationRequestId"], row["LatestOperationState"]) == (request_id, "OPERATING")
    assert (row["InstanceState"], row["ImageId"]) == ("RUNNING", "img-ubuntu01")
    cvm.clock.advance(121)
    row = described(cvm, "stopped1")
    assert (row["LatestOperationState"], row["LatestOperationRequestId"]) == ("SUCCESS", request_id)
    assert (row["InstanceState"], row["ImageId"], row["LatestOperationErrorMsg"]) == (
        "RUNNING",
        "img-debian01",
        "",
    )


def test_a_failed_reset_leaves_nothing_but_another_reset(cvm):
    reset(cvm, "fails001")
    cvm.clock.advance(121)
    row = described(cvm, "fails001")
    assert (row["LatestOperationState"], row["LatestOperationErrorMsg"]) == ("FAILED", "the reset failed")
    for action in ("StartInstances", "StopInstances", "RebootInstances"):
        assert (
            cvm.refusal(action, InstanceIds=["ins-fails001"])
            == "UnsupportedOperation.InstanceReinstallFailed"
        )
    assert reset(cvm, "fails001") == "accepted"


def test_while_a_reset_is_under_way_nothing_else_is_taken_on(cvm):
    reset(cvm, "running1")
    assert reset(cvm, "running1") == "OperationDenied.InstanceOperationInProgress"
    assert cvm.refusal("StopInstances", InstanceIds=["ins-running1"]) == "InvalidInstance.NotSupported"


def test_the_record_before_is_shown_until_the_new_one_is_registered(cvm):
    reset(cvm, "slow0001")
    assert cvm.latest("slow0001") == ("RUNNING", None, None)
    cvm.clock.advance(5)
    assert cvm.latest("slow0001") == ("RUNNING", "ResetInstance", "OPERATING")


@pytest.mark.parametrize(
    "name, more, expected",
    [
        ("running1", {"InstanceId": None}, "MissingParameter"),
        ("running1", {"InstanceId": "ein-running1"}, "InvalidInstanceId.Malformed"),
        ("running1", {"InstanceIds": ["ins-running1"]}, "UnknownParameter"),
        ("nothere1", {}, MISSING),
        ("windows2", {}, MISSING),
        ("booting1", {}, f"{STATE}Rebooting"),
        ("building", {}, f"{STATE}Pending"),
        ("recycled", {}, f"{STATE}Shutdown"),
        ("rescue01", {}, f"{STATE}RescueMode"),
        ("expired1", {}, f"{STATE}Isolating"),
        ("denied01", {}, "FailedOperation.Denied"),
        ("running1", {"ImageId": "lhbp-ubuntu01"}, "InvalidImageId.Malformed"),
        ("running1", {"ImageId": "img-nothere1"}, "InvalidImageId.NotFound"),
        ("running1", {"ImageId": "img-delisted"}, "InvalidImageId.NotFound"),
        ("running1", {"ImageId": "img-faraway1"}, "InvalidImageId.NotFound"),
        ("running1", {"ImageId": "img-creating"}, "InvalidParameterValue.InvalidImageState"),
        ("running1", {"ImageId": "img-larger01"}, "InvalidParameterValue.InvalidImageIdForRetsetInstance"),
        ("running1", {"ImageId": "img-armarm01"}, FITS_NOT),
        ("running1", {"ImageId": "img-hungry01"}, FITS_NOT),
        ("localhdd", {"ImageId": "img-windows1"}, "UnsupportedOperation.InstanceOsConvertOsNotSupport"),
        ("localhdd", {"SystemDisk": {"DiskSize": 50}}, "UnsupportedOperation.SystemDiskType"),
        ("running1", {"SystemDisk": {"DiskSize": 39}}, "InvalidParameterValue.Range"),
        ("running1", {"SystemDisk": {"DiskType": "CLOUD_SSD"}}, "InvalidParameterValue"),
        ("running1", {"SystemDisk": {"Size": 50}}, "UnknownParameter"),
        ("running1", {"HostName": "a"}, "InvalidParameterValue.IllegalHostName"),
        ("running1", {"HostName": "a..b"}, "InvalidParameterValue.IllegalHostName"),
        ("running1", {"HostName": "-ab"}, "InvalidParameterValue.IllegalHostName"),
        ("windows1", {"HostName": "a.b"}, "InvalidParameterValue.IllegalHostName"),
        ("windows1", {"HostName": "123"}, "InvalidParameterValue.IllegalHostName"),
        ("windows1", {"HostName": "a" * 16}, "InvalidParameterValue.IllegalHostName"),
        ("running1", {"UserData": "no base64!"}, "InvalidParameterValue.InvalidUserDataFormat"),
        (
            "running1",
            {"UserData": base64.b64encode(b"x" * 16385).decode()},
            "InvalidParameterValue.InvalidUserDataFormat",
        ),
    ],
)
def test_a_reset_that_breaks_a_rule_is_refused(cvm, name, more, expected):
    assert reset(cvm, name, **more) == expected
    assert cvm.wiped() == 0


@pytest.mark.parametrize(
    "name, more",
    [
        (
            "running1",
            {"ImageId": "img-larger01", "SystemDisk": {"DiskSize": 500, "DiskType": "CLOUD_PREMIUM"}},
        ),
        ("running1", {"ImageId": "img-windows1"}),
        ("windows1", {"ImageId": "img-ubuntu01", "HostName": "web-1.example"}),
        ("running1", {"HostName": "1" * 60, "UserData": base64.b64encode(b"x" * 16384).decode()}),
        ("broken01", {}),
        ("stopped1", {"EnhancedService": {"AutomationService": {"Enabled": True}}}),
    ],
)
def test_a_reset_that_keeps_the_rules_is_taken_on(cvm, name, more):
    assert reset(cvm, name, **more) == "accepted"
    assert cvm.truth(name).wipes == 1
    assert described(cvm, name)["SystemDisk"]["DiskSize"] == more.get("SystemDisk", {}).get("DiskSize", 40)


@pytest.mark.parametrize(
    "name, login, expected",
    [
        ("running1", {"Password": "aaaaaaa1"}, "accepted"),
        ("running1", {"KeyIds": KEYS}, "accepted"),
        ("running1", {"KeyIds": KEYS, "KeepImageLogin": "FALSE"}, "accepted"),
        ("running1", {"Password": "aaaaaaa1", "KeyIds": KEYS}, "InvalidParameter.ParameterConflict"),
        ("running1", {"KeyIds": KEYS, "KeepImageLogin": "true"}, "InvalidParameter.ParameterConflict"),
        ("running1", {"KeepImageLogin": "TRUE"}, "InvalidParameterCombination"),
        ("running1", {"KeepImageLogin": True}, "InvalidParameter"),
        ("running1", {"KeepImageLogin": "yes"}, "InvalidParameterValue"),
        ("running1", {"KeyIds": ["skey-nothere1"]}, "InvalidParameterValue.KeyPairNotFound"),
        ("running1", {"KeyIds": ["key-1"]}, "InvalidKeyPairId.Malformed"),
        ("windows1", {"KeyIds": KEYS}, "UnsupportedOperation.KeyPairUnsupportedWindows"),
        ("running1", {"Password": "aaaaaaaa"}, "InvalidParameterValue.InvalidPassword"),
        ("running1", {"Password": "aaaaaAAA"}, "InvalidParameterValue.InvalidPassword"),
        ("running1", {"Password": "aaaaaa1_"}, "InvalidParameterValue.InvalidPassword"),
        ("running1", {"Password": "aaaaaa1|"}, "accepted"),
        ("windows1", {"Password": "aaaaaaaaaaa1"}, "InvalidParameterValue.InvalidPassword"),
        ("windows1", {"Password": "Aaaaaaaaaaa1"}, "accepted"),
    ],
)
def test_there_are_rules_for_logging_in(cvm, name, login, expected):
    assert reset(cvm, name, LoginSettings=login) == expected


def test_the_login_of_an_own_image_can_be_kept(cvm):
    reset(cvm, "running1", LoginSettings={"KeyIds": KEYS})
    cvm.clock.advance(121)
    assert (
        reset(cvm, "running1", ImageId="img-custom01", LoginSettings={"KeepImageLogin": "TRUE"}) == "accepted"
    )
    cvm.clock.advance(121)
    assert described(cvm, "running1")["LoginSettings"]["KeyIds"] == KEYS and not cvm.truth("running1").agent


@pytest.mark.parametrize(
    "action, name, more, meanwhile, after",
    [
        ("RebootInstances", "running1", {"ForceReboot": True}, "REBOOTING", "RUNNING"),
        ("StopInstances", "running1", {"StopType": "SOFT_FIRST"}, "STOPPING", "STOPPED"),
        ("StartInstances", "stopped1", {}, "STARTING", "RUNNING"),
    ],
)
def test_power_actions_pass_through_their_state(cvm, action, name, more, meanwhile, after):
    cvm.call(action, InstanceIds=[cvm.id(name)], **more)
    assert cvm.latest(name) == (meanwhile, action, "OPERATING")
    assert reset(cvm, name).startswith(STATE)
    cvm.clock.advance(31)
    assert cvm.latest(name) == (after, action, "SUCCESS")


@pytest.mark.parametrize(
    "action, ids, more, expected",
    [
        ("StartInstances", ["ins-running1"], {}, f"{STATE}Running"),
        ("StopInstances", ["ins-stopped1"], {}, f"{STATE}Stopped"),
        ("RebootInstances", ["ins-running1", "ins-stopped1"], {}, f"{STATE}Stopped"),
        ("RebootInstances", ["ins-running1", "ins-nothere1"], {}, MISSING),
        ("StopInstances", [], {}, "MissingParameter"),
        ("StopInstances", ["ins-running1"] * 2, {}, "InvalidParameterValue.Duplicate"),
        (
            "StopInstances",
            [f"ins-x{number:07}" for number in range(101)],
            {},
            "InvalidParameterValue.LimitExceeded",
        ),
        (
            "StopInstances",
            ["ins-running1"],
            {"ForceStop": True, "StopType": "HARD"},
            "InvalidParameterCombination",
        ),
        (
            "RebootInstances",
            ["ins-running1"],
            {"ForceReboot": False, "StopType": "SOFT"},
            "InvalidParameterCombination",
        ),
        ("StopInstances", ["ins-running1"], {"StoppedMode": "FREE"}, "InvalidParameterValue"),
    ],
)
def test_a_batch_is_refused_as_a_whole(cvm, action, ids, more, expected):
    assert cvm.refusal(action, InstanceIds=ids, **more) == expected
    assert cvm.latest("running1")[1] is None


def test_an_instance_that_is_not_charged_must_be_started_before_a_reset(cvm):
    cvm.call("StopInstances", InstanceIds=["ins-running1"], StoppedMode="STOP_CHARGING")
    cvm.clock.advance(21)
    assert described(cvm, "running1")["StopChargingMode"] == "STOP_CHARGING"
    assert reset(cvm, "running1") == "UnsupportedOperation.StoppedModeStopCharging"
    cvm.call("StartInstances", InstanceIds=["ins-running1"])
    cvm.clock.advance(16)
    assert (described(cvm, "running1")["StopChargingMode"], reset(cvm, "running1")) == (
        "NOT_APPLICABLE",
        "accepted",
    )


@pytest.mark.parametrize("action", ["DescribeInstances", "DescribeInstancesStatus"])
def test_an_unknown_id_is_left_out_and_a_malformed_one_refused(cvm, action):
    assert cvm.call(action, InstanceIds=["ins-nothere1", "ins-windows2"])["TotalCount"] == 0
    assert cvm.refusal(action, InstanceIds=["nothere1"]) == "InvalidInstanceId.Malformed"


@pytest.mark.parametrize(
    "action, body, expected",
    [
        (
            "DescribeInstances",
            {"InstanceIds": ["ins-running1"], "Filters": [{"Name": "zone", "Values": ["x"]}]},
            "InvalidParameterCombination",
        ),
        ("DescribeInstances", {"Filters": [{"Name": "colour", "Values": ["x"]}]}, "InvalidFilter"),
        ("DescribeInstances", {"Filters": [{"Name": "tag", "Values": ["x"]}]}, "InvalidFilter"),
        (
            "DescribeInstances",
            {"Filters": [{"Name": "zone", "Values": ["x"] * 6}]},
            "InvalidFilterValue.LimitExceeded",
        ),
        (
            "DescribeInstances",
            {"Filters": [{"Name": "zone", "Values": ["x"]}] * 11},
            "InvalidParameterValue.LimitExceeded",
        ),
        ("DescribeInstances", {"Limit": 101}, "InvalidParameterValueLimit"),
        ("DescribeInstances", {"Offset": -1}, "InvalidParameterValueOffset"),
        ("DescribeInstancesStatus", {"Filters": []}, "UnknownParameter"),
        ("DescribeImages", {"Limit": 0}, "InvalidParameterValue.InvalidParameterValueLimit"),
        (
            "DescribeImages",
            {"ImageIds": ["img-ubuntu01"], "Filters": [{"Name": "image-id", "Values": ["x"]}]},
            "InvalidParameter.InvalidParameterCoexistImageIdsFilters",
        ),
        ("DescribeKeyPairs", {"KeyIds": ["key"]}, "InvalidKeyPairId.Malformed"),
        ("DescribeZones", {"Limit": 1}, "UnknownParameter"),
    ],
)
def test_a_list_is_checked_like_a_write(cvm, action, body, expected):
    assert cvm.refusal(action, **body) == expected


@pytest.mark.parametrize(
    "action, filters, count",
    [
        ("DescribeInstances", {"instance-state": ["STOPPED", "SHUTDOWN"]}, 3),
        ("DescribeInstances", {"tag:role": ["web"]}, 1),
        ("DescribeInstances", {"instance-charge-type": ["PREPAID"]}, 1),
        ("DescribeInstances", {"project-id": ["0"]}, 16),
        ("DescribeInstances", {"creation-start-time": ["2020-01-01T00:00:00Z"]}, 16),
        ("DescribeInstances", {"creation-end-time": ["2020-01-01T00:00:00Z"]}, 0),
        ("DescribeInstances", {"vpc-id": ["vpc-emulated"], "instance-id": ["ins-running1"]}, 1),
        ("DescribeImages", {"image-type": ["SHARED_IMAGE"]}, 1),
        ("DescribeImages", {"platform": ["win"]}, 1),
        ("DescribeImages", {}, 12),
        ("DescribeKeyPairs", {"key-name": ["key 1"]}, 1),
    ],
)
def test_things_are_found_by_filters(cvm, action, filters, count):
    given = [{"Name": name, "Values": values} for name, values in filters.items()]
    assert cvm.call(action, Filters=given)["TotalCount"] == count


def test_zones_are_those_of_the_region(cvm):
    assert [row["Zone"] for row in cvm.call("DescribeZones")["ZoneSet"]] == ["ap-guangzhou-1"]
    assert cvm.call("DescribeImages", ImageIds=["img-debian01", "img-nothere1"])["TotalCount"] == 1
    assert cvm.call("DescribeKeyPairs", KeyIds=KEYS)["KeyPairSet"][1]["PublicKey"] == "ssh-ed25519 AAAA1"


def test_a_state_word_of_the_fleet_is_shown(cloud_of, world_of):
    settings = {"tencent_cvm": {"status_words": {"resetting": "REBOOTING"}, "image_changes": "begin"}}
    cvm = cloud_of("tencent_cvm", {**world_of("tencent_cvm"), "settings": settings})
    reset(cvm, "running1", ImageId="img-debian01")
    assert (cvm.latest("running1")[0], described(cvm, "running1")["ImageId"]) == ("REBOOTING", "img-debian01")


@pytest.mark.parametrize(
    "model, found", [("S5.MEDIUM4", ["img-ubuntu01"]), ("SR1.MEDIUM4", ["img-armarm01"])]
)
def test_a_model_takes_images_of_its_architecture_only(cvm, model, found):
    answer = cvm.call("DescribeImages", ImageIds=["img-ubuntu01", "img-armarm01"], InstanceType=model)
    assert [row["ImageId"] for row in answer["ImageSet"]] == found


def test_an_image_of_another_licence_is_refused(cloud_of, world_of):
    world = world_of("tencent_cvm")
    for image in world["images"]:
        image["extra"] = {"LicenseType": "BYOL"} if image["id"] == "img-custom01" else {}
    cvm = cloud_of("tencent_cvm", world)
    assert cvm.refusal("ResetInstance", InstanceId="ins-running1", ImageId="img-custom01") == (
        "UnsupportedOperation.InvalidImageLicenseTypeForReset"
    )


def test_ipv6_addresses_have_fields_of_their_own(cloud_of, world_of):
    world = world_of("tencent_cvm")
    world["instances"][0].update(public_ips=["203.0.113.5", "2001:db8::5"], private_ips=["fd00::1"])
    row = cloud_of("tencent_cvm", world).call("DescribeInstances", InstanceIds=["ins-running1"])[
        "InstanceSet"
    ][0]
    assert (row["PublicIpAddresses"], row["PublicIPv6Addresses"]) == (["203.0.113.5"], ["2001:db8::5"])
    assert row["IPv6Addresses"] == ["2001:db8::5", "fd00::1"] and row["PrivateIpAddresses"] == []
