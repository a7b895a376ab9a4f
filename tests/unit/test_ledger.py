# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What was sent is on disk before it is sent, and a run that was killed is resolved by the next one."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.act.execute import Guards
from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger import compaction, layout
from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.caller import Caller
from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.file_store import FileStore
from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.ledger import Ledger
from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.record import Record, folded
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import CloudError
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import (
    Operation,
    Outcome,
    Phase,
    RequestState,
    Status,
    Verb,
)
from ansible_collections.reforge.cloud.plugins.module_utils.core.reason import Reason
from ansible_collections.reforge.cloud.plugins.module_utils.core.timing import NO_TRACE_SECONDS
from ansible_collections.reforge.cloud.plugins.module_utils.decide.attempt import Progress
from ansible_collections.reforge.cloud.plugins.module_utils.decide.evidence import judge
from ansible_collections.reforge.cloud.plugins.module_utils.decide.facts import act
from ansible_collections.reforge.cloud.plugins.module_utils.decide.work_item import End

RESET = act(Verb.RESET, Reason.IMAGE_DIFFERS, "install it")
REBOOT = act(Verb.REBOOT, Reason.ASKED, "reboot it")
OFF = {"status": "stopped"}


class Killed(BaseException):
    """The process ends in the middle of things."""


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "ledger.jsonl")


@pytest.fixture
def ledger(path, clock):
    """The file as the ledger of a new call opens it."""

    def opened(
        run_id="run-1", scope="zenlayer_zec here", place=None, proves=False, system="", ahead=None, **by
    ):
        store = FileStore(place or path, scope, ["a", "b", "i-1"], folded)
        who = {"user": "ann", "machine": "bastion", **by}
        caller = Caller(
            run_id, who, 60.0, lambda instance_id: proves, lambda instance_id: system, ahead=lambda: ahead
        )
        return Ledger(store, scope, caller, clock)

    return opened


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
    assert before == [("a", "intended"), ("b", "intended")]
    assert states(path)[2:] == [("a", "accepted"), ("b", "accepted"), ("a", "done"), ("b", "done")]


def test_a_stop_for_a_reset_is_not_a_matter_of_the_ledger(sky, ledger, path):
    sky.seed(a={})
    sky.reset(["a"], ledger=ledger())
    assert {line["verb"] for line in lines(path)} == {"reset"}


