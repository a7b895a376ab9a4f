# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What may be sent of a plan, and who is to be run again."""

from __future__ import annotations

import pytest

from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet.groups import (
    FleetError,
    group_hosts,
    name_run,
)
from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet.outcomes import foreign_in, hosts_again
from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet.plan import bound, stopped
from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet.sources import (
    hosts_of_unknown_accounts,
    say_whose_keys,
)

OWN = ("image_id", "instance_name", "password")


def row(instance_id, group="zec", **more):
    return {
        "instance_id": instance_id,
        "group": group,
        "verdict": "reset",
        "digest": f"D-{instance_id}",
        "message": "because",
        "error": None,
        "ssh": True,
        **more,
    }


PLAN = {
    "plan_ids": {"zec": "P1"},
    "hosts": {"a": row("i-1"), "b": row("i-2"), "c": row("i-3", group="gone", verdict=None, digest=None)},
}


def group_of(*hosts, login=True, **options):
    ids = {"a": "i-1", "b": "i-2", "c": "i-3"}
    members = {
        host: {
            "instance_id": ids[host],
            "provider": "zec",
            "image_id": "new",
            "login": {"ssh": login},
            **options,
        }
        for host in hosts
    }
    (group,) = group_hosts(members, OWN)
    return group


@pytest.mark.parametrize("hosts", [("a", "b"), ("a",)], ids=["whole", "part"])
def test_what_was_planned_may_be_sent_as_a_whole_and_in_parts(hosts):
    assert stopped(PLAN, group_of(*hosts)) is None


@pytest.mark.parametrize("hosts", [("c",), ("a", "c")])
def test_a_host_of_which_nobody_could_see_what_would_be_done_is_not_sent(hosts):
    assert stopped(PLAN, group_of(*hosts)) == {"failed": True, "msg": "because", "error": None}


def test_a_part_is_not_sent_when_another_host_of_its_group_is_refused_and_one_refusal_stops_all():
    plan = {**PLAN, "hosts": {**PLAN["hosts"], "b": row("i-2", verdict="refuse")}}
    assert "b of its group is refused" in stopped(plan, group_of("a"))["msg"]
    assert stopped(plan, group_of("a", on_refusal="skip")) is None


def test_each_host_is_bound_to_the_digest_that_it_had_in_the_plan():
    assert bound(PLAN, group_of("a", "b"), logs_in=True, systems={"a": "S"}).arguments["instances"] == [
        {"instance_id": "i-1", "expect_digest": "D-i-1", "awaits_proof": True, "system_before": "S"},
        {"instance_id": "i-2", "expect_digest": "D-i-2", "awaits_proof": True},
    ]
    assert (
        "awaits_proof"
        not in bound(PLAN, group_of("a", login=False), logs_in=True, systems={"a": "S"}).own["a"]
    )
    assert "awaits_proof" not in bound(PLAN, group_of("a"), logs_in=False, systems={"a": "S"}).own["a"]


def test_hosts_that_differ_in_options_of_their_own_are_one_group_and_say_what_is_equal_once():
    base = {"provider": "zec", "image_id": "new"}
    members = {
        "a": {**base, "instance_id": "i-1", "instance_name": "a"},
        "b": {**base, "instance_id": "i-2", "instance_name": "b", "password": "P"},
    }
    (group,) = group_hosts(members, OWN)
    assert group.arguments == {
        "provider": "zec",
        "image_id": "new",
        "instances": [
            {"instance_id": "i-1", "instance_name": "a"},
            {"instance_id": "i-2", "instance_name": "b", "password": "P"},
        ],
    }
    assert group.public("a") != group.public("b")


def test_who_failed_and_who_is_still_to_come_is_run_again_and_nobody_that_nothing_would_be_sent_for():
    planned = {name: row(name) for name in "abcde"} | {
        "same": row("s", verdict="unchanged"),
        "no": row("n", verdict="refuse"),
    }
    planned["old"] = row("o", verdict="unchanged", to_prove=True)
    planned["bare"] = row("p", verdict="unchanged", to_prove=True, ssh=False)
    outcomes = {"a": "reset", "b": "failed", "c": "unknown", "d": "not proven", "no": "refused"}
    assert hosts_again(planned, outcomes) == ["b", "c", "d", "e", "old"]
    assert hosts_again(planned, {**outcomes, "e": "refused", "old": "unchanged"}) == ["b", "c", "d", "e"]


def test_what_others_have_left_in_the_limit_file_is_foreign(tmp_path):
    path = tmp_path / "rebuild.limit"
    assert foreign_in(str(path), {}) == []
    path.write_text("a\nother\n\nb\nother\n")
    assert foreign_in(str(path), {"a": 1, "b": 2}) == ["other"]


def test_a_run_gets_an_id_unless_it_has_one_or_nothing_would_be_noted_under_it():
    members = {"a": {}, "b": {"ledger": ""}}
    run_id, given = name_run(members, "rebuild_")
    assert run_id and not given and members == {"a": {"run_id": run_id}, "b": {"ledger": ""}}
    assert name_run({"a": {"run_id": "night"}, "b": {}}, "rebuild_") == ("night", True)
    assert name_run({"b": {"ledger": ""}}, "rebuild_") == ("", False)


def test_two_ids_of_one_run_are_an_error_that_names_both():
    with pytest.raises(FleetError, match="rebuild_run_id: 'x' for host a and 'y' for host b"):
        name_run({"a": {"run_id": "x"}, "b": {"run_id": "y"}}, "rebuild_")


def test_a_host_whose_source_has_keys_of_its_own_is_told_to_use_a_profile():
    rows = {
        "lost": row("i-1", verdict="refuse", reason="not_found"),
        "unread": row("i-2", verdict=None, reason="call_failed"),
        "known": row("i-3", verdict="refuse", reason="not_found"),
        "fine": row("i-4", reason="image_differs"),
    }
    members = {"lost": {}, "unread": {}, "known": {"profile": "ci"}, "fine": {}}
    lost = hosts_of_unknown_accounts(rows, members)
    assert lost == ["lost", "unread"]
    source = {"instance_source": "edge", "instance_source_has_keys": True}
    say_whose_keys(rows, {"lost": source, "unread": {"instance_source": "other"}}, "rebuild_")
    assert "source 'edge' of the inventory has keys of its own" in rows["lost"]["message"]
    assert "give the source a profile" in rows["lost"]["message"] and rows["unread"]["message"] == "because"
