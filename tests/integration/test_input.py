# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Every value that cannot work, in all modules: the error names the option, the value and the rule; nothing
is sent.
"""

from __future__ import annotations

import pytest

ONE = {"instance_ids": ["i-1"]}
RESET = {**ONE, "image_id": "new"}
POWER = {**ONE, "state": "stopped"}
NOBODY = {"access_key": None, "secret_key": None}

# module, options, words that must be in the message
BAD = {
    # the connection, which is the same for all modules
    "no-provider": ("instance_info", {"provider": None}, ["provider", "missing required"]),
    "wrong-provider": (
        "instance_reset",
        {**RESET, "provider": "nimbus"},
        ["provider", "nimbus", "zenlayer_zec"],
    ),
    "no-key": (
        "instance_info",
        NOBODY,
        ["access_key is missing", "ZENLAYER_ACCESS_KEY_ID", "credentials.json"],
    ),
    "no-secret": (
        "image_info",
        {"secret_key": None},
        ["secret_key is missing", "ZENLAYER_ACCESS_KEY_SECRET"],
    ),
    "spaced-key": ("instance_info", {"access_key": "AK "}, ["access_key", "spaces"]),
    "no-profile": ("instance_power", {**POWER, "profile": "night"}, ["profile: 'night'", "credentials.json"]),
    "no-url": ("instance_info", {"endpoint": "cloud.test"}, ["endpoint: 'cloud.test'", "scheme://host"]),
    "plain-http": (
        "instance_reboot",
        {**ONE, "endpoint": "http://cloud.test"},
        ["http://cloud.test", "loopback"],
    ),
    "broken-url": ("image_info", {"endpoint": "http://[::1"}, ["endpoint", "scheme://host"]),
    "timeout-0": ("instance_info", {"request_timeout": 0}, ["request_timeout: 0", "1 or more"]),
    "timeout-text": ("instance_info", {"request_timeout": "soon"}, ["request_timeout", "soon"]),
    "share-0": ("instance_info", {"rate_share": 0}, ["rate_share: 0", "1 or more"]),
    "certs-text": ("instance_info", {"validate_certs": "maybe"}, ["validate_certs", "maybe"]),
    # the instances, in the modules that write
    **{
        f"{module}-{name}": (module, {**options, "instance_ids": value}, ["instance_ids", word])
        for module, options in (
            ("instance_reset", RESET),
            ("instance_reboot", ONE),
            ("instance_power", POWER),
        )
        for name, value, word in (
            ("none", None, "at least one"),
            ("empty", [], "at least one"),
            ("everything", ["all"], "'all'"),
            ("pattern", ["i-*"], "'i-*'"),
        )
    },
    "info-empty": ("instance_info", {"instance_ids": []}, ["instance_ids is empty"]),
    "info-pattern": ("instance_info", {"instance_ids": ["i-?"]}, ["instance_ids", "'i-?'"]),
    "image-pattern": ("image_info", {"instance_id": "web*"}, ["instance_id", "'web*'"]),
    "image-empty-instance": ("image_info", {"instance_id": ""}, ["instance_id", "''"]),
    # the reset
    "no-image": ("instance_reset", ONE, ["image_id is missing", "force=true"]),
    "empty-image": ("instance_reset", {**ONE, "image_id": ""}, ["image_id is empty"]),
    "empty-password": ("instance_reset", {**RESET, "password": ""}, ["password is empty"]),
    "empty-keys": ("instance_reset", {**RESET, "key_ids": []}, ["key_ids is empty"]),
    "empty-data": ("instance_reset", {**RESET, "user_data": ""}, ["user_data is empty"]),
    "short-password": (
        "instance_reset",
        {**RESET, "password": "Aa1~aaa"},
        ["password (not shown)", "8 to 16"],
    ),
    "plain-password": (
        "instance_reset",
        {**RESET, "password": "aaaaaaaa"},
        ["password (not shown)", "4 are required"],
    ),
    "bad-password": (
        "instance_reset",
        {**RESET, "password": "Aa1~ aaaa"},
        ["password (not shown)", "not allowed"],
    ),
    "two-logins": (
        "instance_reset",
        {**RESET, "password": "Aa1~aaaa", "key_ids": ["key-1"]},
        ["password and key_ids", "exclude each other"],
    ),
    "two-keys": ("instance_reset", {**RESET, "key_ids": ["a", "b"]}, ["key_ids: 2", "at most 1"]),
    "long-name": ("instance_reset", {**RESET, "instance_name": "a" * 64}, ["instance_name: 'aaa", "2 to 63"]),
    "bad-name": (
        "instance_reset",
        {**RESET, "instance_name": "my_host"},
        ["instance_name: 'my_host'", "letters"],
    ),
    "name-for-two": (
        "instance_reset",
        {**RESET, "instance_ids": ["i-1", "i-2"], "instance_name": "web-1"},
        ["instance_name: 'web-1'", "set one for each"],
    ),
    "run-alone": ("instance_reset", {**RESET, "run_id": "r-1", "ledger": ""}, ["run_id: 'r-1'", "ledger"]),
    "other-option": (
        "instance_reset",
        {**RESET, "keep_image_login": True},
        ["keep_image_login", "zenlayer_zec", "supported by"],
    ),
    "other-disk": ("instance_reset", {**RESET, "system_disk_size": 50}, ["system_disk_size", "zenlayer_zec"]),
    "bad-stop-mode": (
        "instance_reset",
        {**RESET, "stop_mode": "gentle"},
        ["stop_mode", "gentle", "soft_then_hard"],
    ),
    "bad-refusal": ("instance_reset", {**RESET, "on_refusal": "ask"}, ["on_refusal", "ask", "skip"]),
    "none-allowed": ("instance_reset", {**RESET, "max_instances": 0}, ["max_instances: 0", "1 or more"]),
    "no-wait": ("instance_reset", {**RESET, "wait_timeout": -1}, ["wait_timeout: -1", "1 or more"]),
    "events-folder": ("instance_reset", {**RESET, "events": "/"}, ["events: '/'", "cannot be written"]),
    "ledger-folder": ("instance_reset", {**RESET, "ledger": "/"}, ["ledger: '/'", "cannot be read"]),
    # reboot, power and the lists
    "bad-mode": ("instance_reboot", {**ONE, "mode": "kick"}, ["mode", "kick", "soft_then_hard"]),
    "bad-if-stopped": ("instance_reboot", {**ONE, "if_stopped": "ask"}, ["if_stopped", "ask", "refuse"]),
    "bad-since": (
        "instance_reboot",
        {**ONE, "since": "yesterday", "ledger": "l"},
        ["since: 'yesterday'", "2026-01-31T"],
    ),
    "since-alone": (
        "instance_reboot",
        {**ONE, "since": "2026-01-31T12:00:00Z", "ledger": ""},
        ["since: '2026-01-31", "ledger"],
    ),
    "no-state": ("instance_power", ONE, ["state", "missing required"]),
    "bad-state": ("instance_power", {**ONE, "state": "paused"}, ["state", "paused", "started"]),
    "bad-status": ("instance_info", {"filters": {"status": ["asleep"]}}, ["status", "asleep", "running"]),
    "bad-filter": ("instance_info", {"filters": {"colour": "red"}}, ["filters", "colour"]),
    "bad-available": ("image_info", {"filters": {"available": "perhaps"}}, ["available", "perhaps"]),
}


@pytest.fixture(scope="module")
def errors(emulator, tmp_path_factory, call, make_cloud):
    """The results of all of them, which were called at the same time, and the requests that arrived
    meanwhile.
    """
    cloud = make_cloud(emulator, tmp_path_factory.mktemp("input"))
    cloud.seed(["i-1", "i-2"])
    emulator.control("DELETE", "journal")
    results = cloud.run_all(
        {name: call(module, **options) for name, (module, options, _words) in BAD.items()}
    )
    return results, emulator.journal()


@pytest.mark.parametrize("name", BAD)
def test_a_value_that_cannot_work_is_named_with_its_rule(errors, name):
    result = errors[0][name]
    assert result["failed"] and [word for word in BAD[name][2] if word not in result["msg"]] == [], result[
        "msg"
    ]


def test_no_request_was_made_for_any_of_them(errors):
    assert errors[1] == []


def test_no_error_is_a_traceback(errors):
    assert [name for name, result in errors[0].items() if "Traceback" in str(result)] == []


def test_a_time_zone_that_the_provider_does_not_know_is_refused_before_any_write(cloud, reset):
    cloud.seed(["i-1"])
    result = cloud.run(reset("i-1", timezone="Mars/Base"))
    assert result["failed"] and "timezone: 'Mars/Base'" in result["msg"] and "Asia/Tokyo" in result["msg"]
    assert cloud.writes() == []
