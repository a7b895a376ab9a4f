# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A fleet with SSH on an emulator of its own, its inventory, and the playbooks that are run on it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import demo
from emulator.client import Emulator, free_port


@dataclass
class Site:
    """A fleet with its inventory."""

    emulator: Emulator
    folder: Path

    def command(self, *more: str, playbook: str = "reforge.cloud.rebuild") -> list[str]:
        """A run of a playbook with the programs of this environment."""
        program = str(Path(sys.executable).with_name("ansible-playbook"))
        return [program, playbook, "-i", str(self.folder / "inventory.json"), *more]

    def environment(self) -> dict[str, str]:
        """Credentials, and where the collection is."""
        collections = str(Path(demo.__file__).parent.parent / ".build" / "collections")
        keys = {
            "ZENLAYER_ACCESS_KEY_ID": "demo",
            "ZENLAYER_ACCESS_KEY_SECRET": demo.SECRET_KEY,
            "TENCENTCLOUD_SECRET_ID": "demo",
            "TENCENTCLOUD_SECRET_KEY": demo.SECRET_KEY,
        }
        surroundings = {
            "ANSIBLE_COLLECTIONS_PATH": collections,
            "ANSIBLE_NOCOLOR": "1",
            "XDG_STATE_HOME": str(self.folder / "state"),
        }
        return {**os.environ, **keys, **surroundings}

    def play(
        self, *more: str, playbook: str = "reforge.cloud.rebuild", stats: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """Run a playbook, and keep what it prints; with ``stats`` also those for workflows."""
        return subprocess.run(
            self.command(*more, playbook=playbook),
            env={**self.environment(), **({"ANSIBLE_SHOW_CUSTOM_STATS": "1"} if stats else {})},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )

    def report(self) -> dict[str, Any]:
        """The data of the report that the last run left."""
        return dict(json.loads((self.folder / "report.json").read_text(encoding="utf-8")))

    def again(self) -> list[str]:
        """The hosts to run again, as the last run left them."""
        path = self.folder / "rebuild.limit"
        return path.read_text(encoding="utf-8").split() if path.exists() else []

    def wipes(self) -> dict[str, int]:
        """How often the instance of each host was wiped."""
        counted = self.emulator.wipes()
        return {instance["name"]: counted[instance["id"]] for instance in self.emulator.fleet().values()}

    def writes(self) -> int:
        """How many requests that change something were accepted or refused so far."""
        return sum(self.emulator.counters()["writes"].values())

    def known(self) -> list[str]:
        """The lines of the known_hosts file."""
        return (self.folder / "known_hosts").read_text(encoding="utf-8").splitlines()


@contextmanager
def site_in(folder: Path, speed: float = 30.0) -> Iterator[Site]:
    """The fleet of the demo at Zenlayer, with its keys and its inventory in a folder."""
    demo.SSH_PORT = free_port()
    with Emulator(speed=speed, ssh_port=demo.SSH_PORT) as emulator:
        key = folder / "id_demo"
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(key)], check=True
        )
        emulator.seed(demo.fleet(key.with_suffix(".pub").read_text(encoding="utf-8").strip()))
        (folder / "inventory.json").write_text(json.dumps(demo.inventory(emulator, folder)), encoding="utf-8")
        demo.trust(emulator, folder)
        yield Site(emulator, folder)
