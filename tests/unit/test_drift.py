# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was wanted against what a provider shows: states, rows, the document, the table and the sentences."""

from __future__ import annotations

import json
import shlex

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Status
from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet.groups import group_hosts
from ansible_collections.reforge.cloud.plugins.plugin_utils.report.drift import (
    STATES,
    TO_REBUILD,
    compare,
    document,
    judge,
    overview_of,
    problem,
    rebuild_command,
)

NOW = 1_760_000_000.0
RESET = {"verb": "reset", "phase": "succeeded", "started_at": "2025-10-09T08:00:00Z", "error": ""}
ERROR = {"code": "AUTH", "message": "no such key", "request_id": "R-1", "advice": None}
EVIL = "\x1b[2J{{ 7 * 7 }}<script>"


def instance(instance_id="i-1", **more):
    """An instance as instance_info returns it."""
    return {
        "instance_id": instance_id,
        "name": "web",
        "status": "running",
        "vendor_status": "RUNNING",
        "image_id": "new",
        "image_name": None,
        "region": "east",
        "zone": "east-a",
        "tags": {"role": "web"},
        "created_at": None,
        "operation": None,
        **more,
    }


def rows_of(*instances, wanted="new", hosts=("a", "b", "c"), **answer):
    """The rows of hosts a, b, c, ... with the instances i-1, i-2, i-3, ..."""
    members = {
        host: {"instance_id": f"i-{number}", "provider": "zenlayer_zec"}
        for number, host in enumerate(hosts, 1)
    }
    (group,) = group_hosts(members)
    images = dict.fromkeys(hosts, wanted) if isinstance(wanted, str) else wanted
    return compare(group, images, answer or {"instances": list(instances), "missing_ids": []}, NOW)


@pytest.mark.parametrize(
    "shown, wanted, state, sentence",
    [
        (instance(), "new", "wanted", "runs the wanted image"),
        (instance(image_id="old"), "new", "drifted", "it runs old, not new"),
        (instance(image_id=""), "new", "drifted", "an unknown image"),
        (instance(status="stopped"), "new", "wanted", "runs the wanted image"),
        (instance(status="resetting"), "new", "resetting", "run the report again"),
        (instance(status="resetting", image_id="old"), "new", "resetting", "run the report again"),
        (instance(status="reset_failed", vendor_status="BROKEN"), "new", "reset failed", "BROKEN"),
        (
            instance(status="reset_failed", operation={**RESET, "error": "no disk"}),
            "new",
            "reset failed",
            "no disk",
        ),
        (instance(image_id="old"), "", "no wanted image", "rebuild_image_id"),
        (instance(status="reset_failed"), "", "no wanted image", "rebuild_image_id"),
        (instance(status="recycled", image_id="old"), "new", "recycled", "recycled (RUNNING)"),
        (instance(status="terminating"), "", "recycled", "terminating"),
        (None, "new", "not found", "no such instance"),
    ],
)
def test_the_state_of_a_host_is_by_the_rules_of_a_rebuild(shown, wanted, state, sentence):
    assert judge(shown, wanted)[0] == state and sentence in judge(shown, wanted)[1]


@pytest.mark.parametrize("status", [known.value for known in Status])
def test_every_status_has_a_state(status):
    assert judge(instance(status=status), "new")[0] in STATES


def test_an_instance_of_another_region_is_not_the_one_that_was_meant():
    assert judge(instance(region="west"), "new", "east") == (
        "not found",
        "the instance is in region west, not in east",
    )
    assert judge(instance(region=None), "new", "east")[0] == "wanted"


def test_each_host_has_its_own_row_with_what_the_provider_shows():
    rows = rows_of(instance("i-2", image_id="old"), instance("i-1"))
    assert [row["state"] for row in rows.values()] == ["wanted", "drifted", "not found"]
    assert (
        rows["b"]["image_id"] == "old"
        and rows["b"]["tags"] == {"role": "web"}
        and rows["c"]["image_id"] is None
    )
    assert {row["group"] for row in rows.values()} == {"zenlayer_zec"} and rows["a"]["region"] == "east"


def test_hosts_of_one_group_can_want_different_images():
    rows = rows_of(instance("i-1"), instance("i-2"), wanted={"a": "new", "b": "other"}, hosts=("a", "b"))
    assert [(row["state"], row["wanted_image_id"]) for row in rows.values()] == [
        ("wanted", "new"),
        ("drifted", "other"),
    ]


