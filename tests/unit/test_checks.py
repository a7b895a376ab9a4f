# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Bad input is found before anything is sent, and the message names the option, the value and the rule."""

from __future__ import annotations

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.commands.options import PROVIDER_OPTIONS
from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from ansible_collections.reforge.cloud.plugins.module_utils.commands.validate import (
    check_ids,
    check_instances,
    check_positive,
    check_reset,
    check_run,
    password_problem,
)
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import InputError
from ansible_collections.reforge.cloud.plugins.module_utils.core.rules import PasswordRule

ONE = ("i-1",)
GOOD = "Aa1~aaaa"


@pytest.mark.parametrize(
    "given, wanted",
    [
        (["i-1"], ("i-1",)),
        (["i-2", "i-1", "i-2"], ("i-2", "i-1")),
        ([1234567890123456789], ("1234567890123456789",)),
        (["A.b_c-1"], ("A.b_c-1",)),
    ],
)
def test_ids_come_out_as_text_in_order_and_each_once(zec, given, wanted):
    assert check_ids(zec, given) == wanted


@pytest.mark.parametrize(
    "bad",
    [
        "all",
        "i-*",
        "*",
        "i-?",
        "",
        " ",
        "i-1 ",
        "i 1",
        "-i",
        "i-1,i-2",
        "i-1\n",
        "web[1]",
        "i-1;x",
        "../x",
    ],
)
def test_what_is_no_id_is_named_with_the_rule(zec, bad):
    with pytest.raises(InputError) as error:
        check_ids(zec, ["i-1", bad], "instance_id")
    assert (
        "instance_id:" in str(error.value)
        and repr(bad) in str(error.value)
        and "patterns" in str(error.value)
    )


def test_an_empty_list_of_ids_never_means_all(zec):
    with pytest.raises(InputError, match="instance_ids is empty: .* at least one"):
        check_ids(zec, [])


@pytest.mark.parametrize("value", [0, -1])
@pytest.mark.parametrize("name", ["request_timeout", "rate_share", "wait_timeout", "max_instances"])
def test_a_number_below_one_is_refused(name, value):
    with pytest.raises(InputError, match=rf"{name}: {value} .* 1 or more"):
        check_positive({name: value}, name)


@pytest.mark.parametrize("params", [{}, {"wait_timeout": None}, {"wait_timeout": 1}])
def test_a_number_from_one_on_and_a_missing_one_are_fine(params):
    check_positive(params, "wait_timeout")


@pytest.mark.parametrize(
    "params, words",
    [
        ({}, ["image_id is missing", "force=true"]),
        ({"image_id": ""}, ["image_id is empty"]),
        ({"image_id": "", "force": True}, ["image_id is empty"]),
        ({"image_id": "new", "password": ""}, ["password is empty"]),
        ({"image_id": "new", "key_ids": []}, ["key_ids is empty"]),
        ({"image_id": "new", "user_data": ""}, ["user_data is empty"]),
        ({"image_id": "new", "timezone": ""}, ["timezone is empty"]),
        ({"image_id": "new", "instance_name": ""}, ["instance_name is empty"]),
        (
            {"image_id": "new", "password": GOOD, "key_ids": ["k"]},
            ["password and key_ids", "exclude each other"],
        ),
        ({"image_id": "new", "key_ids": ["a", "b"]}, ["key_ids: 2", "at most 1"]),
        ({"image_id": "new", "instance_name": "a"}, ["instance_name: 'a'", "2 to 63"]),
        ({"image_id": "new", "instance_name": "a" * 64}, ["instance_name:", "2 to 63"]),
        ({"image_id": "new", "instance_name": "no_line"}, ["instance_name: 'no_line'", "letters, digits"]),
        (
            {"image_id": "new", "keep_image_login": True},
            ["keep_image_login is not supported by provider zenlayer_zec"],
        ),
        ({"image_id": "new", "system_disk_size": 50}, ["system_disk_size is not supported"]),
        ({"image_id": "new", "keep_data_disks": False}, ["keep_data_disks is not supported"]),
    ],
)
def test_an_option_that_cannot_work_is_named_with_its_rule(zec, params, words):
    with pytest.raises(InputError) as error:
        check_reset(zec, params)
    assert [word for word in words if word not in str(error.value)] == []


@pytest.mark.parametrize(
    "params, words",
    [({"run_id": ""}, ["run_id is empty"]), ({"run_id": "r-1", "ledger": ""}, ["run_id: 'r-1'", "ledger"])],
)
def test_a_run_id_needs_a_value_and_the_ledger(params, words):
    with pytest.raises(InputError) as error:
        check_run(params)
    assert [word for word in words if word not in str(error.value)] == []


@pytest.mark.parametrize("targets", [{}, {"instance_ids": ["i-1"], "instances": [{"instance_id": "i-1"}]}])
def test_instances_are_named_in_one_way(zec, targets):
    with pytest.raises(InputError, match="instance_ids"):
        check_instances(zec, targets)


