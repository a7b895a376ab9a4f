# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The bodies of modules, called within a task."""

from __future__ import annotations

import os
import sys
from types import SimpleNamespace

import pytest
from ansible import context

from ansible_collections.reforge.cloud.plugins.module_utils.commands.connection_options import CONNECTION
from ansible_collections.reforge.cloud.plugins.module_utils.commands.options import RESET
from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet.calls import CallingAction
from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet.groups import Group


def tell(call, client):
    """A body that shows what it was given."""
    call.warn("a warning")
    return {"check": call.check_mode, "region": client.account.region, "password": call.params["password"]}


def break_off(call, client):
    raise ZeroDivisionError(f"no answer for {call.params['password']}")


def action(body, *environment):
    """A task with this body, in a play with such environments."""

    class Action(CallingAction):
        OPTIONS = {**CONNECTION, **RESET, "instance_ids": {"type": "list"}}
        BODY, WRITES = staticmethod(body), True

        def __init__(self):
            self._task = SimpleNamespace(check_mode=False, environment=list(environment))
            self._templar = SimpleNamespace(template=lambda value: value)

        def run(self, tmp=None, task_vars=None):
            """Not needed: the calls are made without a play."""

    return Action()


def group(name, **options):
    given = {"provider": "tencent_cvm", "access_key": "AK", "secret_key": "SK", "password": "Pw-17~xx"}
    options = {**given, "region": f"ap-{name}", **options}
    return Group(name, {key: value for key, value in options.items() if value}, {name: "ins-1"}, {name: {}})


def test_each_group_gets_the_result_of_its_own_call_without_secrets(monkeypatch):
    monkeypatch.setattr(context, "CLIARGS", {"forks": 5})
    first, second = action(tell)._call_all([group("tokyo"), group("seoul")], rehearse=True)
    assert first["check"] and (first["region"], second["region"]) == ("ap-tokyo", "ap-seoul")
    assert first["warnings"] == ["a warning"] and "Pw-17~xx" not in str((first, second))


def test_what_breaks_off_is_a_failure_of_its_own_call_without_secrets():
    (broken,) = action(break_off)._call_all([group("tokyo")])
    assert broken["failed"] and "ended without a result: ZeroDivisionError" in broken["msg"]
    assert "Pw-17~xx" not in broken["msg"]
    (wrong,) = action(tell)._call_all([group("tokyo", request_timeout="Pw-17~xx")])
    assert wrong["failed"] and "request_timeout" in wrong["msg"] and "Pw-17~xx" not in wrong["msg"]


def test_a_call_sees_the_environment_that_the_play_has_for_its_modules(monkeypatch):
    monkeypatch.setattr(os, "environ", {**os.environ, "TENCENTCLOUD_REGION": "ap-nowhere"})
    around = ({"TENCENTCLOUD_REGION": "ap-tokyo"}, {"TENCENTCLOUD_REGION": "ap-seoul"})
    (result,) = action(tell, *around)._call_all([group("", region=None)])
    assert result["region"] == "ap-seoul"


@pytest.mark.parametrize(
    "system, around, expected",
    [
        ("darwin", {}, "*"),
        ("darwin", {"https_proxy": "http://proxy:3128"}, None),
        ("linux", {}, None),
    ],
)
def test_no_forked_process_asks_macos_for_its_proxies(monkeypatch, system, around, expected):
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    monkeypatch.setattr(os, "environ", {**kept, **around})
    monkeypatch.setattr(sys, "platform", system)
    action(tell)._call_all([group("tokyo")])
    assert os.environ.get("no_proxy") == expected
