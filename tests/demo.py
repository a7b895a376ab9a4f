# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The demo: a fleet on the emulator is planned, rebuilt and run again, by the commands that a user would
type.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from emulator.client import Emulator, free_port

SSH_PORT = free_port()
SPEED = 12.0  # an installation that takes two minutes at the vendor's takes ten seconds here
OLD, NEW = "ubuntu2204", "ubuntu2404"
SECRET_KEY = "demo-secret-key"
PASSWORD = "Demo-2-Demo"


@dataclass(frozen=True)
class Site:
    """Two instances at another provider: their names, where they are, how they are logged in to after the
    reset.
    """

    prefix: str
    region: str
    images: tuple[str, str]
    login: dict[str, Any]
    kind: str = "public"
    key: str = "key-demo"


SITES = {
    # Its API takes no keys: the image brings its own login settings.
    "tencent_ecm": Site(
        "ein-",
        "ap-hangzhou-ecm",
        ("img-edgeold1", "img-edgenew1"),
        {"rebuild_keep_image_login": True},
        "custom",
    ),
    "tencent_lighthouse": Site(
        "lhins-", "ap-hongkong", ("lhbp-old00001", "lhbp-new00001"), {}, key="lhkp-demo0001"
    ),
    "tencent_cvm": Site("ins-", "ap-guangzhou", ("img-cvmold01", "img-cvmnew01"), {}, key="skey-demo0001"),
    # Its API takes nothing but a password.
    "tencent_cvm_v2": Site(
        "ins-",
        "ap-shanghai",
        ("img-oldold01", "img-oldnew01"),
        {"rebuild_password": PASSWORD, "ansible_password": PASSWORD},
    ),
    "zenlayer_bmc": Site("bmc-", "SEL", ("bmcold01", "bmcnew01"), {}),
    "zenlayer_vm": Site("vm-", "FRA", ("img-vmold001", "img-vmnew001"), {}),
}


def others(public_key: str) -> dict[str, list[dict[str, Any]]]:
    """The part of the world that is not Zenlayer's Elastic Compute: one running and one stopped instance at
    each provider.
    """
    parts: dict[str, list[dict[str, Any]]] = {
        "accounts": [],
        "zones": [],
        "images": [],
        "keys": [],
        "instances": [],
    }
    for number, (provider, site) in enumerate(SITES.items()):
        here = {"provider": provider, "account": provider}
        parts["accounts"].append(
            {"name": provider, "provider": provider, "access_key": "demo", "secret_key": SECRET_KEY}
        )
        parts["zones"].append({"id": f"{site.region}-1", "provider": provider, "region": site.region})
        parts["keys"].append({**here, "id": site.key, "public_key": public_key})
        for image, name in zip(site.images, ("Ubuntu 22.04", "Ubuntu 24.04")):
            owner = provider if site.kind == "custom" else ""
            parts["images"].append(
                {
                    "id": image,
                    "provider": provider,
                    "account": owner,
                    "name": name,
                    "category": "Ubuntu",
                    "size": 10,
                    "kind": site.kind,
                }
            )
        for status in ("running", "stopped"):
            parts["instances"].append(
                {
                    **here,
                    "id": f"{site.prefix}demo{number}{status[:3]}",
                    "name": f"{provider.replace('_', '-')}-{status}",
                    "zone": f"{site.region}-1",
                    "image_id": site.images[0],
                    "status": status,
                    "key_ids": [site.key],
                    "ssh": True,
                }
            )
    return parts


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
    """Twelve instances: four run, seven are stopped, one of which will fail to install, and one lies in the
    recycle bin.
    """
    special: dict[int, dict[str, Any]] = {7: {"fail_install": True}, 12: {"status": "recycled"}}
    running = {number: {"status": "running"} for number in (1, 2, 3, 4)}
    return {
        "accounts": [
            {"name": "demo", "provider": "zenlayer_zec", "access_key": "demo", "secret_key": SECRET_KEY}
        ],
        "zones": [
            {"id": "asia-east-1a", "provider": "zenlayer_zec", "region": "asia-east-1"},
            {"id": "europe-central-1a", "provider": "zenlayer_zec", "region": "europe-central-1"},
        ],
        "images": [
            {"id": image, "provider": "zenlayer_zec", "name": name, "category": "Ubuntu", "size": 10}
            for image, name in ((OLD, "Ubuntu 22.04"), (NEW, "Ubuntu 24.04"))
        ],
        "keys": [{"id": "key-demo", "provider": "zenlayer_zec", "account": "demo", "public_key": public_key}],
        "instances": [
            instance(number, **running.get(number, {}), **special.get(number, {})) for number in range(1, 13)
        ],
    }


