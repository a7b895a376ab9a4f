# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""New passwords without a reset, on every provider that has them."""

from __future__ import annotations

import json

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.commands.password import password
from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import ApiError, InputError
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Status, Verb
from ansible_collections.reforge.cloud.plugins.module_utils.core.reason import Reason
from ansible_collections.reforge.cloud.plugins.module_utils.decide.attempt import Attempt, Progress
from ansible_collections.reforge.cloud.plugins.module_utils.decide.evidence import judge
from ansible_collections.reforge.cloud.plugins.module_utils.decide.facts import Facts
from ansible_collections.reforge.cloud.plugins.module_utils.decide.password_verdict import decide_password
from called_site import DEFAULTS, Call, Site
from emulator.loading import load

ABLE = [name for name, provider in PROVIDERS.items() if provider.password_change]
EVERY = pytest.mark.parametrize("name", ABLE)
STOPPED_ONLY = [name for name in ABLE if name != "zenlayer_zec"]
GOOD = "Aa1!aaaaaaaa"  # by the rules of all but one
OTHER = "Bb2!bbbbbbbb"


def secret(name, text=GOOD):
    return text.replace("!", "^") if name == "zenlayer_zec" else text


@pytest.fixture
def site(clock, tmp_path):
    """Makes a site, which ``ask`` s for a new password of the instance that runs."""

    def make(name):
        cloud = Site(PROVIDERS[name], clock)
        cloud.action = PROVIDERS[name].writes[Verb.PASSWORD].name

        def ask(text=GOOD, state="running", check_mode=False, **more):
            params = {
                **DEFAULTS,
                "instance_ids": [cloud.ids[state]],
                "password": secret(name, text),
                "stop_first": True,
                "stop_mode": None,
                "ledger": str(tmp_path / "ledger.jsonl"),
                **more,
            }
            result = password(Call(params, check_mode), cloud.client)
            return result, result["instances"][0]

        cloud.ask = ask
        cloud.truth = lambda state="running": cloud.emulation.fleet.look(cloud.ids[state])
        cloud.sent = lambda: len([e for e in cloud.emulation.journal.listed() if e["action"] == cloud.action])
        return cloud

    return make


@EVERY
def test_a_running_instance_has_the_new_password_and_runs_again(site, name):
    cloud = site(name)
    result, row = cloud.ask()
    assert (row["outcome"], row["changed"], row["verdict"]) == ("password_set", True, "password"), row
    assert result["password_set_ids"] == [cloud.ids["running"]] and row["erases"] == []
    assert (cloud.truth().login.password, cloud.truth().status) == (secret(name), "running")
    assert cloud.truth().wipes == 0 and cloud.sent() == 1


@pytest.mark.parametrize("name", STOPPED_ONLY)
def test_a_stopped_instance_is_left_as_its_provider_leaves_it(site, name):
    cloud = site(name)
    row = cloud.ask(state="stopped")[1]
    assert row["outcome"] == "password_set", row
    left = "running" if name == "zenlayer_vm" else "stopped"
    assert (cloud.truth("stopped").login.password, cloud.truth("stopped").status) == (secret(name), left)


@pytest.mark.parametrize("name", STOPPED_ONLY)
def test_a_running_instance_is_not_stopped_unless_that_is_asked_for(site, name):
    cloud = site(name)
    row = cloud.ask(stop_first=False)[1]
    assert (row["outcome"], row["reason"]) == ("refused", "running") and cloud.truth().boot == 1


def test_an_instance_without_its_agent_or_power_is_refused_where_the_agent_does_it(site):
    cloud = site("zenlayer_zec")
    assert cloud.ask(state="stopped")[1]["reason"] == "stopped"
    cloud.emulation.fleet.amend(cloud.ids["running"], agent=False)
    assert cloud.ask()[1]["reason"] == "no_agent" and cloud.sent() == 0


@EVERY
def test_check_mode_says_the_same_and_sends_nothing(site, name):
    cloud = site(name)
    result, row = cloud.ask(check_mode=True)
    assert (row["verdict"], row["outcome"], result["changed"]) == ("password", None, True)
    assert cloud.truth().boot == 1 and cloud.sent() == 0
    assert cloud.ask(expect_plan=result["plan_id"])[1]["outcome"] == "password_set"


@EVERY
def test_it_is_set_each_time_but_once_under_a_run_id(site, name):
    cloud = site(name)
    assert [cloud.ask()[1]["changed"], cloud.ask()[1]["changed"], cloud.sent()] == [True, True, 2]
    assert cloud.ask(run_id="night")[1]["outcome"] == "password_set"
    again = cloud.ask(OTHER, run_id="night")[1]
    assert (again["outcome"], again["reason"], again["changed"]) == ("unchanged", "done_in_run", False)
    assert cloud.sent() == 3 and cloud.truth().login.password == secret(name)


def test_a_lost_answer_is_unknown_and_nothing_is_sent_again_under_its_run_id(site):
    cloud = site("zenlayer_zec")
    cloud.emulation.faults.add({"effect": "drop_after", "actions": [cloud.action], "count": 1})
    lost = cloud.ask(run_id="night")[1]
    assert (lost["outcome"], lost["changed"]) == ("unknown", True) and "no record shows" in lost["message"]
    assert cloud.ask(run_id="night")[1]["outcome"] == "unknown" and cloud.sent() == 1
    assert cloud.ask(OTHER)[1]["outcome"] == "password_set" and cloud.sent() == 2


