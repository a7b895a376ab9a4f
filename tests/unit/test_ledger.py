# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was sent is on disk before it is sent, and a run that was killed is resolved by the next one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.act.execute import Guards
from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.entry import IN_FLIGHT
from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.ledger import Ledger
from ansible_collections.reforge.cloud.plugins.module_utils.core.clock import Clock
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import InputError
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import (
    Operation,
    Outcome,
    Phase,
    Status,
    Verb,
)
from ansible_collections.reforge.cloud.plugins.module_utils.decide.evidence import (
    NO_TRACE_SECONDS,
    Progress,
    judge,
)
from ansible_collections.reforge.cloud.plugins.module_utils.decide.next_step import End
from ansible_collections.reforge.cloud.plugins.module_utils.decide.verdicts import act

RESET = act(Verb.RESET, "image_differs", "install it")
REBOOT = act(Verb.REBOOT, "asked", "reboot it")
OFF = {"status": "stopped"}


class Killed(BaseException):
    """The process ends in the middle of things."""


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "ledger.jsonl")


@pytest.fixture
def ledger(path, clock):
    """The file as a new process opens it."""
    return lambda run_id="run-1", scope="zenlayer_zec here", **since: Ledger(
        path, scope, run_id, clock, **since
    )


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def states(path):
    return [(line["instance_id"], line["state"]) for line in lines(path)]


def test_the_intention_is_on_disk_before_the_request_leaves(sky, ledger, path):
    sky.seed(a=OFF, b=OFF)
    before = []
    sky.hooks.append(lambda request: request.action == "ResetInstances" and before.extend(states(path)))
    sky.reset(["a", "b"], ledger=ledger())
    assert before == [("a", "intention"), ("b", "intention")]
    assert states(path)[2:] == [("a", "accepted"), ("b", "accepted"), ("a", "reset"), ("b", "reset")]


def test_a_stop_for_a_reset_is_not_a_matter_of_the_ledger(sky, ledger, path):
    sky.seed(a={})
    sky.reset(["a"], ledger=ledger())
    assert {line["verb"] for line in lines(path)} == {"reset"}


@pytest.mark.parametrize(
    "effect, written",
    [
        ("drop_after", ["intention", "lost", "accepted", "reset"]),
        ("drop_before", ["intention", "lost", "failed"]),
        ("throttle", ["intention", "turned_down", "intention", "accepted", "reset"]),
        ("list_failed", ["intention", "turned_down", "failed"]),
    ],
)
def test_each_answer_and_the_end_of_what_was_done_are_noted(sky, ledger, path, effect, written):
    sky.seed(a=OFF)
    sky.fault(effect, "ResetInstances", count=1)
    sky.reset(["a"], ledger=ledger())
    assert [line["state"] for line in lines(path)] == written


def test_the_file_is_for_its_owner_only_and_has_the_time_and_the_run(sky, ledger, path):
    sky.seed(a=OFF)
    sky.reset(["a"], ledger=ledger("night-7"))
    assert os.stat(path).st_mode & 0o077 == 0
    assert lines(path)[0]["run_id"] == "night-7" and lines(path)[0]["at"].startswith("2025-10-09T")
    assert lines(path)[1]["request_id"].startswith("T")


def test_no_secret_is_in_the_file(sky, ledger, path):
    sky.seed(a=OFF)
    sky.reset(["a"], ledger=ledger(), key_ids=None, password="Aa1~SEEN", user_data="echo SEEN")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    assert sky.wipes() == {"a": 1} and not [word for word in ("SEEN", "SK", "password") if word in text]


def test_a_reset_that_came_to_nothing_is_closed_before_the_instance_is_started_again(sky, ledger, path):
    sky.seed(a={"image_id": "new"})
    sky.fault("drop_before", "ResetInstances", count=1)
    before = []
    sky.hooks.append(lambda request: request.action == "StartInstances" and before.extend(states(path)))
    sky.reset(["a"], ledger=ledger(), force=True)
    assert before[-1] == ("a", "failed") and ledger().unfinished("a", Verb.RESET) is None
    sky.reset(["a"], ledger=ledger(), force=True)
    assert sky.wipes() == {"a": 1}


