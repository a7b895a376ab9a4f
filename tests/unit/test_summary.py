# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the end of a rebuild shows: who needs a person, how many are done, and what comes next."""

from __future__ import annotations

import re

import pytest

from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet.plan_text import plan_text
from ansible_collections.reforge.cloud.plugins.plugin_utils.report.summary import ROWS, Summary

EVIL = "\x1b[2J\x1b]0;owned\x07"
COMMAND = "ansible-playbook reforge.cloud.rebuild --limit @rebuild.limit -e rebuild_confirm=1"


def row(outcome, number=0, **more):
    return {
        "instance_id": f"i-{number}",
        "outcome": outcome,
        "message": f"the message of {outcome}",
        "problem": None,
        "error": None,
        "system": {},
        "seconds": 60.0 + number if outcome == "reset" else None,
        "after": None,
        **more,
    }


def summary(again=(), ahead=(), command=None, earlier=None, **rows):
    outcomes = {**(earlier or {}), **{host: str(row["outcome"]) for host, row in rows.items()}}
    return Summary(rows, outcomes, list(again), list(ahead), command, ("Add what is left out.",))


def first_words(text):
    """The outcomes in the table, from above."""
    return [line.split("  ")[0] for line in text.splitlines()[3:] if re.match(r"[a-z ]+  +\d", line)]


def test_what_needs_a_person_comes_first_and_the_unchanged_are_a_number():
    many = {f"h{number}": row("unchanged", number) for number in range(5)}
    text = summary(**many, done=row("reset"), bad=row("failed"), no=row("refused", 7)).text
    assert first_words(text) == ["failed", "refused", "reset", "unchanged"]
    assert "h1" not in text and "no (i-7)" in text and "done\n" in text
    assert "1 failed, 1 refused, 1 reset, 5 unchanged, median 1 min 0 s, slowest 1 min 0 s (done)" in text


def test_a_reason_has_the_code_and_the_advice_of_the_provider_once():
    error = {"code": "E_DISK", "advice": "Ask the vendor."}
    text = summary(bad=row("failed", message="no disk.", error=error)).text
    assert "E_DISK: no disk. Ask the vendor." in text
    text = summary(bad=row("failed", message="it shows E_DISK", error={**error, "advice": None})).text
    assert "E_DISK:" not in text


def test_what_is_done_says_what_proves_it():
    text = summary(a=row("reset", after={"image": "new"}, system={"proof": "identity"})).text
    assert "it runs new now; a new installation answers" in text


def test_the_command_is_preceded_by_a_number_and_followed_by_what_it_does_not_do():
    rows = {"bad": row("failed"), "late": row("not proven", problem="no answer"), "no": row("refused")}
    text = summary(again=["bad", "late"], command=COMMAND, **rows).text
    before, after = text.split(COMMAND)
    assert before.endswith("To run 2 hosts again:\n  ")
    assert after.splitlines()[1:] == [
        "1 host not proven: already wiped, and only logged in to again.",
        "1 host refused: not included until the cause is fixed.",
        "Add what is left out.",
        "",
    ]


def test_a_batch_counts_all_so_far_and_says_who_is_to_come():
    text = summary(["bad", "next"], ["next"], COMMAND, {"first": "reset"}, bad=row("failed")).text
    assert "All batches so far: 1 failed, 1 reset" in text
    assert "1 host still to come. To continue and to run 1 host again if the play ends here:" in text


def test_what_needs_a_person_is_shown_again_only_after_many_rows():
    many = {f"h{number}": row("unchanged", number) for number in range(ROWS)}
    assert summary(bad=row("failed")).attention == "" and summary(**many, ok=row("reset")).attention == ""
    again = summary(["bad"], (), COMMAND, **many, bad=row("failed")).attention
    assert first_words(again) == ["failed"] and COMMAND in again


def test_many_reasons_are_cut_and_the_rest_is_counted():
    rows = {f"h{number}": row("failed", number, message=f"reason {'x' * number}") for number in range(40)}
    text = summary(**rows).text
    assert "28 other reasons for 28 hosts: see the rows below" in text and len(text.splitlines()) < 40


@pytest.mark.parametrize("field", ["message", "problem"])
def test_nothing_of_a_provider_steers_the_terminal(field):
    assert "\x1b" not in summary(**{EVIL: row("failed", **{field: EVIL})}).text


def planned(verdict, number=0, message="it runs old: install new", image="old"):
    return {"instance_id": f"i-{number}", "verdict": verdict, "message": message, "before": {"image": image}}


def test_a_plan_names_every_host_that_is_touched_and_counts_the_others():
    wiped = {f"web-{number:03}": planned("reset", number) for number in range(300)}
    still = {f"db-{number}": planned("unchanged", number, "it runs new already") for number in range(20)}
    plan = {
        "plan_id": "p1",
        "count": 300,
        "calls": 1,
        "hosts": {**still, **wiped, "no": planned(None, message="no key")},
    }
    text = plan_text(plan, "will be wiped")
    assert text.splitlines()[1] == "Plan p1: 300 of 321 hosts will be wiped, by 1 call"
    assert all(host in text for host in wiped) and "db-1" not in text and len(text.splitlines()) < 40
    assert first_words(text) == ["failed", "reset", "unchanged"] and "no key (it runs old)" in text
