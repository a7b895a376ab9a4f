# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The demo: a fleet on the emulator is planned, rebuilt and run again, by the commands that a user would type."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from emulator.client import Emulator

SSH_PORT = 2222
SPEED = 12.0  # an installation that takes two minutes at the vendor's takes ten seconds here
OLD, NEW = "ubuntu2204", "ubuntu2404"
SECRET_KEY = "demo-secret-key"


def instance(number: int, **more: Any) -> dict[str, Any]:
    """One of the fleet, alternately in two zones."""
    return {
        "id": f"zec-demo{number:02}",
        "provider": "zenlayer_zec",
        "name": f"edge-{number:02}",
        "zone": ("asia-east-1a", "europe-central-1a")[number % 2],
        "image_id": OLD,
        "status": "stopped",
        "key_ids": ["key-demo"],
        "ssh": True,
        **more,
    }


def fleet(public_key: str) -> dict[str, Any]:
    """Twelve instances: four run, seven are stopped, one of which will fail to install, and one lies in the recycle bin."""
    special = {7: {"fail_install": True}, 12: {"status": "recycled"}}
    running = {number: {"status": "running"} for number in (1, 2, 3, 4)}
    return {
        "accounts": [{"name": "demo", "provider": "zenlayer_zec", "access_key": "demo", "secret_key": SECRET_KEY}],
        "zones": [
            {"id": "asia-east-1a", "provider": "zenlayer_zec", "region": "asia-east-1"},
            {"id": "europe-central-1a", "provider": "zenlayer_zec", "region": "europe-central-1"},
        ],
        "images": [
            {"id": image, "provider": "zenlayer_zec", "name": name, "category": "Ubuntu", "size": 10}
            for image, name in ((OLD, "Ubuntu 22.04"), (NEW, "Ubuntu 24.04"))
        ],
        "keys": [{"id": "key-demo", "provider": "zenlayer_zec", "account": "demo", "public_key": public_key}],
        "instances": [instance(number, **running.get(number, {}), **special.get(number, {})) for number in range(1, 13)],
    }


def inventory(emulator: Emulator, folder: Path) -> dict[str, Any]:
    """The inventory of the fleet, as a user would write it."""
    hosts = {
        one["name"]: {"ansible_host": one["address"], "instance_id": one["id"]} for one in emulator.fleet().values()
    }
    return {
        "edge": {
            "hosts": hosts,
            "vars": {
                "ansible_port": SSH_PORT,
                "ansible_user": "root",
                "ansible_ssh_private_key_file": str(folder / "id_demo"),
                "ansible_ssh_common_args": f"-o UserKnownHostsFile={folder / 'known_hosts'} -o StrictHostKeyChecking=yes",
                "ansible_python_interpreter": "{{ ansible_playbook_python }}",
                "rebuild_provider": "zenlayer_zec",
                "rebuild_endpoint": emulator.endpoint,
                "rebuild_key_ids": ["key-demo"],
                "rebuild_known_hosts": str(folder / "known_hosts"),
                "rebuild_limit_file": str(folder / "rebuild.limit"),
                "rebuild_progress": 4,
                "rebuild_report": str(folder / "report.json"),
            },
        }
    }


def run(title: str, folder: Path, *more: str) -> int:
    """Run the playbook as a user would, and show the command."""
    command = ["ansible-playbook", "reforge.cloud.rebuild", "-i", str(folder / "inventory.json")]
    command += ["-e", f"rebuild_image_id={NEW}", *more]
    print(f"\n\n=== {title}\n\n$ {shlex.join(command)}", flush=True)
    environment = {
        **os.environ,
        "ZENLAYER_ACCESS_KEY_ID": "demo",
        "ZENLAYER_ACCESS_KEY_SECRET": SECRET_KEY,
        "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false",
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
    }
    return subprocess.run(command, env=environment, check=False).returncode


def trust(emulator: Emulator, folder: Path) -> None:
    """The operator has logged in to the running hosts before, so their keys are known."""
    addresses = [one["address"] for one in emulator.fleet().values() if one["status"] == "running"]
    command = ["ssh-keyscan", "-p", str(SSH_PORT), *addresses]
    keys = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    (folder / "known_hosts").write_text(keys, encoding="utf-8")


def summary(folder: Path) -> str:
    """What became of the fleet, in words."""
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    hosts = report["hosts"]
    lines = []
    for outcome, title in (("reset", "Reinstalled"), ("refused", "Refused"), ("failed", "Failed")):
        chosen = {host: row for host, row in hosts.items() if row["outcome"] == outcome}
        lines.append(f"{title}: {len(chosen)}")
        for host, row in chosen.items():
            error = row["error"] or {}
            why = f"in {row['seconds']:.0f} s" if outcome == "reset" else row["message"]
            code = f" [code {error['code']}, request id {error['request_id']}] {error['advice']}" if error else ""
            lines.append(f"  {host}: {why}{code}")
    return "\n".join([*lines, f"To run the failed ones again:\n  {report['command']}"])


def verdict(emulator: Emulator, statuses: list[int], writes: list[int]) -> list[str]:
    """What did not go as it should have; nothing, one hopes."""
    wipes = emulator.wipes()
    expected = {f"zec-demo{number:02}": int(number != 12) for number in range(1, 13)}
    again = {**expected, "zec-demo07": wipes["zec-demo07"]}
    checks = {
        "check mode sent a write": writes[0] == 0,
        "an instance was not wiped just once": wipes in (expected, again),
        "the second run wrote to instances that were done": wipes == expected and writes[2] == writes[1],
        "a failed host did not fail its run": statuses[1] != 0,
    }
    return [problem for problem, good in checks.items() if not good]


def main() -> int:
    """Run the demo; 0 when all of it went as told."""
    with tempfile.TemporaryDirectory(prefix="reforge-demo-") as name, Emulator(speed=SPEED, ssh_port=SSH_PORT) as emulator:
        folder = Path(name)
        key = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "demo", "-f", str(folder / "id_demo")]
        subprocess.run(key, check=True)
        emulator.seed(fleet((folder / "id_demo.pub").read_text(encoding="utf-8").strip()))
        (folder / "inventory.json").write_text(json.dumps(inventory(emulator, folder), indent=2), encoding="utf-8")
        trust(emulator, folder)
        statuses, writes = [], []

        def written() -> int:
            return sum(emulator.counters()["writes"].values())

        print(f"An emulated cloud with 12 instances, of which 4 run, answers at {emulator.endpoint}.")
        statuses.append(run("The plan: check mode changes nothing", folder, "--check"))
        writes.append(written())
        print(f"\nRequests that change something so far: {writes[0]}")
        statuses.append(run("The real run, confirmed by the number of hosts that the plan wipes", folder, "-e", "rebuild_confirm=11"))
        writes.append(written())
        rebuilt = summary(folder)
        done = ("--limit", "all:!edge-07:!edge-12", "-e", "rebuild_confirm=0")
        statuses.append(run("The same once more, for the hosts that are done", folder, *done))
        writes.append(written())
        print(f"\n\n=== Summary of the real run\n\n{rebuilt}")
        print(f"\nRequests that change something: {writes[1]} in the real run, {writes[2] - writes[1]} in the one after it.")
        print("How often each instance was wiped: " + ", ".join(f"{k} {v}" for k, v in emulator.wipes().items()))
        problems = verdict(emulator, statuses, writes)
        for problem in problems:
            print(f"NOT AS TOLD: {problem}")
        return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
