# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a batch may send of a plan that was made for all of them, and who is to be run again."""

from __future__ import annotations

import pytest

from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet.groups import group_hosts
from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet.outcomes import (
    hosts_again,
    hosts_elsewhere,
    named_in,
)
from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet.plan import (
    PlanChange,
    promised,
    still_as_planned,
)


def options_of(**more):
    return group_hosts({"x": {"instance_id": "x", "provider": "zec", "image_id": "new", **more}})[0].public()


def row(instance_id, image="old", group="zec", **more):
    before = {"image": image} if image else None
    return {
        "instance_id": instance_id,
        "wanted": "new",
        "options": options_of(),
        "erases": ["disk"],
        "changed": True,
        "before": before,
        "group": group,
        "verdict": "reset",
        "message": "because",
        "error": None,
        **more,
    }


PLAN = {
    "plan_ids": {"zec": "P1"},
    "hosts": {"a": row("i-1"), "b": row("i-2"), "c": row("i-3", group="gone", verdict=None)},
}


def group_of(*hosts, **options):
    ids = {"a": "i-1", "b": "i-2", "c": "i-3", "d": "i-4"}
    (group,) = group_hosts(
        {host: {"instance_id": ids[host], "provider": "zec", "image_id": "new", **options} for host in hosts}
    )
    return group


@pytest.mark.parametrize(
    "hosts, known",
    [
        (("a", "b"), {"plan_id": "P1"}),  # just what was planned
        (("a",), None),  # a part of it
        (("a", "b", "d"), None),  # more than that
        (("c",), {"failed": True, "msg": "because", "error": None}),  # nobody could see what would be done
        (("a", "c"), {"failed": True, "msg": "because", "error": None}),
    ],
)
def test_a_group_is_bound_to_its_plan_only_when_that_is_of_the_same_hosts(hosts, known):
    assert promised(PLAN, group_of(*hosts)) == known


def test_the_same_hosts_with_other_options_are_not_what_was_planned():
    assert promised(PLAN, group_of("a", "b", keep_data_disks=False)) is None


def test_a_part_of_a_group_is_not_sent_when_another_host_of_it_is_refused_and_one_refusal_stops_all():
    plan = {**PLAN, "hosts": {**PLAN["hosts"], "b": row("i-2", verdict="refuse")}}
    assert "b of its group is refused" in promised(plan, group_of("a"))["msg"]
    assert promised(plan, group_of("a", on_refusal="skip")) is None


@pytest.mark.parametrize(
    "now",
    [
        {"instance_id": "i-1", "changed": False, "before": {"image": "old"}, "erases": ["disk"]},
        {"instance_id": "i-1", "changed": True, "before": {"image": "other"}, "erases": ["disk"]},
        {"instance_id": "i-1", "changed": True, "before": None, "erases": ["disk"]},
        {"instance_id": "i-1", "changed": True, "before": {"image": "old"}, "erases": ["disk", "data"]},
    ],
)
def test_what_would_not_do_the_same_is_a_change_of_the_plan_that_names_the_host(now):
    same = {
        "instances": [
            {"instance_id": "i-1", "changed": True, "before": {"image": "old"}, "erases": ["disk"]}
        ],
        "plan_id": "P7",
    }
    assert still_as_planned(PLAN, group_of("a"), same) is same
    with pytest.raises(PlanChange, match="happen to a is") as caught:
        still_as_planned(PLAN, group_of("a"), {**same, "instances": [now]})
    assert caught.value.error["code"] == "PLAN_CHANGED"


def test_another_image_or_a_host_that_was_not_planned_is_a_change_too():
    answer = {
        "instances": [{"instance_id": "i-4", "changed": True, "before": {"image": "old"}}],
        "plan_id": "P7",
    }
    with pytest.raises(PlanChange, match="happen to d is"):
        still_as_planned(PLAN, group_of("d"), answer)
    other = {
        "instances": [
            {"instance_id": "i-1", "changed": True, "before": {"image": "old"}, "erases": ["disk"]}
        ],
        "plan_id": "P7",
    }
    with pytest.raises(PlanChange, match="happen to a is"):
        still_as_planned(PLAN, group_of("a", image_id="newer"), other)


def test_a_rehearsal_that_failed_is_answered_with_its_own_reason():
    failed = {"failed": True, "msg": "no such key"}
    assert still_as_planned(PLAN, group_of("a"), failed) is failed


def test_who_failed_and_who_is_still_to_come_is_run_again_and_nobody_that_nothing_would_be_sent_for():
    planned = {name: row(name) for name in "abcde"} | {
        "same": row("s", verdict="unchanged"),
        "no": row("n", verdict="refuse"),
    }
    planned["old"] = row("o", verdict="unchanged", unproven=True)
    outcomes = {"a": "reset", "b": "failed", "c": "unknown", "d": "not proven", "no": "refused"}
    assert hosts_again(planned, outcomes) == ["b", "c", "d", "e", "old"]


def test_what_another_play_of_the_run_left_in_the_same_file_stays_in_it():
    others = [{"limit_file": "x", "again": ["a", "z"]}, {"limit_file": "y", "again": ["q"]}]
    assert hosts_elsewhere(others, {"a": {}}, "x") == ["z"]


def test_the_hosts_of_a_limit_file_are_those_that_an_earlier_run_left(tmp_path):
    (tmp_path / "limit").write_text("a\nb\n")
    assert (
        named_in(str(tmp_path / "limit")) == {"a", "b"}
        and named_in(str(tmp_path / "none")) == named_in(None) == set()
    )
