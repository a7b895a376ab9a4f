# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is proven from inside is noted for the request that awaits it, and for no other."""

from __future__ import annotations

import json

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.record import Record, records_of
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Verb
from ansible_collections.reforge.cloud.plugins.plugin_utils.proof.noting import note_proven

SCOPE = "zenlayer_zec AK https://console.zenlayer.com"


def lines_of(request, *states, instance_id="i-1", proof="unproven", scope=SCOPE):
    first = Record(request, instance_id, scope, Verb.RESET, asked_at=0.0, proof=proof).line
    about = {"instance_id": instance_id, "scope": scope, "request": request, "at": "2026-01-01T00:00:00Z"}
    return [first, *({**about, "state": state} for state in states)]


def awaiting(lines):
    return [record.name for record in records_of(lines) if record.unproven]


@pytest.fixture(name="ledger")
def new_ledger(tmp_path):
    return tmp_path / "ledger.jsonl"


def write(ledger, *lines):
    ledger.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")


def read(ledger):
    return [json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    "lines, waits",
    [
        (lines_of("r", "accepted", "done"), True),
        (lines_of("r", "accepted", "done", "proven"), False),
        (lines_of("r", "accepted"), False),
        (lines_of("r", "accepted", "failed"), False),
        (lines_of("r", "accepted", "done", proof=""), False),
        (lines_of("r", "accepted", "done")[1:], False),
    ],
)
def test_a_reset_that_was_done_awaits_its_proof_until_it_has_one(lines, waits):
    assert awaiting(lines) == (["r"] if waits else [])


def test_the_proof_is_added_for_the_instances_that_are_proven_and_at_their_provider(ledger):
    other = "tencent_ecm AK https://ecm.example"
    given = [
        *lines_of("r1", "done"),
        *lines_of("r2", "done", instance_id="i-2"),
        *lines_of("r3", "done", scope=other),
    ]
    write(ledger, *given)
    assert note_proven(str(ledger), {"i-1": "zenlayer_zec"}) == ""
    assert [(line["request"], line["state"], line["scope"]) for line in read(ledger)[len(given) :]] == [
        ("r1", "proven", SCOPE)
    ]
    assert awaiting(read(ledger)) == ["r2", "r3"]


def test_the_same_proof_again_adds_nothing(ledger):
    write(ledger, *lines_of("r1", "done"))
    for _run in range(2):
        note_proven(str(ledger), {"i-1": "zenlayer_zec"})
    assert len(read(ledger)) == 3


def test_without_a_ledger_nothing_is_noted_and_one_that_cannot_be_used_is_a_problem(tmp_path):
    assert note_proven("", {"i-1": "zenlayer_zec"}) == ""
    assert "could not be recorded" in note_proven(str(tmp_path), {"i-1": "zenlayer_zec"})
