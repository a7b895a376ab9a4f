# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The modules through ansible-playbook, against the emulator as a process of its own over HTTP.

Each call of a module is a host of a small inventory, so that many calls, each with its own instances, run at
the same time: some proofs take 15 to 30 real seconds by their nature, and are waited for together.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from emulator.client import Emulator
from marked_processes import kill_marked

ROOT = Path(__file__).resolve().parent.parent.parent
PROVIDER = "zenlayer_zec"
MARK = "REFORGE_RESULTS"  # names the file of results, another one for each run
SPEED = 60.0  # a reset of two minutes takes two seconds
PLAY = """
- name: Call {module}
  hosts: {group}
  gather_facts: false
  connection: local
  vars:
    ansible_python_interpreter: "{{{{ ansible_playbook_python }}}}"
  tasks:
    - name: Call it
      reforge.cloud.{module}:
      args: "{{{{ options }}}}"
      ignore_errors: true  # the plays after it are to run as well
"""


def world(instances: Mapping[str, Mapping[str, Any]], **more: Any) -> dict[str, Any]:
    """A fleet: these instances, each running the image old in the first zone unless it says otherwise."""
    return {
        "accounts": [
            {
                "name": "main",
                "provider": PROVIDER,
                "access_key": "AK",
                "secret_key": "SK",
                "bearer_tokens": ["TOKEN"],
            }
        ],
        "zones": [
            {"id": "asia-east-1a", "provider": PROVIDER, "region": "asia-east-1"},
            {"id": "asia-east-1b", "provider": PROVIDER, "region": "asia-east-1"},
            {"id": "europe-1a", "provider": PROVIDER, "region": "europe-1"},
        ],
        "images": [
            {"provider": PROVIDER, **image}
            for image in (
                {"id": "old", "name": "Debian 12", "category": "Debian"},
                {"id": "new", "name": "Ubuntu 24.04", "category": "Ubuntu"},
                {"id": "windows", "name": "Windows", "category": "Windows", "os_type": "windows"},
                {"id": "windows-2", "name": "Windows 2", "category": "Windows", "os_type": "windows"},
                {"id": "generic", "name": "Generic", "category": "Generic"},
                {"id": "huge", "name": "Huge", "category": "Debian", "min_disk": 500},
                {"id": "elsewhere", "name": "Elsewhere", "category": "Debian", "zones": ["europe-1a"]},
                {"id": "offline", "name": "Offline", "category": "Debian", "status": "offline"},
            )
        ],
        "keys": [{"id": "key-1", "provider": PROVIDER, "account": "main", "public_key": "ssh-ed25519 AAAA"}],
        "instances": [
            {
                "id": name,
                "name": f"name-{name}",
                "provider": PROVIDER,
                "account": "main",
                "zone": "asia-east-1a",
                "image_id": "old",
                "key_ids": ["key-1"],
                **own,
            }
            for name, own in instances.items()
        ],
        **more,
    }


@dataclass(frozen=True)
class Call:
    """One call of a module.

    ``options`` are added to provider, endpoint and credentials; None takes one away.
    """

    module: str
    options: Mapping[str, Any] = field(default_factory=dict)


def reset(*ids: str, **options: Any) -> Call:
    """A reset to the image new by a key, unless the options say otherwise."""
    return Call(
        "instance_reset", {"instance_ids": list(ids), "image_id": "new", "key_ids": ["key-1"], **options}
    )


@dataclass(frozen=True)
class Started:
    """A run of a playbook, and the folder that it leaves its results in."""

    process: subprocess.Popen[str]
    folder: Path

    def kill(self) -> None:
        """Kill it with all that it has started: its workers and modules have sessions of their own."""
        self.end()
        self.process.communicate()

    def end(self) -> None:
        """Leave no process of it behind."""
        kill_marked(MARK, str(self.folder / "results"))