@pytest.mark.parametrize(
    "effect, written",
    [
        ("drop_after", ["intended", "lost", "accepted", "done"]),
        ("drop_before", ["intended", "lost", "not_started"]),
        ("throttle", ["intended", "turned_down", "intended", "accepted", "done"]),
        ("list_failed", ["intended", "turned_down"]),
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
    assert lines(path)[0]["run_id"] == "night-7" and lines(path)[0]["asked_at"].startswith("2025-10-09T")
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
    assert before[-1] == ("a", "not_started") and ledger().open("a", Verb.RESET) is None
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


def test_another_image_under_the_same_run_id_is_refused_by_name(sky, ledger):
    sky.seed(a=OFF)
    sky.reset(["a"], ledger=ledger())
    verdict = sky.reset(["a"], ledger=ledger(), image_id="old").items[0].verdict
    assert verdict.reason is Reason.RUN_ID_TAKEN and "image new" in verdict.sentence
    assert (sky.truth("a").image_id, sky.wipes()) == ("new", {"a": 1})


def test_an_open_request_makes_the_image_matter_although_it_runs_already(sky, ledger):
    sky.seed(a={**OFF, "image_id": "new"})
    killed(sky, ledger, "after", force=True)
    read = []
    sky.hooks.append(lambda request: read.append(request.action))
    assert sky.reset(["a"], ledger=ledger()).items[0].end.outcome is Outcome.RESET
    assert "DescribeImages" in read and sky.wipes() == {"a": 1}


def test_a_request_for_another_image_is_resolved_before_the_new_one_is_sent(sky, ledger):
    sky.seed(a=OFF)
    killed(sky, ledger, "before")
    execution = sky.reset(["a"], ledger=ledger("run-2"), image_id="old", force=True)
    assert execution.items[0].verdict.reason is Reason.OPEN_REQUEST
    assert (sky.truth("a").image_id, sky.wipes()) == ("old", {"a": 1})
    assert [record.state.value for record in ledger()._all("a", Verb.RESET)] == ["not_started", "done"]


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
    assert ledger().done_in_run("a", Verb.RESET) and ledger().done_in_run("b", Verb.RESET)


SCOPED = '{"instance_id": "a", "scope": "zenlayer_zec here"'
FIRST = f'{SCOPED}, "request": "r", "verb": "reset", "state": "intended"}}'  # as another version may write it


@pytest.mark.parametrize("line", ["7", "[]", '"text"', f"{SCOPED}}}", FIRST])
def test_a_line_of_another_kind_is_an_error_that_names_the_file(ledger, path, line):
    with open(path, "w", encoding="utf-8") as file:
        file.write(line + "\n")
    with pytest.raises(CloudError, match=r"ledger: .*ledger\.jsonl"):
        ledger()


def test_lines_of_another_scope_say_nothing(sky, ledger):
    sky.seed(a=OFF)
    sky.reset(["a"], ledger=ledger())
    other = ledger(scope="zenlayer_zec there")
    assert not other.done_in_run("a", Verb.RESET) and other.last("a", Verb.RESET) is None


def test_answers_and_ends_of_many_instances_are_stored_together(sky, ledger, path, monkeypatch):
    sky.seed(**{f"i{number}": OFF for number in range(50)})
    many, stored = ledger(), []
    append = many._store.append
    monkeypatch.setattr(many._store, "append", lambda answer: (stored.append(1), append(answer)))
    ids = [f"i{number}" for number in range(50)]
    assert {item.end.outcome for item in sky.reset(ids, ledger=many).items} == {Outcome.RESET}
    assert len(stored) == 3  # the intentions, the answers and the ends
    assert {line["instance_id"] for line in lines(path) if line["state"] == "done"} == set(ids)


def test_what_cannot_be_noted_is_not_sent(sky, ledger, tmp_path):
    sky.seed(a=OFF)
    end = sky.reset(["a"], ledger=ledger(place=str(tmp_path / "none" / "ledger"))).items[0].end
    assert (end.outcome, end.reason) == (Outcome.FAILED, "not_noted") and "ledger" in end.sentence
    assert sky.requests("ResetInstances") == []


def test_an_instance_is_not_left_stopped_for_a_reset_that_cannot_be_noted(sky, ledger, tmp_path):
    sky.seed(a={})
    end = sky.reset(["a"], ledger=ledger(place=str(tmp_path / "none" / "ledger"))).items[0].end
    assert end.outcome is Outcome.FAILED and sky.truth("a").status == "running"
    assert sky.requests("StopInstances") == []


def test_a_ledger_that_fails_after_the_request_is_a_warning_and_the_outcome_stays(sky, ledger, path):
    sky.seed(a=OFF)
    broken = ledger()

    def answered(verb, item):
        os.unlink(path)
        os.mkdir(path)  # a folder cannot be written to, by root neither
        Ledger.answered(broken, verb, item)

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
    attempt = ledger().open("i-1", Verb.RESET).attempt(clock)
    assert attempt.baseline.operation == operation and attempt.baseline.image_id == latest.image_id
    assert (attempt.baseline.status, attempt.target, attempt.answered) == (status, "new", False)
    assert clock.monotonic() - attempt.sent_at == pytest.approx(100, abs=1)


def fact(path, state, **more):
    """A later line about the first request of the file, as another call would add it."""
    first = lines(path)[0]
    line = {name: first[name] for name in ("instance_id", "scope", "request", "verb")}
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps({**line, "state": state, "at": "2025-10-09T09:00:00Z", **more}) + "\n")


@pytest.mark.parametrize(
    "states_of_it, end, is_open",
    [
        ([], "intended", True),
        (["lost"], "lost", True),
        (["lost", "accepted"], "accepted", True),
        (["accepted", "not_seen"], "not_seen", True),
        (["accepted", "not_waited"], "not_waited", True),
        (["turned_down", "not_seen"], "turned_down", False),
        (["lost", "not_started", "unknown"], "not_started", False),
        (["accepted", "unknown"], "unknown", True),
        (["accepted", "unknown", "done"], "done", False),
        (["accepted", "done", "not_seen", "failed"], "done", False),
        (["accepted", "failed"], "failed", False),
    ],
)
def test_the_strongest_fact_about_a_request_wins(ledger, path, make_work, states_of_it, end, is_open):
    ledger().sending(Verb.RESET, [make_work(RESET)])
    for state in states_of_it:
        fact(path, state)
    assert ledger().last("i-1", Verb.RESET).state.value == end
    assert bool(ledger().open("i-1", Verb.RESET)) is is_open
    assert bool(ledger("another").open("i-1", Verb.RESET)) is (is_open and end != "unknown")


def test_what_the_provider_took_on_stays_so_when_its_end_was_not_seen(sky, ledger):
    sky.seed(a={**OFF, "durations": {"reset": 500}})
    sky.reset(["a"], Guards(timeout=60), ledger=ledger())
    record = ledger().open("a", Verb.RESET)
    assert (record.state, record.answered) == (RequestState.NOT_SEEN, True)


def test_what_ended_as_unknown_is_looked_at_again_under_the_same_run_and_not_sent_again(sky, ledger):
    sky.seed(a={**OFF, "image_id": "new"})
    sky.fault("stale", "DescribeInstances", skip=1, seconds=600)
    assert sky.reset(["a"], ledger=ledger(), force=True).items[0].end.outcome is Outcome.UNKNOWN
    again = sky.reset(["a"], ledger=ledger(), force=True).items[0]
    assert (again.end.outcome, again.verdict.reason) == (Outcome.UNKNOWN, Reason.UNFINISHED)
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
    "state, seconds", [("intended", 60.0 + NO_TRACE_SECONDS), ("lost", NO_TRACE_SECONDS)]
)
def test_a_request_that_may_still_be_on_its_way_is_not_taken_for_one_that_never_left(
    zec, ledger, path, make_work, make_instance, clock, state, seconds
):
    ledger().sending(Verb.RESET, [make_work(RESET)])
    if state != "intended":
        fact(path, state)
    attempt, sent = ledger().open("i-1", Verb.RESET).attempt(clock), clock.monotonic()
    assert judge(zec.proof, attempt, make_instance(), sent + seconds - 1).progress is Progress.PENDING
    assert judge(zec.proof, attempt, make_instance(), sent + seconds).progress is Progress.NOT_STARTED


