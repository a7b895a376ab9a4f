# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The verdicts, rule by rule and in their order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.core.model import (
    Decision,
    Disk,
    Operation,
    Phase,
    Status,
    Verb,
)
from ansible_collections.reforge.cloud.plugins.module_utils.core.reason import Reason
from ansible_collections.reforge.cloud.plugins.module_utils.core.rules import NameRule, ResetOptions
from ansible_collections.reforge.cloud.plugins.module_utils.decide.facts import Facts
from ansible_collections.reforge.cloud.plugins.module_utils.decide.verdicts import (
    decide_power,
    decide_reboot,
    decide_reset,
    protecting_tag,
    refusal_for_any,
)

BUSY = Operation(None, Phase.RUNNING, "ResizeInstance")
ASKED = ResetOptions(image_id="new", key_ids=("key-1",))
GOOD_PASSWORD = "Aa1~aaaa"


@pytest.fixture
def decide(zec, make_instance, make_image):
    """decide_reset over an instance and the facts beside it, both as they are unless a test changes them."""

    def verdict(options=ASKED, instance=None, image=None, images=None, facts=None, provider=zec):
        seen = {"new": make_image(**(image or {})), "old": make_image(id="old")} if images is None else images
        facts = Facts(**{"images": seen, "key_ids": frozenset({"key-1"}), **(facts or {})})
        return decide_reset(provider, options, make_instance(**(instance or {})), facts)

    return verdict


def said(verdict):
    return (verdict.decision, verdict.reason)


@pytest.mark.parametrize(
    "instance, facts, region, reason",
    [
        (None, {}, "", "not_found"),
        ({}, {}, "europe-1", "not_found"),
        ({"status": Status.RECYCLED}, {}, "", "recycled"),
        ({"status": Status.TERMINATING}, {}, "", "terminating"),
        ({"restriction": "expired"}, {}, "", "restricted"),
        ({"tags": {"reforge-protect": ""}}, {}, "", "protected"),
        ({}, {"denials": {Verb.RESET: ("CODE", "no")}}, "", "denied"),
        # An earlier rule wins over a later one.
        ({"status": Status.RECYCLED, "restriction": "expired"}, {}, "", "recycled"),
        ({"restriction": "expired", "tags": {"reforge-protect": ""}}, {}, "", "restricted"),
        ({"tags": {"reforge-protect": ""}}, {"denials": {Verb.RESET: ("CODE", "no")}}, "", "protected"),
        ({"status": Status.RECYCLED}, {}, "europe-1", "not_found"),
    ],
)
def test_what_bars_every_verb_is_refused_in_order(make_instance, instance, facts, region, reason):
    record = None if instance is None else make_instance(**instance)
    verdict = refusal_for_any(Verb.RESET, record, Facts(**facts), region, ("reforge-protect",))
    assert verdict and said(verdict) == (Decision.REFUSE, reason)


@pytest.mark.parametrize(
    "changes, facts, region",
    [
        ({}, {}, ""),
        ({}, {}, "asia-east-1"),
        ({"region": None}, {}, "europe-1"),
        ({"tags": None}, {}, ""),
        ({}, {"denials": {Verb.REBOOT: ("CODE", "no")}}, ""),
    ],
)
def test_nothing_bars_a_plain_instance(make_instance, changes, facts, region):
    assert (
        refusal_for_any(Verb.RESET, make_instance(**changes), Facts(**facts), region, ("reforge-protect",))
        is None
    )


@pytest.mark.parametrize(
    "tags, wanted, found",
    [
        ({"a": "1"}, ("a",), "a"),
        ({"a": "1"}, ("a=1",), "a=1"),
        ({"a": "1"}, ("a=2",), ""),
        ({"a": ""}, ("a=",), "a="),
        ({"a": "1=2"}, ("a=1=2",), "a=1=2"),
        ({"A": "1"}, ("a",), ""),
        ({}, ("a",), ""),
        (None, ("a",), ""),
        ({"b": "1"}, ("a", "b"), "b"),
        ({"a": "1"}, (), ""),
    ],
)
def test_a_protecting_tag_is_a_key_or_a_key_with_one_value(make_instance, tags, wanted, found):
    assert protecting_tag(make_instance(tags=tags), wanted) == found


