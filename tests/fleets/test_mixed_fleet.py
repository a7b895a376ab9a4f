# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Forty-two instances of seven providers from the inventory plugin: planned, rebuilt, logged in to, and the
rest run again.
"""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import demo
from emulated_site import Site
from emulator.client import Emulator, free_port

EACH = 6
# What goes wrong, each at one instance: its provider lists it as failed, denies it, or knows better than it
# tells.
FAULTS: tuple[dict[str, Any], ...] = (
    {"effect": "list_failed", "actions": ["ResetInstances"], "ids": ["zec-demo03"], "count": 0},
    {
        "effect": "deny",
        "actions": ["ResetInstance"],
        "ids": ["lhins-00001004"],
        "count": 0,
        "code": "UnsupportedOperation.InstanceLinux",
        "message": "not this one",
    },
    {
        "effect": "deny",
        "actions": ["ResetInstances"],
        "ids": ["ins-00003005"],
        "count": 0,
        "code": "4000",
        "message": "nor this one",
    },
)
NAMED = {"edge-03", "tencent-lighthouse-04", "tencent-cvm-v2-05"}


def world(public_key: str) -> dict[str, Any]:
    """The fleet of the demo with more instances at each provider; every other one runs."""
    base, more = demo.fleet(public_key), demo.others(public_key)
    joined = {section: base[section] + more[section] for section in base}
    joined["instances"] = [demo.instance(number, status=state(number)) for number in range(1, EACH + 1)]
    for place, (provider, site) in enumerate(demo.SITES.items()):
        joined["instances"] += [
            {
                "id": f"{site.prefix}0000{place}0{number:02}",
                "name": f"{provider.replace('_', '-')}-{number:02}",
                "provider": provider,
                "account": provider,
                "zone": f"{site.region}-1",
                "image_id": site.images[0],
                "status": state(number),
                "key_ids": [site.key],
                "ssh": True,
            }
            for number in range(1, EACH + 1)
        ]
    return joined


def state(number: int) -> str:
    return "running" if number % 2 else "stopped"


def write_inventory(emulator: Emulator, folder: Path) -> None:
    """The plugin's file, and beside it what the groups that it makes have in common."""
    regions = {"zenlayer_zec": None, **{provider: site.region for provider, site in demo.SITES.items()}}
    sources = [
        {"provider": provider, **({"region": region} if region else {})}
        for provider, region in regions.items()
    ]
    (folder / "fleet.reforge.yml").write_text(
        yaml.safe_dump(
            {
                "plugin": "reforge.cloud.instances",
                "endpoint": emulator.endpoint,
                "sources": sources,
                "keyed_groups": [{"key": "instance_provider", "separator": ""}],
            }
        ),
        encoding="utf-8",
    )
    written = demo.inventory(emulator, folder)["fleet"]
    variables = {
        "all": {**written["vars"], "rebuild_ssh_timeout": 120},
        **{name: dict(group["vars"]) for name, group in written["children"].items()},
    }
    (folder / "group_vars").mkdir()
    for provider in ("tencent_cvm", "zenlayer_bmc", "zenlayer_vm"):
        variables[provider]["rebuild_host_keys"] = "bring"
    for group, values in variables.items():
        for name in ("rebuild_provider", "rebuild_region", "rebuild_endpoint"):
            values.pop(name, None)  # the plugin says it for each host
        (folder / "group_vars" / f"{group}.yml").write_text(yaml.safe_dump(values), encoding="utf-8")


class MixedSite(Site):
    """A site whose inventory is made by the plugin."""

    def command(self, *more: str, playbook: str = "reforge.cloud.rebuild") -> list[str]:
        program, book, flag, _inventory, *rest = super().command(*more, playbook=playbook)
        return [program, book, flag, "fleet.reforge.yml", "--forks", "20", *rest]


@pytest.fixture(name="mixed")
def mixed_site(tmp_path: Path) -> Iterator[Site]:
    demo.SSH_PORT = free_port()
    with Emulator(speed=30.0, ssh_port=demo.SSH_PORT) as emulator:
        key = tmp_path / "id_demo"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
        emulator.seed(world(key.with_suffix(".pub").read_text(encoding="utf-8").strip()))
        write_inventory(emulator, tmp_path)
        demo.trust(emulator, tmp_path)
        yield MixedSite(emulator, tmp_path)


def looks(site: Site, since: int) -> Counter[tuple[str, str]]:
    """How often Tencent's key pairs and blueprints were read: Zenlayer's products have keys in common."""
    entries = [entry for entry in site.emulator.journal()[since:] if entry["provider"].startswith("tencent")]
    actions = ("DescribeKeyPairs", "DescribeResetInstanceBlueprints")
    return Counter((entry["provider"], entry["action"]) for entry in entries if entry["action"] in actions)


def test_forty_two_hosts_of_seven_providers_are_rebuilt_and_the_three_that_failed_are_run_again(
    mixed: Site,
) -> None:
    plan = mixed.play("--check")
    assert plan.returncode == 0 and mixed.writes() == 0 and "42 of 42 hosts will be wiped" in plan.stdout, (
        plan.stdout + plan.stderr
    )
    plan_id = plan.stdout.split("Plan ")[1].split(":")[0]
    mixed.emulator.faults(*FAULTS)
    planned = len(mixed.emulator.journal())
    run = mixed.play("-e", f"rebuild_confirm={plan_id}")
    assert set(looks(mixed, planned).values()) == {1}  # by its own plan, for all, and not again by the calls
    report = mixed.report()
    assert run.returncode != 0 and Counter(row["outcome"] for row in report["hosts"].values()) == {
        "reset": 39,
        "failed": 3,
    }
    assert set(report["again"]) == set(mixed.again()) == NAMED
    assert all(report["hosts"][host]["error"]["code"] and host in run.stdout for host in NAMED)
    proofs = Counter(row["proof"] for row in report["hosts"].values() if row["outcome"] == "reset")
    assert set(proofs) == {"identity", "age"} and proofs["identity"] > 10, proofs
    assert {host for host, count in mixed.wipes().items() if count == 1} == set(mixed.wipes()) - NAMED
    assert all(mixed.wipes()[host] == 0 for host in NAMED)

    mixed.emulator.clear_faults()
    before = len(mixed.emulator.journal())
    again = mixed.play("--limit", "@rebuild.limit", "-e", "rebuild_confirm=3")
    assert again.returncode == 0 and mixed.again() == [], again.stdout + again.stderr
    assert set(mixed.wipes().values()) == {1}
    named = {instance["id"] for instance in mixed.emulator.fleet().values() if instance["name"] in NAMED}
    written = {
        instance_id
        for entry in mixed.emulator.journal()[before:]
        if entry["writes"]
        for instance_id in entry["ids"]
    }
    assert written == named
    reboot_one_of_each(mixed)


def reboot_one_of_each(mixed: Site) -> None:
    """Those of providers that have one way to reboot, and of others, by the defaults of the role."""
    hosts = ["edge-01", *(f"{provider.replace('_', '-')}-01" for provider in demo.SITES)]
    boots = {instance["name"]: instance["boot"] for instance in mixed.emulator.fleet().values()}
    run = mixed.play("--limit", ",".join(hosts), playbook="reforge.cloud.reboot")
    assert run.returncode == 0 and f"{len(hosts)} of {len(hosts)} hosts will be rebooted" in run.stdout, (
        run.stdout + run.stderr
    )
    again = {
        instance["name"]
        for instance in mixed.emulator.fleet().values()
        if instance["boot"] != boots[instance["name"]]
    }
    assert again == set(hosts)
