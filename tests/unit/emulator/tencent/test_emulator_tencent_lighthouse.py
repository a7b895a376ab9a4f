# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Lighthouse accepts, refuses and does, rule by rule."""

from __future__ import annotations

import pytest

KEYS = [f"lhkp-aaaaaaa{number}" for number in range(6)]
GOOD = "Good-pass1"
SAME = "OperationDenied.InstanceOperationInProgress"
OTHER = "UnsupportedOperation.LatestOperationUnfinished"
WRONG_STATE = "UnsupportedOperation.InvalidInstanceState"
MISSING = "ResourceNotFound.InstanceIdNotFound"
COMBINATION = "InvalidParameterValue.InvalidParameterCombination"


def reset(lighthouse, name, _region="", **more):
    return lighthouse.refusal("ResetInstance", _region, **{"InstanceId": lighthouse.id(name), **more})


def described(lighthouse, name):
    return lighthouse.call("DescribeInstances", InstanceIds=[lighthouse.id(name)])["InstanceSet"][0]


def test_a_reset_can_be_followed_by_its_request_id(lighthouse):
    request_id = lighthouse.call("ResetInstance", InstanceId="lhins-stopped1", BlueprintId="lhbp-debian01")[
        "RequestId"
    ]
    row = described(lighthouse, "stopped1")
    assert (row["LatestOperation"], row["LatestOperationState"]) == ("ResetInstance", "OPERATING")
    assert (row["LatestOperationRequestId"], row["BlueprintId"]) == (request_id, "lhbp-ubuntu01")
    lighthouse.clock.advance(121)
    row = described(lighthouse, "stopped1")
    assert (
        row["LatestOperationState"],
        row["InstanceState"],
        row["BlueprintId"],
        row["LatestOperationRequestId"],
    ) == ("SUCCESS", "RUNNING", "lhbp-debian01", request_id)


def test_the_record_before_is_shown_until_the_new_one_is_registered(lighthouse):
    lighthouse.call("RebootInstances", InstanceIds=["lhins-slow0001"])
    lighthouse.clock.advance(31)
    assert reset(lighthouse, "slow0001") == "accepted"
    assert lighthouse.latest("slow0001") == ("RUNNING", "RebootInstances", "SUCCESS")
    lighthouse.clock.advance(5)
    assert lighthouse.latest("slow0001") == ("RUNNING", "ResetInstance", "OPERATING")


def test_a_failed_reset_says_so_and_can_be_repeated(lighthouse):
    reset(lighthouse, "fails001")
    lighthouse.clock.advance(121)
    assert lighthouse.latest("fails001") == ("STOPPED", "ResetInstance", "FAILED")
    assert reset(lighthouse, "fails001") == "accepted"


@pytest.mark.parametrize(
    "name, more, expected",
    [
        ("running1", {"InstanceId": None}, "MissingParameter"),
        ("running1", {"InstanceId": ["lhins-running1"]}, "InvalidParameter"),
        ("running1", {"InstanceId": "ins-running1"}, "InvalidParameterValue.InstanceIdMalformed"),
        ("running1", {"InstanceIds": ["lhins-running1"]}, "UnknownParameter"),
        ("nothere1", {}, MISSING),
        ("windows2", {}, MISSING),
        ("booting1", {}, OTHER),
        ("building", {}, "OperationDenied.InstanceCreating"),
        ("recycled", {}, WRONG_STATE),
        ("rescue01", {}, WRONG_STATE),
        ("expired1", {}, "UnsupportedOperation.InstanceExpired"),
        ("denied01", {}, "FailedOperation.Denied"),
        ("running1", {"BlueprintId": "img-ubuntu01"}, "InvalidParameterValue.BlueprintIdMalformed"),
        ("running1", {"BlueprintId": "lhbp-nothere1"}, "ResourceNotFound.BlueprintIdNotFound"),
        ("running1", {"BlueprintId": "lhbp-faraway1"}, "ResourceNotFound.BlueprintIdNotFound"),
        ("running1", {"BlueprintId": "lhbp-delisted"}, "ResourceUnavailable.BlueprintUnavailable"),
        ("running1", {"BlueprintId": "lhbp-larger01"}, "InvalidParameterValue.BlueprintConfigNotMatch"),
        ("running1", {"BlueprintId": "lhbp-hungry01"}, "InvalidParameterValue.BlueprintConfigNotMatch"),
        (
            "gamebox1",
            {"BlueprintId": "lhbp-ubuntu01"},
            "InvalidParameter.GamePortalInstanceOnlySupportCurrentBlueprint",
        ),
        (
            "running1",
            {"Containers": [{"ContainerImage": "nginx"}]},
            "UnsupportedOperation.BlueprintTypeNotSupportOperation",
        ),
        ("running1", {"Containers": [{"ContainerName": "web"}]}, "MissingParameter"),
    ],
)
def test_a_reset_that_breaks_a_rule_is_refused(lighthouse, name, more, expected):
    assert reset(lighthouse, name, **more) == expected
    assert lighthouse.wiped() == 0