@pytest.mark.parametrize(
    "state, later, counts",
    [("done", -1, True), ("done", 1, False), ("turned_down", -1, False), ("not_seen", -1, False)],
)
def test_since_counts_reboots_that_succeeded(ledger, path, make_work, clock, state, later, counts):
    ledger().sending(Verb.REBOOT, [make_work(REBOOT, target="")])
    fact(path, state)
    assert ledger().done_since("i-1", Verb.REBOOT, clock.time() + later) is counts


@pytest.mark.parametrize(
    "machine, theirs, ours, later, counts",
    [
        # The clock that noted it is known to be right, ahead, or behind; ours is right.
        ("other", 0.0, 0.0, 0, True),
        ("other", 240.0, 0.0, -239, False),
        ("other", 240.0, 0.0, -241, True),
        ("other", -240.0, 0.0, 239, True),
        ("bastion", 240.0, 240.0, -239, False),
        # Nobody has compared them.
        ("bastion", None, None, 0, True),
        ("other", None, None, -299, False),
        ("other", None, None, -301, True),
        # The time may have been taken from ours, which is behind.
        ("other", 0.0, -240.0, -239, False),
        ("other", 0.0, -240.0, -241, True),
        ("bastion", -240.0, -240.0, 0, True),
    ],
)
def test_since_counts_no_reboot_that_only_a_wrong_clock_puts_after_it(
    ledger, path, make_work, clock, machine, theirs, ours, later, counts
):
    ledger(machine=machine, ahead=theirs).sending(Verb.REBOOT, [make_work(REBOOT, target="")])
    fact(path, "done")
    assert ledger(ahead=ours).done_since("i-1", Verb.REBOOT, clock.time() + later) is counts


