# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One call of the reset module: against a plain HTTP session, and while it waits."""

from __future__ import annotations

import time
from collections.abc import Iterator

import requests

from benchmark.figures import Figure
from benchmark.playing import Process, play
from benchmark.worlds import NEW, TOKEN, ZONE, fleet_of, ids_of, reset_of
from emulator.client import Emulator

COUNTS = {1: "1 id", 100: "100 ids", 1000: "1,000 ids"}
# What is sent besides ids when the requests are repeated without the collection.
PAGE = {"pageNum": 1, "pageSize": 1000}
BODIES = {"ResetInstances": {"imageId": NEW, "keyId": "key-1"}, "DescribeImages": {"zoneId": ZONE, **PAGE}}
SERVICES = {"DescribeKeyPairs": "ccs"}  # all other actions are of zec
BOOK = """
- name: Call the module once
  hosts: controller
  gather_facts: false
  tasks:
    - name: Reset
      reforge.cloud.instance_reset:
        access_key: AK
        secret_key: SK
      args: "{{ options }}"
"""


def sending(emulator: Emulator) -> Iterator[Figure]:
    """A call that sends and does not wait, and a session that sends as many requests, over one connection."""
    used: dict[int, float] = {}
    for count, label in COUNTS.items():
        call = _call(emulator, count, wait=False)
        used[count] = call.processor
        for name, number in sorted(emulator.counters()["requests"].items()):
            yield Figure(f"{label}: requests {name.partition('.')[2]}", number)
        plain, processor = _plain(emulator, count)
        yield Figure(f"{label}: time of the module to that of a plain session", call.seconds / plain, "x")
        yield Figure(
            f"{label}: processor time of the module to that of a plain session",
            call.processor / processor,
            "x",
        )
        yield Figure(
            f"{label}: processor time of the module to that for one id", call.processor / used[1], "x"
        )


def waiting(emulator: Emulator) -> Iterator[Figure]:
    """A call that waits for resets of eight real seconds."""
    looks: dict[int, int] = {}
    for count, label in COUNTS.items():
        call = _call(emulator, count, seconds=480)
        looks[count] = emulator.counters()["requests"]["zenlayer_zec.DescribeInstances"]
        yield Figure(f"{label}: requests DescribeInstances until the end", looks[count])
        yield Figure(f"{label}: those to the requests for one id", looks[count] / looks[1], "x")
        yield Figure(f"{label}: processor time of the module in its time", call.processor / call.seconds, "%")


def _call(emulator: Emulator, count: int, seconds: float = 60, **more: bool) -> Process:
    """The module's process."""
    emulator.seed(fleet_of(count, seconds=seconds))
    options = {
        "options": reset_of(emulator, ids_of(count), **more),
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
    }
    played = play(book=BOOK, inventory={"fleet": {"hosts": {"controller": options}}})
    if played.status:
        raise RuntimeError(played.output)
    (process,) = played.processes
    return process


def _plain(emulator: Emulator, count: int) -> tuple[float, float]:
    """Seconds, and seconds of processor time, of the same requests one after the other, with a token for a
    signature.
    """
    sent = [entry for entry in emulator.journal() if entry["by"] == "client"]
    emulator.seed(fleet_of(count))
    used, began = time.process_time(), time.monotonic()
    with requests.Session() as session:
        session.trust_env = False
        for entry in sent:
            own = BODIES.get(entry["action"], PAGE)
            ids = {"instanceIds": entry["ids"]} if entry["ids"] else {}
            headers = {"Authorization": f"Bearer {TOKEN}", "X-ZC-Action": entry["action"]}
            url = f"{emulator.endpoint}/api/v2/{SERVICES.get(entry['action'], 'zec')}"
            answer = session.post(url, json={**ids, **own}, headers=headers, timeout=60)
            answer.raise_for_status()
            answer.json()
    return time.monotonic() - began, time.process_time() - used