def killed(sky, ledger, when, **reset):
    """A run that dies at its first reset, before or after the request arrives."""
    send = sky.send

    def dying(request):
        if request.action == "ResetInstances":
            if when == "after":
                send(request)
            raise Killed
        return send(request)

    sky.send = dying
    with pytest.raises(Killed):
        sky.reset(["a"], ledger=ledger(), **reset)
    sky.send = send


def test_a_run_that_was_killed_after_its_request_arrived_is_taken_up_and_not_repeated(sky, ledger):
    sky.seed(a=OFF)
    killed(sky, ledger, "after")
    report = sky.reset(["a"], ledger=ledger())
    assert report.items[0].verdict.reason == "unfinished"
    assert (report.items[0].end.outcome, sky.wipes()) == (Outcome.RESET, {"a": 1})


def test_a_run_that_was_killed_before_its_request_arrived_is_done_once_by_the_next(sky, ledger, clock):
    sky.seed(a=OFF)
    killed(sky, ledger, "before")
    report = sky.reset(["a"], ledger=ledger())
    assert (report.items[0].end.outcome, sky.wipes()) == (Outcome.RESET, {"a": 1})
    assert len(sky.requests("ResetInstances")) == 1


def test_a_reset_that_ended_while_nobody_looked_is_found_to_be_done_also_with_force(sky, ledger, clock):
    sky.seed(a=OFF)
    killed(sky, ledger, "after", force=True)
    clock.sleep(3600)
    report = sky.reset(["a"], ledger=ledger(), force=True)
    assert (report.items[0].end.outcome, sky.wipes()) == (Outcome.RESET, {"a": 1})


def test_a_forced_reset_of_the_same_image_that_was_lost_ends_as_unknown_or_done_and_never_as_a_second_wipe(
    sky, ledger
):
    sky.seed(a={**OFF, "image_id": "new"})
    killed(sky, ledger, "after", force=True)
    report = sky.reset(["a"], ledger=ledger(), force=True)
    assert (report.items[0].end.outcome, sky.wipes()) == (Outcome.RESET, {"a": 1})


def test_a_reset_that_was_accepted_and_not_waited_for_is_unchanged_when_it_is_there(sky, ledger, clock):
    sky.seed(a=OFF)
    assert sky.reset(["a"], ledger=ledger(), wait=False).items[0].end.outcome is Outcome.ACCEPTED
    clock.sleep(3600)
    again = sky.reset(["a"], ledger=ledger(), wait=False).items[0]
    assert (again.end.outcome, sky.wipes()) == (Outcome.UNCHANGED, {"a": 1})


def test_a_request_for_another_image_is_not_taken_up(sky, ledger):
    sky.seed(a=OFF)
    killed(sky, ledger, "before")
    report = sky.reset(["a"], ledger=ledger(), image_id="old", force=True)
    assert report.items[0].verdict.reason == "forced" and sky.truth("a").image_id == "old"


def test_a_rule_that_forbids_to_touch_the_instance_beats_what_is_unfinished(sky, ledger, clock):
    sky.seed(a=OFF)
    killed(sky, ledger, "before")
    sky.emulation.fleet.amend("a", status="recycled")
    assert sky.reset(["a"], ledger=ledger()).items[0].verdict.reason == "recycled"


def test_what_is_done_under_a_run_stays_done_also_with_force_and_under_another_run_it_does_not(sky, ledger):
    sky.seed(a=OFF)
    sky.reset(["a"], ledger=ledger("one"), force=True)
    again = sky.reset(["a"], ledger=ledger("one"), force=True)
    assert (again.items[0].verdict.reason, sky.wipes()) == ("done_in_run", {"a": 1})
    sky.reset(["a"], ledger=ledger("two"), force=True)
    assert sky.wipes() == {"a": 2}