@pytest.mark.parametrize(
    "options, instance, decision, reason",
    [
        (ASKED, {}, Decision.ACT, "image_differs"),
        (ASKED, {"status": Status.STOPPED}, Decision.ACT, "image_differs"),
        (ASKED, {"image_id": "new"}, Decision.UNCHANGED, "image_matches"),
        (ASKED, {"image_id": "new", "status": Status.STOPPED}, Decision.UNCHANGED, "image_matches"),
        (ASKED, {"image_id": "new", "status": Status.RESET_FAILED}, Decision.ACT, "last_reset_failed"),
        (ASKED, {"status": Status.RESET_FAILED}, Decision.ACT, "last_reset_failed"),
        (replace(ASKED, force=True), {"image_id": "new"}, Decision.ACT, "forced"),
        (replace(ASKED, force=True), {}, Decision.ACT, "image_differs"),
        (replace(ASKED, image_id=None, force=True), {}, Decision.ACT, "forced"),
        (ASKED, {"status": Status.RESETTING, "image_id": "new"}, Decision.ATTACH, "resetting"),
        (ResetOptions(force=True), {"status": Status.RESETTING}, Decision.ATTACH, "resetting"),
        (ASKED, {"status": Status.RESETTING}, Decision.SETTLE, "busy"),
        (ASKED, {"status": Status.REBOOTING}, Decision.SETTLE, "busy"),
        (ASKED, {"status": Status.STARTING}, Decision.SETTLE, "busy"),
        (ASKED, {"status": Status.STOPPING}, Decision.SETTLE, "busy"),
        (ASKED, {"status": Status.CREATING}, Decision.SETTLE, "busy"),
        (ASKED, {"status": Status.UNKNOWN}, Decision.SETTLE, "busy"),
        (ASKED, {"operation": BUSY}, Decision.SETTLE, "busy"),
        (ASKED, {"image_id": "new", "operation": BUSY}, Decision.SETTLE, "busy"),
        (ASKED, {"status": Status.FAILED}, Decision.REFUSE, "failed"),
        (replace(ASKED, stop_first=False), {}, Decision.REFUSE, "running"),
        (replace(ASKED, stop_first=False), {"status": Status.STOPPED}, Decision.ACT, "image_differs"),
        (replace(ASKED, stop_first=False), {"image_id": "new"}, Decision.UNCHANGED, "image_matches"),
    ],
)
def test_the_state_and_the_image_give_the_verdict(decide, options, instance, decision, reason):
    assert said(decide(options, instance)) == (decision, reason)


def test_what_the_record_bars_is_refused_unless_nothing_is_to_be_done(decide):
    barred = {"reset_barred": "start it first"}
    assert said(decide(instance=barred)) == (Decision.REFUSE, "not_resettable")
    assert said(decide(instance={**barred, "image_id": "new"})) == (Decision.UNCHANGED, "image_matches")


def test_a_name_is_checked_by_the_system_that_is_installed(decide, zec):
    names = {"": NameRule("[a-z]+", "letters"), "windows": NameRule("[a-z]{1,3}", "3 letters")}
    provider = zec._replace(rules=zec.rules._replace(names=names, same_os_type=False, keys_on_windows=True))
    options = replace(ASKED, instance_name="abcd")
    assert decide(options, provider=provider).decision is Decision.ACT
    assert said(decide(options, image={"os_type": "windows"}, provider=provider)) == (
        Decision.REFUSE,
        "name_rule",
    )


def test_what_an_image_does_besides_is_in_the_sentence(decide):
    assert decide(image={"note": "snapshots are void"}).sentence.endswith("; snapshots are void")


@pytest.mark.parametrize(
    "image, instance, reason",
    [
        ({"available": False, "status": "SYNCING"}, {}, "image_unavailable"),
        ({"blocked": "not for you"}, {}, "image_blocked"),
        ({"os_type": "windows"}, {}, "os_type_differs"),
        ({"os_type": "windows"}, {"os_type": "linux"}, "os_type_differs"),
        ({"size": 41}, {}, "disk_too_small"),
        ({"memory": 8}, {}, "memory_too_small"),
        ({"available": False, "blocked": "no", "os_type": "windows", "size": 41}, {}, "image_unavailable"),
        ({"blocked": "no", "os_type": "windows", "size": 41}, {}, "image_blocked"),
        ({"os_type": "windows", "size": 41}, {}, "os_type_differs"),
        ({"size": 41, "memory": 8}, {}, "disk_too_small"),
    ],
)
def test_an_image_that_does_not_fit_is_refused(decide, image, instance, reason):
    assert said(decide(instance=instance, image=image)) == (Decision.REFUSE, reason)


@pytest.mark.parametrize(
    "image, instance",
    [
        ({"size": 40}, {}),
        ({"size": 41}, {"system_disk": None}),
        ({"size": 41}, {"system_disk": Disk("d")}),
        ({"memory": 8}, {"memory": None}),
        ({"os_type": ""}, {}),
    ],
)
def test_what_is_not_told_or_just_fits_is_no_reason_to_refuse(decide, image, instance):
    assert decide(instance=instance, image=image).decision is Decision.ACT