class Cloud:
    """The emulator, and ansible-playbook with it as the endpoint. ``output`` is what the last run printed."""

    def __init__(self, emulator: Emulator, folder: Path) -> None:
        self.emulator, self.folder, self.output = emulator, folder, ""

    def seed(self, instances: Mapping[str, Mapping[str, Any]] | Iterable[str], **more: Any) -> None:
        """Put these instances, and no others, into the world; names alone stand for plain instances."""
        given = instances if isinstance(instances, Mapping) else {name: {} for name in instances}
        self.emulator.seed(world(given, **more))

    def run(self, call: Call, *flags: str, **environment: str) -> dict[str, Any]:
        """The result of one call."""
        return self.run_all({"call": call}, *flags, **environment)["call"]

    def run_all(
        self, calls: Mapping[str, Call], *flags: str, **environment: str
    ) -> dict[str, dict[str, Any]]:
        """The results of calls that run at the same time, as far as they call the same module."""
        return self.play(*self.book_of(calls), *flags, **environment)

    def book_of(self, calls: Mapping[str, Call]) -> tuple[str, Any]:
        """The playbook for such calls, and its inventory."""
        groups: dict[str, dict[str, Any]] = {}
        for name, call in calls.items():
            given = {
                "provider": PROVIDER,
                "endpoint": self.emulator.endpoint,
                "access_key": "AK",
                "secret_key": "SK",
                **call.options,
            }
            options = {option: value for option, value in given.items() if value is not None}
            groups.setdefault(call.module, {})[name] = {"options": options}
        inventory = {f"call_{module}": {"hosts": hosts} for module, hosts in groups.items()}
        book = "---" + "".join(PLAY.format(module=module, group=f"call_{module}") for module in groups)
        return book, inventory

    def play(self, book: str, inventory: Any, *flags: str, **environment: str) -> dict[str, dict[str, Any]]:
        """Run a playbook; the last result of each host."""
        return self.result_of(self.start(book, inventory, *flags, **environment))

    def start(self, book: str, inventory: Any, *flags: str, **environment: str) -> Started:
        """Start a playbook in a process group of its own, which can be killed."""
        folder = new_folder(self.folder)
        (folder / "play.yml").write_text(book, encoding="utf-8")
        (folder / "inventory.json").write_text(json.dumps(inventory), encoding="utf-8")
        program = str(Path(sys.executable).with_name("ansible-playbook"))
        process = subprocess.Popen(
            [program, "-i", "inventory.json", "play.yml", *flags],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**self._environment(folder), **environment},
            start_new_session=True,
        )
        return Started(process, folder)

    def result_of(self, started: Started) -> dict[str, dict[str, Any]]:
        """The last result of each host, once the playbook has come to its end."""
        self.output = started.process.communicate(timeout=300)[0]
        results = started.folder / "results"
        if not results.exists():
            raise AssertionError(self.output)
        lines = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
        return {line["host"]: {**line["result"], "failed": line["outcome"] != "ok"} for line in lines}

    def _environment(self, run: Path) -> dict[str, str]:
        """Nothing of the one who runs the tests: no configuration, no credentials, no home."""
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "ZENLAYER"))
        }
        return {
            **kept,
            "HOME": str(run),
            "ANSIBLE_HOME": str(run / "ansible"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build" / "collections"),
            "ANSIBLE_FORKS": "40",
            "ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).parent / "callback_plugins"),
            "ANSIBLE_CALLBACKS_ENABLED": "collect",
            MARK: str(run / "results"),
        }

    def writes(self, *actions: str) -> list[dict[str, Any]]:
        """The journal's entries of requests that would change something, whether accepted or not."""
        return [
            entry
            for entry in self.emulator.journal()
            if entry["by"] == "client"
            and not entry["action"].startswith("Describe")
            and (not actions or entry["action"] in actions)
        ]

    def sent_for(self, instance_id: str, action: str = "ResetInstances") -> list[dict[str, Any]]:
        """The journal's entries of one action on one instance."""
        return [
            entry
            for entry in self.emulator.journal(action=action)
            if instance_id in entry["ids"] and entry["by"] == "client"
        ]

    def fault(self, effect: str, *ids: str, actions: Sequence[str] = (), **more: Any) -> None:
        """Arm a fault for these instances."""
        self.emulator.faults({"effect": effect, "ids": list(ids), "actions": list(actions), **more})


def new_folder(folder: Path) -> Path:
    """A new folder for one run."""
    number = len(list(folder.glob("run-*")))
    run = folder / f"run-{number}"
    run.mkdir()
    return run


def rows(result: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The rows of a result by the id of their instance."""
    assert "instances" in result, result
    return {row["instance_id"]: row for row in result["instances"]}


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """One process for all tests; each test seeds its own world."""
    with Emulator(speed=SPEED) as running:
        yield running


@pytest.fixture
def cloud(emulator: Emulator, tmp_path: Path) -> Cloud:
    """A cloud without instances: seed it."""
    emulator.speed(SPEED)
    emulator.reset()
    return Cloud(emulator, tmp_path)


@pytest.fixture(name="make_cloud", scope="session")
def cloud_in() -> Any:
    """Makes a cloud that works in a folder, for fixtures that live longer than a test."""
    return Cloud


@pytest.fixture(name="reset", scope="session")
def reset_call() -> Any:
    """Makes the call of a reset."""
    return reset


@pytest.fixture(name="call", scope="session")
def any_call() -> Any:
    """Makes the call of any module."""
    return lambda module, **options: Call(module, options)


@pytest.fixture(name="rows", scope="session")
def rows_of() -> Any:
    """The rows of a result by the id of their instance."""
    return rows