def test_what_an_entry_says_comes_before_what_is_said_for_all(zec):
    entry = {"instance_id": "i-1", "image_id": "own", "force": None}
    entries = check_instances(zec, {"instances": [entry], "image_id": "new", "force": True})
    assert entries == {"i-1": {"instances": [entry], "image_id": "own", "force": True, "instance_id": "i-1"}}


def test_an_id_with_two_sets_of_options_is_refused(zec):
    twice = [{"instance_id": "i-1", "image_id": image} for image in ("a", "b")]
    with pytest.raises(InputError, match="'i-1' is listed twice"):
        check_instances(zec, {"instances": twice})


@pytest.mark.parametrize(
    "extra, words",
    [
        ({"InstanceIds": ["i-2"]}, "would name instances"),
        ({"instanceIds.0": "i-2"}, "not the name of a field"),
        ({"imageId": {"x": 1}}, "set by the option image_id"),
        ({1: 2}, "not the name of a field"),
    ],
)
def test_a_field_that_is_ours_or_none_is_refused(zec, extra, words):
    with pytest.raises(InputError, match=f"provider_options: .*{words}"):
        check_reset(zec, {"image_id": "new", "provider_options": extra})


def test_what_another_option_sets_in_this_call_stays(zec):
    lighthouse = PROVIDERS["tencent_lighthouse"]
    given = {"image_id": "new", "provider_options": {"LoginConfiguration": {"AutoGeneratePassword": "YES"}}}
    assert check_reset(lighthouse, given).provider_options
    with pytest.raises(InputError, match="already set"):
        check_reset(lighthouse, {**given, "password": "Aa1~aaaaaaaa"})


@pytest.mark.parametrize("option", PROVIDER_OPTIONS)
def test_an_option_of_other_providers_is_never_dropped_silently(zec, option):
    helpless = zec._replace(options=frozenset())
    with pytest.raises(InputError, match=f"{option} is not supported .* supported by: "):
        check_reset(helpless, {"image_id": "new", option: False})


def test_user_data_is_limited_in_bytes_and_not_shown(zec):
    limited = zec._replace(rules=zec.rules._replace(user_data_limit=4))
    check_reset(limited, {"image_id": "new", "user_data": "1234"})
    with pytest.raises(InputError) as error:
        check_reset(limited, {"image_id": "new", "user_data": "SEEN\u00e9"})
    assert "6 bytes" in str(error.value) and "4" in str(error.value) and "SEEN" not in str(error.value)


def test_a_system_disk_without_a_size_is_refused_where_the_option_is_supported(zec):
    able = zec._replace(options=zec.options | {"system_disk_size"})
    with pytest.raises(InputError, match="system_disk_size: 0"):
        check_reset(able, {"image_id": "new", "system_disk_size": 0})


def test_good_options_come_out_as_they_were_given_and_the_rest_by_default(zec):
    params = {
        "image_id": "new",
        "key_ids": ["k"],
        "guest_agent": False,
        "timezone": "UTC",
        "instance_name": "web-1",
        "stop_mode": "hard",
        "wait": True,
        "password": None,
    }
    options = check_reset(zec, params)
    assert (options.image_id, options.key_ids, options.guest_agent) == ("new", ("k",), False)
    assert (options.stop_mode, options.password, options.force) == ("hard", None, False)


@pytest.mark.parametrize(
    "password, problem",
    [
        ("Aa1~aaa", "7 characters; 8 to 16"),
        ("Aa1~" + "a" * 13, "17 characters; 8 to 16"),
        ("Aa1~aaa a", "not allowed"),
        ("Aa1~aaa\u00e4", "not allowed"),
        ("Aa1#aaaa", "not allowed"),
        ("aaaa1~aaa", "3 of the classes"),
        ("Aaaa~aaa", "3 of the classes"),
        ("Aaaa1aaa", "3 of the classes"),
        ("aaaaaaaa", "1 of the classes"),
        (GOOD, ""),
        ("Aa1~" + "a" * 12, ""),
        ("Zz9~Zz9=", ""),
        ("Zz9`Zz9,", "not allowed"),
    ],
)
def test_a_password_is_checked_by_length_characters_and_classes(zec, password, problem):
    found = password_problem(password, zec.rules.passwords[""])
    assert problem in found and bool(found) == bool(problem)
    assert password not in found


def test_a_password_may_be_kept_from_beginning_with_some_characters():
    rule = PasswordRule(1, 9, {"a": "a", "/": "/"}, 1, not_first="/")
    assert "must not begin with /" in password_problem("/a", rule)
    assert password_problem("a/", rule) == ""


def test_a_password_that_no_rule_of_the_provider_allows_is_refused_without_being_shown(zec):
    with pytest.raises(InputError, match=r"password \(not shown\)") as error:
        check_reset(zec, {"image_id": "new", "password": "SEEN"})
    assert "SEEN" not in str(error.value)


def test_a_password_that_one_rule_of_the_provider_allows_passes_until_the_system_is_known(zec):
    lenient = PasswordRule(1, 4, {"A-Z": "SEN"}, 1)
    two = zec._replace(rules=zec.rules._replace(passwords={**zec.rules.passwords, "windows": lenient}))
    assert check_reset(two, {"image_id": "new", "password": "SEEN"}).password == "SEEN"
