# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Hosts to groups, rows back to hosts, and the lines while one waits."""

from __future__ import annotations

import json
import time

import pytest

from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet.groups import (
    FleetError,
    group_hosts,
    plan_name,
)
from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet.progress import Follower, Progress
from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet.rows import rows_of


def host(instance_id="i-1", **more):
    return {
        "instance_id": instance_id,
        "provider": "zenlayer_zec",
        "image_id": "new",
        "login": {"ssh": True},
        **more,
    }


def test_hosts_with_the_same_options_are_one_group_in_their_order():
    groups = group_hosts({"a": host("i-1"), "b": host("i-2", image_id="other"), "c": host("i-3")})
    assert [list(group.hosts) for group in groups] == [["a", "c"], ["b"]]
    assert groups[0].arguments["instance_ids"] == ["i-1", "i-3"] and "login" not in groups[0].arguments
    assert groups[0].logins["a"]["ssh_timeout"] == 300 and groups[0].logins["a"]["host_keys"] == "accept"


@pytest.mark.parametrize("empty", [None, "", []])
def test_what_is_empty_is_not_sent_and_what_is_false_or_zero_is(empty):
    (group,) = group_hosts({"a": host(password=empty, force=False, max_instances=0)})
    assert "password" not in group.arguments
    assert group.arguments["force"] is False and group.arguments["max_instances"] == 0


@pytest.mark.parametrize(
    "members, named",
    [
        ({"a": host("")}, ["host a", "instance_id"]),
        ({"a": host(provider="")}, ["host a", "provider"]),
        ({"a": host("i-1"), "b": host("i-1", image_id="other")}, ["a and b", "i-1"]),
    ],
)
def test_hosts_that_cannot_be_told_apart_or_found_are_an_error_that_names_them(members, named):
    with pytest.raises(FleetError) as caught:
        group_hosts(members)
    assert all(word in str(caught.value) for word in named)


@pytest.mark.parametrize("other", [{"provider": "tencent_cvm_v2"}, {"endpoint": "https://other.example/"}])
def test_the_same_id_is_one_instance_by_whatever_way(other):
    with pytest.raises(FleetError, match="a and b are the same instance, i-1"):
        group_hosts({"a": host("i-1"), "b": host("i-1", **other)})


@pytest.mark.parametrize(
    "given, instead", [({"wait": False}, "wait_timeout"), ({"expect_plan": "P"}, "rebuild_confirm")]
)
def test_an_option_that_a_play_says_in_another_way_is_an_error_that_says_how(given, instead):
    with pytest.raises(FleetError, match=instead):
        group_hosts({"a": host(**given)})


def test_the_public_name_of_a_group_has_no_secret_in_it_and_all_the_rest():
    (plain,) = group_hosts({"a": host()})
    assert all(
        group_hosts({"a": host(**{name: "x"})})[0].public() == plain.public()
        for name in ("password", "secret_key", "token")
    )
    assert all(
        group_hosts({"a": host(**{name: "x"})})[0].public() != plain.public()
        for name in ("region", "endpoint", "image_id")
    )


def test_groups_are_named_by_provider_and_region_and_numbered_where_that_is_not_enough():
    members = {"a": host("1", region="x"), "b": host("2", region="x", image_id="other"), "c": host("3")}
    assert [group.name for group in group_hosts(members)] == [
        "zenlayer_zec x",
        "zenlayer_zec x #2",
        "zenlayer_zec",
    ]


def test_a_call_that_failed_as_a_whole_gives_every_host_a_row_that_says_so():
    (group,) = group_hosts({"a": host("i-1"), "b": host("i-2")})
    rows = rows_of(
        group,
        {"failed": True, "msg": "no such key", "error": {"code": "AUTH", "message": "no", "request_id": "T"}},
    )
    assert {row["outcome"] for row in rows.values()} == {"failed"}
    assert (
        rows["b"]["message"] == "no such key"
        and rows["b"]["error"]["code"] == "AUTH"
        and not rows["b"]["changed"]
    )


def test_a_call_that_could_tell_gives_each_host_its_own_row():
    (group,) = group_hosts({"a": host("i-1"), "b": host("i-2")})
    rows = rows_of(group, {"instances": [{"instance_id": "i-2", "outcome": "reset"}], "msg": "lost"})
    assert rows["b"] == {
        "instance_id": "i-2",
        "outcome": "reset",
        "group": "zenlayer_zec",
        "ssh": True,
        "wanted": "new",
        "options": group.public("b"),
    }
    assert rows["a"]["outcome"] == "failed"