def inventory(emulator: Emulator, folder: Path) -> dict[str, Any]:
    """The inventory of the fleet, as a user would write it: what all hosts share, and a group for each
    provider.
    """
    hosts: dict[str, dict[str, Any]] = {}
    for instance in emulator.fleet().values():
        place = {"ansible_host": instance["address"], "instance_id": instance["id"]}
        hosts.setdefault(instance["provider"], {})[instance["name"]] = place
    shared = {
        "ansible_port": SSH_PORT,
        "ansible_user": "root",
        "ansible_ssh_private_key_file": str(folder / "id_demo"),
        "ansible_ssh_common_args": f"-o UserKnownHostsFile={folder / 'known_hosts'} -o "
        "StrictHostKeyChecking=yes",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "rebuild_endpoint": emulator.endpoint,
        "rebuild_limit_file": str(folder / "rebuild.limit"),
        "rebuild_progress": 5,
        "rebuild_report": str(folder / "report.html"),
    }
    groups: dict[str, Any] = {"zenlayer_zec": {"rebuild_image_id": NEW, "rebuild_key_ids": ["key-demo"]}}
    for provider, site in SITES.items():
        groups[provider] = {"rebuild_image_id": site.images[1], "rebuild_region": site.region}
        groups[provider].update(site.login or {"rebuild_key_ids": [site.key]})
    children = {
        name: {"hosts": hosts[name], "vars": {"rebuild_provider": name, **variables}}
        for name, variables in groups.items()
        if name in hosts
    }
    return {"fleet": {"children": children, "vars": shared}}


def run(title: str, folder: Path, *more: str) -> int:
    """Run the playbook as a user would, and show the command."""
    command = ["ansible-playbook", "reforge.cloud.rebuild", "-i", str(folder / "inventory.json")]
    command += more
    print(f"\n\n=== {title}\n\n$ {shlex.join(command)}", flush=True)
    environment = {
        **os.environ,
        "ZENLAYER_ACCESS_KEY_ID": "demo",
        "ZENLAYER_ACCESS_KEY_SECRET": SECRET_KEY,
        "TENCENTCLOUD_SECRET_ID": "demo",
        "TENCENTCLOUD_SECRET_KEY": SECRET_KEY,
        "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false",
        "XDG_STATE_HOME": str(folder / "state"),  # the demo's ledger goes with the demo
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
    }
    return subprocess.run(command, env=environment, check=False).returncode


def trust(emulator: Emulator, folder: Path) -> None:
    """The operator has logged in to the running hosts before, so their keys are known."""
    addresses = {
        instance["address"] for instance in emulator.fleet().values() if instance["status"] == "running"
    }
    keys = ""
    for _attempt in range(10):  # the instances start to listen one after the other
        command = ["ssh-keyscan", "-p", str(SSH_PORT), *sorted(addresses)]
        keys = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        if sum(not line.startswith("#") for line in keys.splitlines()) == len(addresses):
            break
        time.sleep(0.5)
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
            code = (
                f" [code {error['code']}, request id {error['request_id']}] {error['advice']}"
                if error
                else ""
            )
            lines.append(f"  {host}: {why}{code}")
    return "\n".join([*lines, f"To run the failed ones again:\n  {report['command']}"])


def verdict(emulator: Emulator, statuses: list[int], writes: list[int]) -> list[str]:
    """What did not go as it should have; nothing, one hopes."""
    expected = {instance: int(instance != "zec-demo12") for instance in emulator.fleet()}
    checks = {
        "check mode sent a write": writes[0] == 0,
        "an instance was not wiped just once": emulator.wipes() == expected,
        "the second run wrote to instances that were done": writes[2] == writes[1],
        "a failed host did not fail its run": statuses[1] != 0,
    }
    return [problem for problem, good in checks.items() if not good]


def main() -> int:
    """Run the demo; 0 when everything went as reported."""
    with (
        tempfile.TemporaryDirectory(prefix="reforge-demo-") as name,
        Emulator(speed=SPEED, ssh_port=SSH_PORT) as emulator,
    ):
        folder = Path(name)
        key = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "demo", "-f", str(folder / "id_demo")]
        subprocess.run(key, check=True)
        public_key = (folder / "id_demo.pub").read_text(encoding="utf-8").strip()
        world, more = fleet(public_key), others(public_key)
        emulator.seed({section: world[section] + more[section] for section in world})
        (folder / "inventory.json").write_text(
            json.dumps(inventory(emulator, folder), indent=2), encoding="utf-8"
        )
        trust(emulator, folder)
        statuses, writes = [], []

        def written() -> int:
            return sum(emulator.counters()["writes"].values())

        running = sum(instance["status"] == "running" for instance in emulator.fleet().values())
        print(
            f"Seven emulated clouds answer at {emulator.endpoint}: {len(emulator.fleet())} instances, of "
            f"which {running} run."
        )
        statuses.append(run("The plan: check mode changes nothing", folder, "--check"))
        writes.append(written())
        print(f"\nWrite requests so far: {writes[0]}")
        count = len(emulator.fleet()) - 1
        statuses.append(
            run(
                "The real run, confirmed by the number of hosts that the plan wipes",
                folder,
                "-e",
                f"rebuild_confirm={count}",
            )
        )
        writes.append(written())
        rebuilt = summary(folder)
        done = ("--limit", "all:!edge-07:!edge-12", "-e", "rebuild_confirm=0")
        statuses.append(run("The same once more, for the hosts that are done", folder, *done))
        writes.append(written())
        print(f"\n\n=== Summary of the real run\n\n{rebuilt}")
        print(f"\nWrite requests: {writes[1]} in the real run, {writes[2] - writes[1]} in the one after it.")
        print(
            "How often each instance was wiped: " + ", ".join(f"{k} {v}" for k, v in emulator.wipes().items())
        )
        problems = verdict(emulator, statuses, writes)
        for problem in problems:
            print(f"NOT AS REPORTED: {problem}")
        return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