def test_an_image_that_is_not_there_is_refused_and_the_zone_is_named(decide):
    verdict = decide(images={})
    assert said(verdict) == (Decision.REFUSE, "image_not_found")
    assert "new" in verdict.sentence and "asia-east-1a" in verdict.sentence


def test_an_image_that_was_withdrawn_matters_only_where_it_is_to_be_installed(decide):
    assert said(decide(instance={"image_id": "new"}, images={})) == (Decision.UNCHANGED, "image_matches")
    again = replace(ASKED, force=True)
    refused = decide(again, {"image_id": "new"}, images={})
    assert said(refused) == (Decision.REFUSE, "image_not_found") and "omit image_id" in refused.sentence


def test_the_current_image_is_installed_again_although_it_is_no_longer_listed(decide):
    again = ResetOptions(force=True, key_ids=("key-1",))
    assert said(decide(again, images={})) == (Decision.ACT, "forced")
    assert said(decide(replace(again, system_disk_size=10), images={})) == (
        Decision.REFUSE,
        "disk_cannot_shrink",
    )


def test_an_instance_whose_record_shows_no_image_is_reset_only_with_force(decide):
    nameless = {"image_id": ""}
    assert said(decide(instance=nameless)) == (Decision.REFUSE, "image_unknown")
    assert said(decide(replace(ASKED, force=True), nameless)) == (Decision.ACT, "image_differs")


@pytest.mark.parametrize(
    "options, instance, image, reason",
    [
        (ResetOptions("new"), {}, {}, "login_missing"),
        (ResetOptions("new"), {"image_id": "new"}, {}, "image_matches"),
        (ResetOptions("new"), {}, {"accepts_login": False}, "image_differs"),
        (ResetOptions(force=True), {}, None, "login_missing"),
        (ResetOptions(force=True), {"os_type": "windows"}, None, "forced"),
        (ResetOptions(force=True, key_ids=("key-1",)), {}, None, "forced"),
        (
            ResetOptions(force=True, password=GOOD_PASSWORD),
            {"os_type": "windows"},
            None,
            "login_not_supported",
        ),
    ],
)
def test_a_missing_login_is_refused_unless_the_image_accepts_none(decide, options, instance, image, reason):
    images = {} if image is None else None
    assert decide(options, instance, image, images).reason == reason


def test_what_the_pages_do_not_say_is_in_the_verdict(decide):
    assert "does not say" in decide(instance={"status": Status.RESET_FAILED}).sentence


def test_the_type_of_the_system_may_change_where_the_provider_allows_it(decide, zec):
    lenient = zec._replace(rules=zec.rules._replace(same_os_type=False))
    assert decide(ASKED, image={"os_type": "windows"}, provider=lenient).reason == "login_not_supported"
    lenient = lenient._replace(rules=lenient.rules._replace(keys_on_windows=True))
    assert decide(ASKED, image={"os_type": "windows"}, provider=lenient).decision is Decision.ACT


@pytest.mark.parametrize(
    "options, image, facts, reason",
    [
        (ASKED, {"accepts_login": False}, {}, "login_not_supported"),
        (ResetOptions("new", password=GOOD_PASSWORD), {"accepts_login": False}, {}, "login_not_supported"),
        (ASKED, {}, {"key_ids": frozenset()}, "key_not_found"),
        (ResetOptions("new", password="short"), {}, {}, "password_rule"),
    ],
)
def test_login_options_that_the_image_or_the_account_does_not_support_are_refused(
    decide, options, image, facts, reason
):
    assert said(decide(options, image=image, facts=facts)) == (Decision.REFUSE, reason)


@pytest.mark.parametrize(
    "options, facts",
    [
        (ASKED, {"key_ids": None}),
        (ResetOptions("new", password=GOOD_PASSWORD), {"key_ids": None}),
    ],
)
def test_login_options_that_break_no_known_rule_pass(decide, options, facts):
    assert decide(options, facts=facts).decision is Decision.ACT


def test_keys_are_refused_for_windows_unless_the_provider_takes_them(decide, zec):
    for takes, expected in ((False, Decision.REFUSE), (True, Decision.ACT)):
        provider = zec._replace(rules=zec.rules._replace(keys_on_windows=takes, same_os_type=False))
        assert decide(image={"os_type": "windows"}, provider=provider).decision is expected


def test_a_bad_password_is_told_without_showing_it(decide):
    verdict = decide(ResetOptions("new", password="SEEN-Aa1%SEEN"))
    assert verdict.reason == "password_rule" and "SEEN" not in verdict.sentence