@pytest.mark.parametrize("torn", ['{"at": "2025-10-09T', "\n", "null and void\n", "\x00\x00\x00"])
def test_a_line_that_a_killed_process_left_half_written_hides_nothing_before_or_after_it(
    sky, ledger, path, torn
):
    sky.seed(a=OFF, b=OFF)
    sky.reset(["a"], ledger=ledger())
    with open(path, "a", encoding="utf-8") as file:
        file.write(torn)
    sky.reset(["b"], ledger=ledger())
    assert ledger().done("a", Verb.RESET) and ledger().done("b", Verb.RESET)


@pytest.mark.parametrize("line", ["7", "[]", "null", '"text"', "{}", '{"scope": "zenlayer_zec here"}'])
def test_a_line_of_another_kind_is_an_error_that_names_the_file_or_is_passed_over(ledger, path, line):
    with open(path, "w", encoding="utf-8") as file:
        file.write(line + "\n")
    try:
        assert ledger().unfinished("a", Verb.RESET) is None
    except InputError as error:
        assert "ledger" in str(error) and "ledger.jsonl" in str(error)


def test_lines_of_another_account_say_nothing(sky, ledger):
    sky.seed(a=OFF)
    sky.reset(["a"], ledger=ledger())
    other = ledger(scope="zenlayer_zec there")
    assert not other.done("a", Verb.RESET) and other.last_sent("a", Verb.RESET) == 0.0


WRITER = """
import sys
from ansible_collections.reforge.cloud.plugins.module_utils.core.clock import Clock
from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.ledger import Ledger
from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.entry import IN_FLIGHT
ledger = Ledger(sys.argv[1], "s", "r", Clock())
for number in range(50):
    ledger._append([{"who": sys.argv[2], "number": number, "long": "x" * 5000}] * 2)
"""


def test_several_processes_can_append_to_one_file(path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, path, str(who)], env=environment) for who in range(4)
    ]
    assert [writer.wait(60) for writer in writers] == [0] * 4
    found = [(line["who"], line["number"]) for line in lines(path)]
    assert sorted(set(found)) == [(str(who), number) for who in range(4) for number in sorted(range(50))]
    assert len(found) == 400


def test_a_ledger_that_cannot_be_read_is_named(tmp_path, clock):
    with pytest.raises(InputError, match="ledger: .* cannot be read: "):
        Ledger(str(tmp_path), "s", "r", clock)


def test_what_cannot_be_noted_is_not_sent(sky, clock, tmp_path):
    sky.seed(a=OFF)
    end = sky.reset(["a"], ledger=Ledger(str(tmp_path / "none" / "ledger"), "s", "r", clock)).items[0].end
    assert (end.outcome, end.reason) == (Outcome.FAILED, "not_noted") and "ledger" in end.sentence
    assert sky.requests("ResetInstances") == []


def test_an_instance_is_not_left_stopped_for_a_reset_that_cannot_be_noted(sky, clock, tmp_path):
    sky.seed(a={})
    end = sky.reset(["a"], ledger=Ledger(str(tmp_path / "none" / "ledger"), "s", "r", clock)).items[0].end
    assert end.outcome is Outcome.FAILED and sky.truth("a").status == "running"


def test_a_ledger_that_fails_after_the_request_is_a_warning_and_the_outcome_stays(sky, ledger, path):
    sky.seed(a=OFF)
    broken = ledger()

    def answered(verb, item):
        os.unlink(path)
        os.mkdir(path)  # a folder cannot be written to, by root neither
        broken._append([{}])

    broken.answered = answered
    report = sky.reset(["a"], ledger=broken)
    assert report.items[0].end.outcome is Outcome.RESET
    assert [trouble for trouble in report.troubles if "cannot be written" in trouble]


@pytest.mark.parametrize(
    "operation",
    [
        None,
        Operation(None, Phase.SUCCEEDED, "Other", "req-0"),
        Operation(Verb.RESET, Phase.FAILED, "ResetInstance", "req-0", "no", "t"),
    ],
)
@pytest.mark.parametrize("status", [Status.STOPPED, Status.RESET_FAILED])
def test_the_request_comes_back_from_the_file_as_it_was_sent(
    ledger, make_work, make_instance, clock, operation, status
):
    latest = make_instance(status=status, operation=operation)
    ledger().sending(Verb.RESET, [make_work(RESET, latest)])
    clock.sleep(100)
    attempt = ledger().unfinished("i-1", Verb.RESET).attempt("i-1", clock)
    assert attempt.baseline.operation == operation and attempt.baseline.image_id == latest.image_id
    assert (attempt.baseline.status, attempt.target, attempt.answered) == (status, "new", False)
    assert clock.monotonic() - attempt.sent_at == pytest.approx(100, abs=1)