@pytest.mark.parametrize(
    "name, region, image, expected",
    [
        ("running1", "ap-guangzhou", "windows1", "accepted"),
        ("windows1", "ap-guangzhou", "ubuntu01", "accepted"),
        ("windows2", "ap-singapore", "windows1", "accepted"),
        ("windows2", "ap-singapore", "ubuntu01", "InvalidParameterValue.NotAllowToChangePlatformType"),
    ],
)
def test_linux_and_windows_are_switched_in_mainland_china_only(lighthouse, name, region, image, expected):
    assert reset(lighthouse, name, region, BlueprintId=f"lhbp-{image}") == expected


@pytest.mark.parametrize(
    "name, login, expected",
    [
        ("running1", {"Password": GOOD}, "accepted"),
        ("running1", {"Password": GOOD, "AutoGeneratePassword": "NO"}, "accepted"),
        ("running1", {"AutoGeneratePassword": "YES"}, "accepted"),
        ("running1", {"KeyIds": KEYS[:5]}, "accepted"),
        ("running1", {"AutoGeneratePassword": "NO"}, "MissingParameter"),
        ("running1", {"AutoGeneratePassword": "no"}, "InvalidParameterValue"),
        ("running1", {"AutoGeneratePassword": "YES", "KeyIds": KEYS[:1]}, COMBINATION),
        ("running1", {"AutoGeneratePassword": "YES", "Password": GOOD}, COMBINATION),
        ("running1", {"Password": GOOD, "KeyIds": KEYS[:1]}, "InvalidParameter.ParameterConflict"),
        ("running1", {"KeyIds": KEYS}, "InvalidParameterValue.LimitExceeded"),
        ("running1", {"KeyIds": ["skey-aaaaaaa1"]}, "InvalidParameterValue.KeyPairIdMalformed"),
        ("running1", {"KeyIds": ["lhkp-nothere1"]}, "ResourceNotFound.KeyPairNotFound"),
        ("running1", {"KeyIds": KEYS[:1] * 2}, "InvalidParameterValue.Duplicated"),
        ("windows1", {"KeyIds": KEYS[:1]}, "UnsupportedOperation.WindowsNotSupportKeyPair"),
        ("running1", {"KeepImageLogin": "TRUE"}, "UnknownParameter"),
    ],
)
def test_there_are_rules_for_logging_in(lighthouse, name, login, expected):
    assert reset(lighthouse, name, LoginConfiguration=login) == expected


@pytest.mark.parametrize(
    "name, password, good",
    [
        ("running1", "Aa1aaaaa", True),
        ("running1", "Aa1aaaa", False),
        ("running1", "aaaa1111", False),
        ("running1", "Aa1" * 10, True),
        ("running1", "Aa1" * 10 + "a", False),
        ("running1", "/Aa1aaaa", False),
        ("running1", "Aa1 aaaa", False),
        ("running1", "Aa1_aaaa", True),
        ("windows1", "Aa1aaaaaaaa", False),
        ("windows1", "Aa1aaaaaaaaa", True),
        ("windows1", "Administrator1", False),
    ],
)
def test_a_password_must_suit_the_system(lighthouse, name, password, good):
    expected = "accepted" if good else "InvalidParameterValue.InvalidPassword"
    assert reset(lighthouse, name, LoginConfiguration={"Password": password}) == expected


def test_keys_are_bound_by_a_reset_and_shown(lighthouse):
    reset(lighthouse, "running1", LoginConfiguration={"KeyIds": KEYS[:2]})
    assert described(lighthouse, "running1")["LoginSettings"]["KeyIds"] == KEYS[:2]
    row = lighthouse.call("DescribeKeyPairs", KeyIds=KEYS[1:2])["KeyPairSet"][0]
    assert (row["AssociatedInstanceIds"], row["PublicKey"]) == (["lhins-running1"], "ssh-ed25519 AAAA1")
    assert lighthouse.truth("running1").login.public_keys == ("ssh-ed25519 AAAA0", "ssh-ed25519 AAAA1")