@pytest.mark.parametrize(
    "options, instance, image, expected",
    [
        (replace(ASKED, force=True), {}, {}, (Decision.UNCHANGED, "done_in_run")),
        (ASKED, {"status": Status.RESET_FAILED}, {}, (Decision.UNCHANGED, "done_in_run")),
        (ASKED, {"image_id": "new"}, {}, (Decision.UNCHANGED, "done_in_run")),
        (ASKED, {"status": Status.RESETTING, "image_id": "new"}, {}, (Decision.ATTACH, "resetting")),
        (replace(ASKED, force=True), {}, {"available": False}, (Decision.UNCHANGED, "done_in_run")),
    ],
)
def test_what_the_ledger_calls_done_is_left_alone_whatever_a_request_would_need(
    decide, options, instance, image, expected
):
    assert said(decide(options, instance, image, facts={"done": Reason.DONE_IN_RUN})) == expected


def test_every_refusal_of_an_image_names_the_image(decide):
    for image in ({"available": False}, {"blocked": "no"}, {"os_type": "bsd"}, {"size": 99}, {"memory": 99}):
        assert "new" in decide(image=image).sentence


@pytest.mark.parametrize(
    "instance, if_stopped, done, decision, reason",
    [
        ({}, "refuse", None, Decision.ACT, "asked"),
        ({}, "refuse", Reason.REBOOTED_SINCE, Decision.UNCHANGED, "rebooted_since"),
        ({"status": Status.REBOOTING}, "refuse", Reason.REBOOTED_SINCE, Decision.UNCHANGED, "rebooted_since"),
        ({"status": Status.REBOOTING}, "refuse", None, Decision.SETTLE, "busy"),
        ({"status": Status.RESETTING}, "refuse", Reason.REBOOTED_SINCE, Decision.SETTLE, "busy"),
        ({"operation": BUSY}, "refuse", None, Decision.SETTLE, "busy"),
        ({"status": Status.STOPPED}, "refuse", None, Decision.REFUSE, "stopped"),
        ({"status": Status.STOPPED}, "refuse", Reason.REBOOTED_SINCE, Decision.REFUSE, "stopped"),
        ({"status": Status.STOPPED}, "skip", None, Decision.UNCHANGED, "stopped"),
        ({"status": Status.STOPPED}, "start", None, Decision.ACT, "stopped"),
        ({"status": Status.RESET_FAILED}, "start", None, Decision.REFUSE, "wrong_state"),
        ({"status": Status.FAILED}, "start", None, Decision.REFUSE, "wrong_state"),
    ],
)
def test_a_reboot_is_decided_by_the_state(zec, make_instance, instance, if_stopped, done, decision, reason):
    assert said(decide_reboot(zec, make_instance(**instance), if_stopped, done)) == (decision, reason)


def test_a_stopped_instance_that_is_to_be_started_is_started_and_not_rebooted(zec, make_instance):
    verdict = decide_reboot(zec, make_instance(status=Status.STOPPED), "start", False)
    assert (verdict.verb, verdict.word) == (Verb.START, "start")


@pytest.mark.parametrize(
    "verb, status, decision, reason",
    [
        (Verb.START, Status.RUNNING, Decision.UNCHANGED, "already_running"),
        (Verb.START, Status.STARTING, Decision.ATTACH, "starting"),
        (Verb.START, Status.STOPPED, Decision.ACT, "asked"),
        (Verb.START, Status.STOPPING, Decision.SETTLE, "busy"),
        (Verb.START, Status.RESETTING, Decision.SETTLE, "busy"),
        (Verb.START, Status.RESET_FAILED, Decision.REFUSE, "wrong_state"),
        (Verb.STOP, Status.STOPPED, Decision.UNCHANGED, "already_stopped"),
        (Verb.STOP, Status.STOPPING, Decision.ATTACH, "stopping"),
        (Verb.STOP, Status.RUNNING, Decision.ACT, "asked"),
        (Verb.STOP, Status.REBOOTING, Decision.SETTLE, "busy"),
        (Verb.STOP, Status.RESET_FAILED, Decision.REFUSE, "wrong_state"),
    ],
)
def test_starting_and_stopping_are_decided_by_the_state(zec, make_instance, verb, status, decision, reason):
    assert said(decide_power(zec, make_instance(status=status), verb)) == (decision, reason)


@pytest.mark.parametrize(
    "decision, changes",
    [
        (Decision.ACT, True),
        (Decision.ATTACH, True),
        (Decision.SETTLE, False),
        (Decision.REFUSE, False),
        (Decision.UNCHANGED, False),
    ],
)
def test_only_doing_it_and_waiting_for_it_change_an_instance(decide, decision, changes):
    assert decide()._replace(decision=decision).changes is changes
