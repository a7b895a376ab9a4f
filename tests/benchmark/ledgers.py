# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a long history costs a call that changes nothing, in both homes of the ledger."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / ".build" / "collections"))

from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.place import Place
from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.record import Record, folded
from ansible_collections.reforge.cloud.plugins.module_utils.act.ledger.stores import Store, open_store
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import RequestState, Verb
from benchmark.figures import Figure
from benchmark.playing import Process, play
from benchmark.worlds import OLD, PROVIDER, fleet_of, ids_of, reset_of
from emulator.client import Emulator
from postgres import running_postgres

REQUESTS, AT_ONCE, ROUNDS = 100_000, 10_000, 5
COUNTS = {1: "1 id", 100: "100 ids"}
ALLOWED = 0.1  # seconds
BOOK = """
- name: Call the module once for each ledger
  hosts: controller
  gather_facts: false
  tasks:
    - name: Reset
      reforge.cloud.instance_reset:
        access_key: AK
        secret_key: SK
      args: "{{ options | combine({'ledger': item}) }}"
      loop: "{{ ledgers }}"
"""


def opening(emulator: Emulator) -> Iterator[Figure]:
    """Unchanged calls with a ledger of 100,000 requests and with an empty one, in turns."""
    with tempfile.TemporaryDirectory(prefix="reforge-ledger-") as folder, running_postgres() as server:
        homes = {
            "file": (str(Path(folder, "empty")), str(Path(folder, "full"))),
            "postgresql": (server.database("empty"), server.database("full")),
        }
        for home, (empty, full) in homes.items():
            _fill(full, scope := f"{PROVIDER} {emulator.endpoint}")
            for count, label in COUNTS.items():
                processes = _calls(emulator, count, [empty, full] * ROUNDS)
                short, long = (min(process.seconds for process in processes[start::2]) for start in (0, 1))
                yield Figure(
                    f"{home}, {label}: time of a call to that with an empty ledger", long / short, "x"
                )
                short, long = (_opening(home, scope, ids_of(count)) for home in (empty, full))
                share = max(long - short, 0.0) / ALLOWED
                yield Figure(f"{home}, {label}: what opening it takes longer, of {ALLOWED} s", share, "%")


def _opening(location: str, scope: str, ids: Sequence[str]) -> float:
    """Seconds to open a ledger and to read what it says of some instances, at best."""
    seconds = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        store = open_store(Place(location, True), scope, ids, folded)
        store.unread()
        seconds.append(time.perf_counter() - began)
        store.close()
    return min(seconds)


def _calls(emulator: Emulator, count: int, ledgers: Sequence[str]) -> list[Process]:
    """The processes of calls that find the image installed, one for each ledger."""
    emulator.seed(fleet_of(count, status="running"))
    options = {
        "options": reset_of(emulator, ids_of(count), image_id=OLD),
        "ledgers": ledgers,
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
    }
    played = play(book=BOOK, inventory={"fleet": {"hosts": {"controller": options}}})
    if played.status or len(played.processes) != len(ledgers):
        raise RuntimeError(played.output)
    return sorted(played.processes, key=lambda process: process.began)


def _fill(location: str, scope: str) -> None:
    """A history of five resets of each of 20,000 instances, as calls leave it."""
    ids = ids_of(REQUESTS // 5)
    store = open_store(Place(location, True), scope, ids[:1], folded)
    for start in range(0, REQUESTS, AT_ONCE):
        lines = [
            _record(number, ids[number % len(ids)], scope).line for number in range(start, start + AT_ONCE)
        ]
        _append(store, lines)
    store.close()


def _append(store: Store, lines: Sequence[dict[str, object]]) -> None:
    store.append(lambda _news: lines)


def _record(number: int, instance_id: str, scope: str) -> Record:
    return Record(
        name=f"{number:012x}",
        instance_id=instance_id,
        scope=scope,
        verb=Verb.RESET,
        asked_at=1_700_000_000.0 + number,
        run_id=f"night-{number // AT_ONCE}",
        target=OLD,
        baseline={"status": "running", "vendor_status": "RUNNING", "image_id": OLD, "operation": None},
        asked_by={"user": "somebody", "machine": "controller-1"},
        options=f"{number:016x}",
        state=RequestState.DONE,
        answered=True,
        request_id=f"T{number:031x}",
        ended_at="2023-11-14T22:13:20Z",
    )