@pytest.mark.parametrize(
    "action, name, meanwhile, after",
    [
        ("RebootInstances", "running1", "REBOOTING", "RUNNING"),
        ("StopInstances", "running1", "STOPPING", "STOPPED"),
        ("StartInstances", "stopped1", "STARTING", "RUNNING"),
    ],
)
def test_power_actions_pass_through_their_state(lighthouse, action, name, meanwhile, after):
    lighthouse.call(action, InstanceIds=[lighthouse.id(name)])
    assert lighthouse.latest(name) == (meanwhile, action, "OPERATING")
    assert lighthouse.refusal(action, InstanceIds=[lighthouse.id(name)]) == SAME
    assert reset(lighthouse, name) == OTHER
    lighthouse.clock.advance(31)
    assert lighthouse.latest(name) == (after, action, "SUCCESS")


@pytest.mark.parametrize(
    "ids, expected",
    [
        (["lhins-stopped1"], WRONG_STATE),
        (["lhins-running1", "lhins-stopped1"], WRONG_STATE),
        ([], "MissingParameter"),
        (["lhins-nothere1"], MISSING),
        (["lhins-windows2"], MISSING),
        (["lhins-running1"] * 2, "InvalidParameterValue.Duplicated"),
        ([f"lhins-x{number:07}" for number in range(101)], "InvalidParameterValue.LimitExceeded"),
    ],
)
def test_a_batch_is_refused_as_a_whole(lighthouse, ids, expected):
    assert lighthouse.refusal("RebootInstances", InstanceIds=ids) == expected
    assert lighthouse.latest("running1")[1] is None


def test_denied_actions_tell_what_the_state_forbids_and_what_the_fleet_says(lighthouse):
    answer = lighthouse.call(
        "DescribeInstancesDeniedActions", InstanceIds=["lhins-running1", "lhins-denied01"]
    )
    running, denied = answer["InstanceDeniedActionSet"]
    assert [(row["Action"], row["Code"]) for row in running["DeniedActions"]] == [
        ("StartInstances", WRONG_STATE)
    ]
    assert {"Action": "ResetInstance", "Code": "FailedOperation.Denied", "Message": "no"} in denied[
        "DeniedActions"
    ]
    assert lighthouse.refusal("DescribeInstancesDeniedActions", InstanceIds=["lhins-nothere1"]) == MISSING


def test_the_blueprints_for_a_reset_tell_whether_and_why_not(lighthouse):
    answer = lighthouse.call("DescribeResetInstanceBlueprints", InstanceId="lhins-running1", Limit=100)
    rows = {row["BlueprintInfo"]["BlueprintId"]: row for row in answer["ResetInstanceBlueprintSet"]}
    assert rows["lhbp-debian01"]["IsResettable"] and not rows["lhbp-debian01"]["NonResettableMessage"]
    assert not rows["lhbp-larger01"]["IsResettable"] and rows["lhbp-larger01"]["NonResettableMessage"]
    assert "lhbp-faraway1" not in rows


def test_a_game_instance_is_offered_its_own_blueprint_only(lighthouse):
    answer = lighthouse.call("DescribeResetInstanceBlueprints", InstanceId="lhins-gamebox1")
    assert [row["BlueprintInfo"]["BlueprintId"] for row in answer["ResetInstanceBlueprintSet"]] == [
        "lhbp-game0001"
    ]
    filters = [{"Name": "platform-type", "Values": ["WINDOWS"]}]
    assert lighthouse.refusal(
        "DescribeResetInstanceBlueprints", InstanceId="lhins-gamebox1", Filters=filters
    ) == ("InvalidParameter.InvalidFilter")