@pytest.mark.parametrize(
    "answer, reason, error",
    [
        ({"failed": True, "msg": "no such key", "error": ERROR}, "no such key", ERROR),
        ({"failed": True, "instances": [instance()], "msg": "half of it"}, "half of it", None),
        ({"rc": 1}, "the call ended without a result", None),
    ],
)
def test_a_group_that_was_not_read_whole_says_so_for_each_host(answer, reason, error):
    rows = rows_of(**answer)
    assert {(row["state"], row["message"]) for row in rows.values()} == {("not readable", reason)}
    assert document(rows, NOW)["unreadable"] == {
        "zenlayer_zec": {"hosts": ["a", "b", "c"], "reason": reason, "error": error}
    }


@pytest.mark.parametrize(
    "operation, since, age",
    [
        (None, None, None),
        (RESET, "2025-10-09T08:00:00Z", 3200.0),
        (
            {**RESET, "started_at": "2025-10-09T09:00:00Z"},
            "2025-10-09T09:00:00Z",
            0.0,
        ),  # its clock is before ours
        ({**RESET, "started_at": "yesterday"}, "yesterday", None),
        ({**RESET, "started_at": ""}, None, None),
        ({**RESET, "verb": "reboot"}, None, None),
    ],
)
def test_the_last_reset_is_told_where_the_record_tells_it(operation, since, age):
    row = rows_of(instance(operation=operation), hosts=("a",))["a"]
    assert (row["since"], row["age"]) == (since, age)


def test_the_document_counts_the_states_and_names_what_a_rebuild_would_do():
    rows = rows_of(
        instance("i-1"),
        instance("i-2", image_id="old"),
        instance("i-3", status="reset_failed"),
        hosts=("a", "b", "c", "d"),
    )
    report = document(rows, NOW, "a command")
    assert report["counts"] == {"not found": 1, "reset failed": 1, "drifted": 1, "wanted": 1}
    assert list(report["counts"]) == sorted(report["counts"], key=STATES.index)
    assert report["drifted"] == ["b", "c"] and list(report["hosts"]) == ["d", "c", "b", "a"]
    assert (report["at"], report["command"], report["unreadable"]) == (
        "2025-10-09T08:53:20Z",
        "a command",
        {},
    )
    assert json.loads(json.dumps(report)) == report


def test_the_overview_begins_with_what_needs_attention_and_steers_no_terminal():
    rows = rows_of(instance("i-1", image_id=EVIL), instance("i-2", operation=RESET))
    lines = overview_of(rows).splitlines()
    assert [line.split("  ")[0] for line in lines[2:]] == ["not found", "", "drifted", "", "wanted"]
    assert "\\x1b[2J{{ 7 * 7 }}<script>" in lines[4] and "\x1b" not in overview_of(rows)


@pytest.mark.parametrize("wanted, fails", [(True, "2 hosts not on the wanted image: a, b"), (False, "")])
def test_drift_is_a_failure_only_where_that_is_wanted(wanted, fails):
    rows = rows_of(instance("i-1", image_id="old"), instance("i-2", status="reset_failed"), instance("i-3"))
    assert problem(document(rows, NOW), wanted) == fails


def test_a_group_that_was_not_read_is_a_failure_with_its_reason():
    report = document(rows_of(failed=True, msg=f"no {EVIL}"), NOW)
    assert problem(report, False) == "zenlayer_zec: 3 hosts not readable: no \\x1b[2J{{ 7 * 7 }}<script>"


def test_a_sentence_names_ten_hosts_and_counts_the_others():
    rows = rows_of(
        *(instance(f"i-{number}", image_id="old") for number in range(1, 13)), hosts="abcdefghijkl"
    )
    assert problem(document(rows, NOW), True).endswith(
        "12 hosts not on the wanted image: a, b, c, d, e, f, g, h, i, j and 2 more"
    )


@pytest.mark.parametrize(
    "images, more", [({"img 1"}, ["-e", "rebuild_image_id=img 1"]), ({"img-1", "img-2"}, [])]
)
def test_the_command_names_the_image_only_when_it_is_one_for_all(images, more):
    command = rebuild_command(["my fleet.yml"], "drift.limit", images)
    assert shlex.split(command) == [
        "ansible-playbook",
        "reforge.cloud.rebuild",
        "-i",
        "my fleet.yml",
        "--limit",
        "@drift.limit",
        *more,
        "--check",
    ]


def test_what_a_rebuild_acts_on_are_states():
    assert set(TO_REBUILD) < set(STATES)