def test_the_end_of_one_request_is_not_taken_for_that_of_a_later_one(ledger, make_work):
    first, second, item = ledger(), ledger(), make_work(RESET)
    first.sending(Verb.RESET, [item])
    second.sending(Verb.RESET, [item])  # is told of the first one
    second.sending(Verb.RESET, [item])  # and now sends one of its own
    item.end = End(Outcome.FAILED, state=RequestState.FAILED)
    first.ended(item)
    first.flush()
    assert ledger().open("i-1", Verb.RESET)
    second.ended(item)
    second.flush()
    assert ledger().open("i-1", Verb.RESET) is None


@pytest.mark.parametrize(
    "ours, theirs, under_way, state, hours, continues",
    [
        ("week-1", "week-1", False, "not_seen", 500, True),
        ("week-1", "week-1", False, "not_waited", 500, True),
        ("week-2", "week-1", True, "not_seen", 0, False),
        ("", "week-1", True, "not_seen", 0, False),
        ("week-1", "", True, "not_seen", 0, False),
        ("", "", True, "not_waited", 23, True),
        ("", "", True, "not_waited", 25, False),
        ("", "", False, "not_waited", 0, False),
        ("", "", False, "not_seen", 23, True),
        ("", "", False, "not_seen", 25, False),
        ("", "", False, "intended", 23, True),
    ],
)
def test_only_what_is_ours_is_continued(
    ledger, path, make_work, clock, ours, theirs, under_way, state, hours, continues
):
    ledger(theirs).sending(Verb.RESET, [make_work(RESET)])
    if state != "intended":
        fact(path, state)
    clock.sleep(hours * 3600)
    book = ledger(ours)
    assert book.continues(book.open("i-1", Verb.RESET), under_way) is continues


def test_what_was_seen_to_end_is_not_taken_for_what_is_under_way(ledger, path, make_work):
    ledger("").sending(Verb.RESET, [make_work(RESET)])
    fact(path, "not_waited", shown="done")
    book = ledger("")
    assert book.continues(book.open("i-1", Verb.RESET), under_way=True) is False


@pytest.mark.parametrize("run, sent", [("night", False), ("day", True)])
def test_what_a_call_at_the_same_time_left_unknown_is_not_sent_again_under_its_run_id(
    ledger, path, make_work, run, sent
):
    slow, item = ledger(run), make_work(RESET)
    ledger("night").sending(Verb.RESET, [item])
    fact(path, "unknown")
    assert (slow.sending(Verb.RESET, [item]) == {}) is sent


@pytest.mark.parametrize(
    "noted, outcome",
    [("done", "reset"), ("failed", "failed"), ("not_started", "failed"), ("accepted", "timeout")],
)
def test_an_end_that_this_call_cannot_see_is_the_one_that_another_run_has_noted(
    sky, ledger, path, noted, outcome
):
    sky.seed(a=OFF)
    sky.fault("endless_install", "ResetInstances", count=1)
    looks = []

    def another_run(request):
        looks.append(request.action)
        if looks.count("DescribeInstances") == 6:
            fact(path, noted)

    sky.hooks.append(another_run)
    assert sky.reset(["a"], Guards(timeout=60), ledger=ledger()).items[0].end.outcome.value == outcome


def test_a_failed_reset_is_remembered_until_one_succeeds(ledger, path, make_work):
    for state in ("failed", "turned_down", "done"):
        ledger().sending(Verb.RESET, [make_work(RESET)])
        first = ledger().last("i-1", Verb.RESET)
        fact(path, state, request=first.name)
        assert ledger().failed("i-1") is (state != "done")


def test_a_reset_that_awaits_its_proof_is_unproven_until_that_is_noted(ledger, path, make_work):
    ledger(proves=True).sending(Verb.RESET, [make_work(RESET)])
    assert not ledger().unproven("i-1") and ledger().unproven("i-1", foretold=True)
    fact(path, "done")
    assert ledger().unproven("i-1")
    fact(path, "proven")
    assert not ledger().unproven("i-1") and ledger().last("i-1", Verb.RESET).state is RequestState.DONE