@pytest.mark.parametrize("name", ["tencent_cvm", "tencent_lighthouse"])
def test_a_lost_answer_is_found_by_the_request_in_the_record(site, name):
    cloud = site(name)
    cloud.emulation.faults.add({"effect": "drop_after", "actions": [cloud.action], "count": 1})
    row = cloud.ask()[1]
    assert (row["outcome"], cloud.sent(), cloud.truth().status) == ("password_set", 1, "running"), row


@pytest.mark.parametrize("name", STOPPED_ONLY)
def test_what_is_refused_after_the_stop_leaves_the_instance_running(site, name):
    cloud = site(name)
    cloud.deny(Verb.PASSWORD)
    row = cloud.ask()[1]
    assert row["outcome"] == "failed" and cloud.truth().status == "running"


@pytest.mark.parametrize("name", STOPPED_ONLY)
def test_without_waiting_an_instance_that_was_stopped_for_it_is_still_started_again(site, name):
    cloud = site(name)
    row = cloud.ask(wait=False)[1]
    assert row["outcome"] in ("password_set", "accepted")
    cloud.clock.sleep(60)
    assert cloud.truth().status == "running"


@pytest.mark.parametrize("run_id", [None, "night"])
def test_of_two_runs_at_once_the_second_sets_no_other_password(site, monkeypatch, run_id):
    cloud, inner = site("zenlayer_zec"), []
    real = cloud.send

    def send(request):
        reply = real(request)
        if request.action == "DescribeInstances" and not inner:
            inner.append(None)
            inner[0] = cloud.ask(OTHER, run_id=run_id)[1]
        return reply

    monkeypatch.setattr(cloud, "send", send)
    row = cloud.ask(run_id=run_id)[1]
    assert inner[0]["outcome"] == "password_set" and cloud.sent() == 1
    assert (row["outcome"], row["reason"]) == (
        ("unchanged", "done_in_run") if run_id else ("refused", "other_run")
    )


@EVERY
def test_the_password_is_in_no_result_and_no_ledger(site, name, tmp_path):
    cloud = site(name)
    result = cloud.ask()[0]
    assert secret(name) not in json.dumps(result) + (tmp_path / "ledger.jsonl").read_text(encoding="utf-8")


@EVERY
@pytest.mark.parametrize("bad", ["", "Aa1!", "aaaaaaaaaaaaa", "Aa1! aaaaaaa"])
def test_a_password_that_no_system_takes_is_an_error_that_does_not_show_it(site, name, bad):
    cloud = site(name)
    with pytest.raises(InputError, match="password") as caught:
        cloud.ask(bad)
    assert cloud.called == set() and not (bad and bad in str(caught.value))


def test_a_provider_without_the_action_is_an_error_that_names_those_that_have_it(clock):
    cloud = Site(PROVIDERS["zenlayer_bmc"], clock)
    with pytest.raises(InputError) as caught:
        password(Call({**DEFAULTS, "instance_ids": ["bmc-1"], "password": GOOD}), cloud.client)
    assert all(name in str(caught.value) for name in ABLE) and cloud.called == set()


def test_windows_has_its_own_rule_and_only_its_instances_are_refused(make_instance):
    cvm, short = PROVIDERS["tencent_cvm"], "Aa1-aaaa"
    verdicts = [
        decide_password(cvm, short, True, make_instance(os_type=system), Facts()).reason
        for system in ("windows", "linux", None)
    ]
    # An instance is stopped for it: where its system is not known, the strictest rule holds.
    assert verdicts == [Reason.PASSWORD_RULE, Reason.ASKED, Reason.PASSWORD_RULE]


@pytest.mark.parametrize("name", ["tencent_cvm", "tencent_lighthouse"])
def test_the_name_of_the_user_in_a_password_is_refused_before_windows_is_stopped(site, name):
    cloud, named = site(name), "ADMINistrator1!"
    world = cloud.world()
    images = [{**image, "os_type": "windows", "category": "Windows"} for image in world["images"]]
    cloud.emulation.fleet.seed(load({**world, "images": images}, cloud.emulation.fleet.clock()))
    row = cloud.ask(named)[1]
    assert (row["outcome"], row["reason"]) == ("refused", "password_rule")
    assert "Administrator" in row["message"] and named not in json.dumps(row)
    assert cloud.truth().boot == 1
    cloud.emulation.fleet.amend(cloud.ids["running"], status="stopped")
    with pytest.raises(ApiError, match="Password"):  # and the vendor does refuse it
        cloud.client.write(cloud.provider.writes[Verb.PASSWORD], [cloud.ids["running"]], {"Password": named})


@pytest.mark.parametrize("status", [Status.RESET_FAILED, Status.FAILED])
def test_a_broken_instance_gets_none(make_instance, status):
    verdict = decide_password(PROVIDERS["tencent_ecm"], GOOD, True, make_instance(status=status), Facts())
    assert verdict.reason is Reason.WRONG_STATE


def test_a_start_by_somebody_else_is_no_proof_of_a_password(make_instance):
    off, on = make_instance(status=Status.STOPPED), make_instance(status=Status.RUNNING)
    proof, sent = PROVIDERS["zenlayer_vm"].proof, Attempt(Verb.PASSWORD, off, 100.0)
    lost = sent._replace(answered=False)
    assert judge(proof, sent, on, 200.0).progress is Progress.DONE
    assert judge(proof, sent._replace(watched=False), on, 110.0).progress is Progress.PENDING
    assert judge(proof, lost, on, 200.0).progress is Progress.UNKNOWN