@pytest.mark.parametrize(
    "state, is_open, was_sent",
    [
        ("intention", True, True),
        ("accepted", True, True),
        ("lost", True, True),
        ("timeout", True, True),
        ("turned_down", False, False),
        ("failed", False, False),
        ("reset", False, True),
        ("unknown", True, True),
    ],
)
def test_what_is_open_and_what_was_sent_go_by_the_last_state(
    ledger, path, make_work, clock, state, is_open, was_sent
):
    ledger().sending(Verb.RESET, [make_work(RESET)])
    if state != "intention":
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps({**lines(path)[0], "state": state}) + "\n")
    assert bool(ledger().unfinished("i-1", Verb.RESET)) is is_open
    assert bool(ledger().last_sent("i-1", Verb.RESET)) is was_sent
    assert bool(ledger("another").unfinished("i-1", Verb.RESET)) is (is_open and state != "unknown")


def test_what_the_provider_took_on_stays_so_when_its_end_was_not_seen(sky, ledger):
    sky.seed(a={**OFF, "durations": {"reset": 500}})
    sky.reset(["a"], Guards(timeout=60), ledger=ledger())
    entry = ledger().unfinished("a", Verb.RESET)
    assert (entry.state, entry.answered) == ("timeout", True)


def test_what_ended_as_unknown_is_looked_at_again_under_the_same_run_and_not_sent_again(sky, ledger):
    sky.seed(a={**OFF, "image_id": "new"})
    sky.fault("revoke", "DescribeInstances", skip=1, count=1)
    assert sky.reset(["a"], ledger=ledger(), force=True).items[0].end.outcome is Outcome.UNKNOWN
    assert sky.reset(["a"], ledger=ledger(), force=True).items[0].end.outcome is Outcome.RESET
    assert sky.wipes() == {"a": 1}


@pytest.mark.parametrize("wait, outcome", [(False, "reset"), (True, "unchanged")])
def test_a_run_that_is_overtaken_by_another_one_does_not_send_again(sky, ledger, wait, outcome):
    sky.seed(a={**OFF, "image_id": "new"})
    slow = ledger()
    overtaking = []

    def hook(request):
        if (
            request.action == "DescribeImages" and not overtaking
        ):  # after the slow one has looked at the instances
            overtaking.append(request)
            sky.reset(["a"], ledger=ledger(), force=True, wait=wait)

    sky.hooks.append(hook)
    assert sky.reset(["a"], ledger=slow, force=True).items[0].end.outcome.value == outcome
    assert sky.wipes() == {"a": 1} and len(sky.requests("ResetInstances")) == 1


@pytest.mark.parametrize(
    "state, seconds", [("intention", IN_FLIGHT + NO_TRACE_SECONDS), ("lost", NO_TRACE_SECONDS)]
)
def test_a_request_that_may_still_be_on_its_way_is_not_taken_for_one_that_never_left(
    zec, ledger, path, make_work, make_instance, clock, state, seconds
):
    ledger().sending(Verb.RESET, [make_work(RESET)])
    with open(path, "a", encoding="utf-8") as file:
        file.write(
            json.dumps({**lines(path)[0], **({} if state == "intention" else {"state": state})}) + "\n"
        )
    attempt, sent = ledger().unfinished("i-1", Verb.RESET).attempt("i-1", clock), clock.monotonic()
    assert judge(zec.proof, attempt, make_instance(), sent + seconds - 1).progress is Progress.PENDING
    assert judge(zec.proof, attempt, make_instance(), sent + seconds).progress is Progress.NOT_STARTED