@pytest.mark.parametrize("first, kept", [("failed", "old"), ("done", "")])
def test_what_ran_before_a_reset_is_known_to_the_next_call_and_kept_where_it_came_to_nothing(
    ledger, path, make_work, first, kept
):
    ledger(proves=True, system="old").sending(Verb.RESET, [make_work(RESET)])
    fact(path, first)
    second = ledger(run_id="run-2", proves=True)
    second.sending(Verb.RESET, [make_work(RESET)])
    fact(path, "done", request=second.last("i-1", Verb.RESET).name)
    assert ledger(run_id="run-3").unproven("i-1").system_before == kept


def test_who_asked_and_what_for_is_noted(sky, ledger, path):
    sky.seed(a=OFF)
    sky.reset(["a"], ledger=ledger(job="17"))
    first = lines(path)[0]
    assert first["asked_by"] == {"user": "ann", "machine": "bastion", "job": "17"}
    assert (first["target"], first["baseline"]["image_id"], bool(first["options"])) == ("new", "old", True)


def test_a_folded_request_says_the_same_as_its_lines(sky, ledger, path):
    sky.seed(a=OFF)
    sky.reset(["a"], ledger=ledger())
    record = ledger().last("a", Verb.RESET)
    assert Record.from_line(folded(lines(path))) == record and record.state is RequestState.DONE
    assert folded([folded(lines(path))]) == folded(lines(path)) and folded(lines(path)[:2]) is None


def test_two_runs_that_want_different_images_do_not_both_send(sky, ledger):
    sky.seed(a=OFF)
    slow, other = ledger("slow"), []

    def hook(request):
        if request.action == "DescribeImages" and not other:  # after the slow one has looked at the instances
            other.append(request)
            sky.reset(["a"], ledger=ledger("fast"), wait=False)

    sky.hooks.append(hook)
    end = sky.reset(["a"], ledger=slow, image_id="old", force=True).items[0].end
    assert (end.outcome, end.reason) == (Outcome.REFUSED, Reason.OTHER_RUN) and "run fast" in end.sentence
    assert sky.wipes() == {"a": 1}


def test_a_clock_that_was_set_back_does_not_put_the_request_into_the_future(ledger, make_work, clock):
    ledger().sending(Verb.RESET, [make_work(RESET)])
    record = ledger().open("i-1", Verb.RESET)
    late = replace(record, asked_at=record.asked_at + 10 * NO_TRACE_SECONDS)
    assert late.attempt(clock).sent_at <= clock.monotonic()


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
    report = sky.reset(["a", "b"], ledger=ledger(), force=False)
    assert [item.end.outcome for item in report.items] == [Outcome.RESET, Outcome.UNCHANGED]
    assert sky.wipes() == {"a": 1, "b": 1}


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


@pytest.fixture
def compact(path, monkeypatch):
    """Compacts the ledger, as another call does when enough was added."""
    monkeypatch.setattr(layout, "LEAST", 1)
    return lambda: compaction.compact(path, folded)


def test_a_call_hears_what_became_of_a_request_also_when_the_ledger_was_compacted_meanwhile(
    ledger, path, make_work, compact
):
    ledger(proves=True).sending(Verb.RESET, [make_work(RESET)])
    waiting = ledger()
    for state in ("accepted", "done", "proven"):
        fact(path, state, **({"request_id": "T1"} if state == "accepted" else {}))
    compact()
    waiting._learn(waiting._store.unread())
    record = waiting.last("i-1", Verb.RESET)
    assert (record.state, record.proof, record.request_id, record.answered) == (
        RequestState.DONE,
        "proven",
        "T1",
        True,
    )
    assert record == ledger().last("i-1", Verb.RESET)


def test_a_call_does_not_take_its_own_request_for_that_of_another_run_in_a_compacted_ledger(
    sky, ledger, path, compact
):
    sky.seed(a=OFF)
    sky.hooks.append(lambda request: request.action == "ResetInstances" and compact())
    assert sky.reset(["a"], ledger=ledger()).items[0].end.outcome is Outcome.RESET
    assert (sky.wipes(), ledger().last("a", Verb.RESET).state) == ({"a": 1}, RequestState.DONE)