@pytest.mark.parametrize("without", [None, {}, {"ssh": False}, {"ssh": "no"}])
def test_a_host_that_is_not_to_be_logged_in_to_has_no_login(without):
    logged_in = {"ssh": "true", "ssh_timeout": "60"}
    (group,) = group_hosts({"a": host("i-1", login=without), "b": host("i-2", login=logged_in)})
    rows = rows_of(group, {"instances": [{"instance_id": "i-1"}, {"instance_id": "i-2"}]})
    assert not rows["a"]["ssh"] and rows["b"]["ssh"] and group.logins["a"] == {}


@pytest.mark.parametrize(
    "wrong", [{"ssh": "perhaps"}, {"ssh_timeout": "soon"}, {"ssh_timeout": 0}, {"host_keys": "scan"}]
)
def test_a_login_that_cannot_be_is_an_error_that_names_host_option_and_value(wrong):
    with pytest.raises(FleetError) as caught:
        group_hosts({"web-1": host(login=wrong)})
    ((name, value),) = wrong.items()
    assert "web-1" in str(caught.value) and name in str(caught.value) and str(value) in str(caught.value)


def test_a_plan_of_several_groups_has_another_name_when_one_of_them_has():
    here, there = group_hosts({"a": host()}), group_hosts({"a": host(endpoint="https://other.example")})
    assert (
        plan_name({"g": "1", "h": "2"}, here)
        == plan_name({"h": "2", "g": "1"}, here)
        != plan_name({"g": "1", "h": "3"}, here)
    )
    assert plan_name({"g": "1"}, here) != plan_name({"g": "1"}, there)


def events(path, *lines):
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_the_line_counts_what_is_done_and_what_is_waited_for(tmp_path):
    path = tmp_path / "events"
    follower = Follower("zec", str(path), {"a", "b", "c", "d"})
    events(
        path,
        {"event": "planned", "instance_id": "a", "status": "running", "verdict": "unchanged"},
        {"event": "seen", "instance_id": "b", "status": "resetting"},
        {"event": "ended", "instance_id": "c", "status": "running", "outcome": "reset"},
        {"event": "ended", "instance_id": "other", "status": "running", "outcome": "failed"},
    )
    follower.read()
    assert follower.line().startswith("zec: 2 of 4 done (1 resetting, 1 reset, 1 unchanged)")
    assert not follower.ended


@pytest.mark.parametrize(
    "provider, ends_in, waits",
    [
        ("zenlayer_zec", 5.0, True),
        ("zenlayer_zec", -1.0, True),
        ("zenlayer_zec", -60.0, False),
        ("tencent_cvm", 5.0, False),
    ],
    ids=["waits", "just-waited", "over", "another-provider"],
)
def test_the_line_says_that_the_rate_of_an_action_is_waited_for_while_it_is(
    tmp_path, provider, ends_in, waits
):
    wait = {"action": "ResetInstance", "per_second": 10.0, "seconds": 12.3, "until": time.time() + ends_in}
    follower = Follower("zenlayer_zec asia", str(tmp_path / "events"), {"a"})
    events(tmp_path / "events", {"event": "rate", "provider": provider, **wait})
    follower.read()
    assert (", waiting 12 s for the rate limit of ResetInstance (10/s)" in follower.line()) is waits
    assert follower.line().startswith("zenlayer_zec asia: 0 of 1 done (starting)") and not follower.ended


def test_a_line_that_is_half_written_is_read_when_it_is_whole(tmp_path):
    path = tmp_path / "events"
    path.write_text('{"event": "ended", "insta')
    follower = Follower("zec", str(tmp_path / "events"), {"a"})
    assert follower.line().startswith("zec: 0 of 1 done (starting)")
    other = Follower("zec", str(tmp_path / "new"), {"a"})
    (tmp_path / "new").write_text('{"event": "ended", "insta')
    other.read()
    with (tmp_path / "new").open("a") as file:
        file.write('nce_id": "a", "status": "running", "outcome": "reset"}\n')
    other.read()
    assert other.ended


def test_lines_are_shown_while_something_is_under_way_and_none_with_an_interval_of_zero(tmp_path):
    shown = []
    follower = Follower("zec", str(tmp_path / "events"), {"a"})
    with Progress([follower], 0.01, shown.append) as progress:
        progress._over.wait(0.1)
    quiet = []
    with Progress([follower], 0, quiet.append) as progress:
        progress._over.wait(0.05)
    assert shown and quiet == []
