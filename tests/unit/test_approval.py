# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was approved of one plan holds for a part of it, and for nothing else."""

from __future__ import annotations

import json

import pytest

from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet.approval import (
    confirms,
    digests_of,
    hold_back_others,
    read_approved,
)
from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet.groups import FleetError


def plan(**digests):
    rows = {host: {"verdict": "reset", "digest": digest, "changed": True} for host, digest in digests.items()}
    rows["same"] = {"verdict": "unchanged", "digest": "s", "changed": False}
    return {"hosts": rows, "count": len(digests), "plan_id": "P"}


def test_what_can_be_approved_is_what_would_be_wiped():
    assert digests_of(plan(a="1", b="2")) == {"a": "1", "b": "2"}


@pytest.mark.parametrize("form", ["dictionary", "json", "file"])
def test_an_approval_is_a_dictionary_or_json_or_a_file_with_it(form, tmp_path):
    digests = {"a": "1"}
    (tmp_path / "plan.json").write_text(json.dumps(digests))
    given = {"dictionary": digests, "json": json.dumps(digests), "file": str(tmp_path / "plan.json")}[form]
    assert read_approved(given) == digests


@pytest.mark.parametrize("empty", [None, ""])
def test_nothing_given_is_no_approval(empty):
    assert read_approved(empty) is None


@pytest.mark.parametrize("wrong", [["a"], '["a"]', "{not json", "/no/such/file", {"a": 1}])
def test_what_is_no_approval_is_an_error_that_says_what_is(wrong):
    with pytest.raises(FleetError, match="rebuild_approved: .* a dictionary of hosts, JSON, or a JSON file"):
        read_approved(wrong)


def test_a_part_of_a_plan_is_approved_by_the_digests_of_the_whole():
    part = plan(b="2")
    assert hold_back_others(part, {"a": "1", "b": "2"}) == [] and part["count"] == 1


def test_hosts_that_were_not_approved_or_not_like_this_are_refused_and_the_others_go_on():
    made = plan(a="1", b="2", c="3")
    assert hold_back_others(made, {"a": "1", "b": "other"}) == ["b", "c"]
    assert made["count"] == 1 and made["hosts"]["a"]["verdict"] == "reset"
    assert (
        made["hosts"]["b"]["outcome"] == "refused"
        and "not what was approved" in made["hosts"]["b"]["message"]
    )
    assert "not approved to be wiped" in made["hosts"]["c"]["message"]


@pytest.mark.parametrize(
    "given, goes_on, confirmed",
    [
        ("2", False, True),
        ("P", False, True),
        ("3", False, False),
        ("3", True, True),
        ("1", True, False),
        ("", True, False),
    ],
)
def test_a_plan_is_confirmed_by_its_number_or_id_and_what_goes_on_may_have_less_to_do(
    given, goes_on, confirmed
):
    assert confirms(given, plan(a="1", b="2"), goes_on) is confirmed