@pytest.mark.parametrize(
    "since, overtaken", [({"since": 0.0}, {"i-1": None}), ({}, {}), ({"since": 9e9}, {})]
)
def test_a_reboot_by_another_run_is_enough_where_one_since_then_is(ledger, make_work, since, overtaken):
    first, second, item = ledger(), ledger(**since), make_work(REBOOT, target="")
    first.sending(Verb.REBOOT, [item])
    item.end = End(Outcome.REBOOTED)
    first.ended(item)
    assert second.sending(Verb.REBOOT, [item]) == overtaken
    assert second.done("i-1", Verb.REBOOT) is bool(overtaken)


def test_the_end_of_one_request_is_not_taken_for_that_of_a_later_one(ledger, make_work):
    first, second, item = ledger(), ledger(), make_work(RESET)
    first.sending(Verb.RESET, [item])
    second.sending(Verb.RESET, [item])  # is told of the first one
    second.sending(Verb.RESET, [item])  # and now sends one of its own
    item.attempt, item.end = (
        ledger().unfinished("i-1", Verb.RESET).attempt("i-1", Clock()),
        End(Outcome.FAILED),
    )
    first.ended(item)
    assert ledger().unfinished("i-1", Verb.RESET)
    second.ended(item)
    assert ledger().unfinished("i-1", Verb.RESET) is None


def test_a_clock_that_was_set_back_does_not_put_the_request_into_the_future(ledger, make_work, clock):
    ledger().sending(Verb.RESET, [make_work(RESET)])
    entry = ledger().unfinished("i-1", Verb.RESET)
    late = replace(entry, sent_at=entry.sent_at + 10 * NO_TRACE_SECONDS)
    assert late.attempt("i-1", clock).sent_at <= clock.monotonic()


def prune(path, keep):
    """Remove lines as a person would, while nothing runs."""
    kept = [line for line in lines(path) if keep(line)]
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in kept)


def test_the_lines_of_what_has_ended_can_be_removed_and_what_is_open_is_still_taken_up(sky, ledger, path):
    sky.seed(a=OFF, b=OFF)
    sky.reset(["b"], ledger=ledger())
    killed(sky, ledger, "after", force=True)
    prune(path, lambda line: line["instance_id"] == "a")
    report = sky.reset(["a", "b"], ledger=ledger("run-2"), force=False)
    assert [item.end.outcome for item in report.items] == [Outcome.RESET, Outcome.UNCHANGED]
    assert sky.wipes() == {"a": 1, "b": 1}


@pytest.mark.parametrize(
    "kept, wipes",
    [
        (lambda line: line["state"] == "reset", 1),
        (lambda line: line["state"] != "reset", 1),
        (lambda line: False, 2),
    ],
)
def test_a_run_is_remembered_by_its_ends_alone_or_found_out_again_and_forgotten_with_all_its_lines(
    sky, ledger, path, kept, wipes
):
    sky.seed(a=OFF)
    sky.reset(["a"], ledger=ledger("one"), force=True)
    prune(path, kept)
    sky.reset(["a"], ledger=ledger("one"), force=True)
    assert sky.wipes() == {"a": wipes}


@pytest.mark.parametrize(
    "force, later, wipes", [(False, 0, 1), (False, 3600, 1), (True, 0, 1), (True, 3600, 2)]
)
def test_without_the_file_only_a_forced_reset_that_has_ended_unseen_is_done_again(
    sky, ledger, path, clock, force, later, wipes
):
    sky.seed(a=OFF)
    killed(sky, ledger, "after", force=force)
    os.unlink(path)
    clock.sleep(later)
    sky.reset(["a"], ledger=ledger(), force=force)
    assert sky.wipes() == {"a": wipes}


def test_a_reboot_without_its_lines_is_not_known_to_have_been_sent(ledger, path, make_work):
    ledger().sending(Verb.REBOOT, [make_work(RESET)])
    assert ledger().last_sent("i-1", Verb.REBOOT) > 0
    prune(path, lambda line: False)
    assert ledger().last_sent("i-1", Verb.REBOOT) == 0.0
