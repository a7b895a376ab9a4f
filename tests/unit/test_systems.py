# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether a system that answers is a new one: by what was seen before its reset."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleError

from ansible_collections.reforge.cloud.plugins.plugin_utils.proof.expectation import (
    INSTALLATION,
    Expectation,
    after_reset,
)
from ansible_collections.reforge.cloud.plugins.plugin_utils.proof.identity import Look, proof_of
from ansible_collections.reforge.cloud.plugins.plugin_utils.proof.shells import Shell
from ansible_collections.reforge.cloud.plugins.plugin_utils.proof.visit import Visit

NOTED = {"system_before": "old", "unproven_since": "1970-01-01T00:01:40Z"}


@pytest.mark.parametrize(
    "row, look, before, began_at",
    [
        ({"outcome": "reset"}, {"identity": "seen"}, "seen", 500.0),
        ({"outcome": "reset", **NOTED}, {"identity": "seen"}, "seen", 100.0),
        ({"outcome": "reset", **NOTED}, {"identity": None}, "old", 100.0),
        ({"outcome": "unchanged", "to_prove": True, **NOTED}, {}, "old", 100.0),
        ({"outcome": "unchanged", "to_prove": True}, {}, "", None),
    ],
    ids=["seen", "seen-and-noted", "noted-by-the-run-that-sent-it", "noted", "by-a-run-without-a-ledger"],
)
def test_a_system_is_compared_with_the_one_that_was_there_before_the_reset(row, look, before, began_at):
    wanted = after_reset(["web"], {"began_at": 500.0, "hosts": {"web": row}}, {"hosts": {"web": look}})["web"]
    assert wanted.before.get("identity") == before and wanted.began_at == began_at


@pytest.mark.parametrize(
    "look, before, seconds, proof",
    [
        (Look("new"), "old", 60, "identity"),
        (Look("old"), "old", 60, "same"),
        (Look("old", age=4000), "old", 60, "same"),
        (Look("old", age=70), "old", 60, "same"),
        (Look("old", age=50), "old", 60, "age"),
        (Look("new", age=70), "", 60, "age"),
        (Look("new", age=4000), "", 60, "none"),
        (Look("new", age=50), "", None, "none"),
        (Look(), "old", 60, "none"),
        (Look("new", up=4000), "", 60, "older"),
        (Look("new", up=4000), "old", 60, "identity"),
        (Look("new", age=70, up=4000), "", 60, "age"),
        (Look("new", up=380), "", 60, "none"),
        (Look("new", up=4000), "", -60, "none"),  # a clock that was set back
    ],
)
def test_a_system_is_new_by_its_identity_or_by_its_age(look, before, seconds, proof):
    assert proof_of(look, before, seconds) == proof


class Broken:
    """The action of a host whose connection plugin lacks a package, and fails when it is closed, too."""

    _connection = SimpleNamespace(transport="paramiko", _shell=None)

    def _low_level_execute_command(self, command, sudoable):
        raise AnsibleError("paramiko is not installed")


def test_a_plugin_that_cannot_even_be_closed_is_the_reason_why_its_host_is_not_logged_in_to():
    visit = Visit(Shell("web", Broken()), Expectation(INSTALLATION), False, "", None)
    answer = visit.attempt()
    assert not answer.settled and answer.proof == "unreachable"
    assert answer.problem == "paramiko is not installed"
