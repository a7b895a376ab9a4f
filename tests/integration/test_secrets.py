# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""No secret of a module is printed, returned, noted or kept, at the highest verbosity and when things go
wrong.

ansible-core itself puts the arguments of a module that runs without pipelining into files that only their
owner can read, called AnsiballZ, and takes these away: its own way, which a module cannot change.
"""

from __future__ import annotations

import json
import re

import pytest

from secret_search import Watch

SECRETS = {"secret_key": "SK-marked-key", "password": "Aa1~markedPw", "user_data": "export TOKEN=marked-data"}
MARKS = ("marked-key", "markedPw", "marked-data", "marked-token")
# Where ansible-core has the module's code with its arguments: before it is put into its place, and there.
ITS_OWN = re.compile(r"/ansible-(local-[^/]+/tmp[^/]+|tmp-[^/]+/AnsiballZ_[^/]+)$")


@pytest.fixture(scope="module")
def traces(emulator, make_cloud, tmp_path_factory, reset, call):
    """Everything that is left of calls that work, fail, are refused, are lost, and are not allowed."""
    folder = tmp_path_factory.mktemp("secrets")
    cloud = make_cloud(emulator, folder)
    account = {
        "name": "main",
        "provider": "zenlayer_zec",
        "access_key": "AK",
        "secret_key": SECRETS["secret_key"],
        "bearer_tokens": ["marked-token"],
    }
    stopped = {
        name: {"status": "stopped"} for name in ("good", "fails", "lost", "denied", "bin", "token", "off")
    }
    cloud.seed({**stopped, "on": {}}, accounts=[account])
    cloud.fault("fail_install", "fails")
    cloud.fault("drop_after", "lost", actions=["ResetInstances"], count=1)
    cloud.fault("deny", "denied", actions=["ResetInstances"], code="INVALID_PASSWORD_MALFORMED", status=400)
    emulator.interfere("recycle", "bin")
    own = {**SECRETS, "key_ids": None, "ledger": str(folder / "ledger"), "events": str(folder / "events")}
    key = {"secret_key": SECRETS["secret_key"]}
    calls = {
        **{name: reset(name, **own) for name in ("good", "fails", "lost", "denied", "bin")},
        "token": reset("token", **{**own, "access_key": None, "secret_key": None, "token": "marked-token"}),
        "wrong": reset("good", **{**own, "secret_key": "WRONG-marked-key"}),
        "malformed": reset("good", **{**own, "secret_key": "marked-key\u00e4"}),
        "bad-password": reset("good", **{**own, "password": "markedPw"}),
        "closed": reset("good", **{**own, "endpoint": "https://marked-key:marked-key@127.0.0.1:1"}),
        "info": call("instance_info", **key),
        "images": call("image_info", **key),
        "reboot": call("instance_reboot", instance_ids=["on"], wait=False, **key),
        "power": call("instance_power", instance_ids=["off"], state="started", wait=False, **key),
    }
    with Watch(folder, marks=MARKS) as watch:
        results = cloud.run_all(calls, "-vvvv", "--diff", ANSIBLE_REMOTE_TMP=str(folder / "remote"))
    files = {path.name: path.read_text(encoding="utf-8") for path in (folder / "ledger", folder / "events")}
    journal = json.dumps(emulator.journal()) + json.dumps(emulator.control("GET", "fleet"))
    return results, {"output": cloud.output, **files, "journal": journal}, watch


def test_the_calls_did_what_they_were_made_for(traces):
    assert {name: result["failed"] for name, result in traces[0].items()} == {
        "good": False,
        "fails": True,
        "lost": False,
        "denied": True,
        "bin": True,
        "token": False,
        "wrong": True,
        "malformed": True,
        "bad-password": True,
        "closed": True,
        "info": False,
        "images": False,
        "reboot": False,
        "power": False,
    }


@pytest.mark.parametrize("place", ["output", "ledger", "events", "journal"])
def test_no_secret_is_in(traces, place):
    text = traces[1][place]
    # What a test writes itself stands in no output: the options come from a file of variables.
    assert len(text) > 200 and [mark for mark in MARKS if mark in text and not harmless(text, mark)] == []


def test_no_secret_is_in_a_result(traces):
    for name, result in traces[0].items():
        if name != "closed":  # there it is a part of an address, which is no option for secrets
            assert [mark for mark in MARKS if mark in json.dumps(result)] == [], name
    assert "marked" not in traces[0]["closed"]["msg"]


def test_no_secret_is_in_a_file_of_ours_or_on_a_command_line_or_in_an_environment(traces):
    watch = traces[2]
    theirs = {place for place in watch.found if ITS_OWN.search(place)}
    written = {place for place in watch.found if place.endswith(("/inventory.json", "/results"))}
    assert set(watch.found) - theirs - written == set()
    assert theirs, "the files of ansible-core are known, and would be found"


def harmless(text, mark):
    """Only the address with a user in it, which ansible-core prints as it was given."""
    return mark == "marked-key" and text.count(mark) == text.count(f"https://{mark}:{mark}@") * 2