@pytest.mark.parametrize(
    "action, body, expected",
    [
        ("DescribeInstances", {"InstanceIds": ["lhins-running1", "lhins-nothere1"]}, MISSING),
        (
            "DescribeInstances",
            {"InstanceIds": ["lhins-running1"], "Filters": [{"Name": "zone", "Values": []}]},
            "InvalidParameter.ParameterConflict",
        ),
        ("DescribeInstances", {"Order": "ASC"}, "MissingParameter.OrderFieldRequired"),
        ("DescribeInstances", {"Limit": 101}, "InvalidParameterValue.OutOfRange"),
        ("DescribeInstances", {"Offset": -1}, "InvalidParameterValue.Negative"),
        (
            "DescribeInstances",
            {"Filters": [{"Name": "instance-id", "Values": ["x"]}]},
            "InvalidParameter.InvalidFilterNotSupportedName",
        ),
        (
            "DescribeInstances",
            {"Filters": [{"Name": "zone", "Values": ["x"] * 101}]},
            "InvalidParameter.FilterValueLimitExceeded",
        ),
        (
            "DescribeInstances",
            {"Filters": [{"Name": "zone", "Values": ["x"]}] * 11},
            "InvalidParameterValue.LimitExceeded",
        ),
        (
            "DescribeResetInstanceBlueprints",
            {"InstanceId": "lhins-running1", "Filters": [{"Name": "blueprint-id", "Values": ["x"] * 6}]},
            "InvalidParameter.FilterValueLimitExceeded",
        ),
        ("DescribeResetInstanceBlueprints", {"InstanceId": "lhins-nothere1"}, MISSING),
        ("DescribeBlueprints", {"BlueprintIds": ["lhbp-nothere1"]}, "ResourceNotFound.BlueprintIdNotFound"),
        ("DescribeKeyPairs", {"KeyIds": ["lhkp-nothere1"]}, "ResourceNotFound.KeyIdNotFound"),
        ("DescribeRegions", {"Limit": 1}, "UnknownParameter"),
    ],
)
def test_a_list_is_checked_like_a_write(lighthouse, action, body, expected):
    assert lighthouse.refusal(action, **body) == expected


@pytest.mark.parametrize(
    "action, filters, count",
    [
        ("DescribeInstances", {"instance-state": ["STOPPED", "SHUTDOWN"]}, 3),
        ("DescribeInstances", {"tag-key": ["role"]}, 1),
        ("DescribeInstances", {"tag-value": ["web"]}, 1),
        ("DescribeInstances", {"instance-name": ["name-running1"]}, 1),
        ("DescribeBlueprints", {"platform-type": ["WINDOWS"]}, 1),
        ("DescribeBlueprints", {"blueprint-type": ["PRIVATE"]}, 1),
        ("DescribeBlueprints", {"blueprint-state": ["OFFLINE"]}, 1),
        ("DescribeBlueprints", {}, 13),
        ("DescribeKeyPairs", {"key-name": ["KEY"]}, 6),
        ("DescribeKeyPairs", {"key-id": KEYS[:2]}, 2),
    ],
)
def test_things_are_found_by_filters(lighthouse, action, filters, count):
    given = [{"Name": name, "Values": values} for name, values in filters.items()]
    assert lighthouse.call(action, Filters=given)["TotalCount"] == count


def test_what_will_be_recycled_is_listed_first_unless_an_order_is_asked_for(lighthouse):
    first = lighthouse.call("DescribeInstances", Limit=1)["InstanceSet"][0]
    assert first["InstanceId"] == "lhins-recycled"
    ordered = lighthouse.call("DescribeInstances", OrderField="EXPIRED_TIME", Order="DESC", Limit=1)[
        "InstanceSet"
    ][0]
    assert (ordered["InstanceId"], ordered["ExpiredTime"]) == ("lhins-expired1", "1970-01-01T00:00:01Z")


def test_regions_say_whether_they_are_in_mainland_china(lighthouse):
    rows = lighthouse.call("DescribeRegions")["RegionSet"]
    assert {row["Region"]: row["IsChinaMainland"] for row in rows} == {
        "ap-guangzhou": True,
        "ap-singapore": False,
    }


def test_a_single_reset_that_a_fault_wants_failed_is_refused(lighthouse):
    lighthouse.emulation.faults.add({"effect": "list_failed"})
    assert (reset(lighthouse, "running1"), lighthouse.wiped()) == (
        "FailedOperation.InstanceOperationFailed",
        0,
    )


def test_blueprints_for_a_reset_may_be_asked_for_20_times_a_second(lighthouse):
    asked = [
        lighthouse.refusal("DescribeResetInstanceBlueprints", InstanceId="lhins-running1")
        for _number in range(21)
    ]
    assert asked == ["accepted"] * 20 + ["RequestLimitExceeded"]
