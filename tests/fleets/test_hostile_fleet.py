# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A fleet whose names, tags and messages are a stranger's: from the inventory plugin through the role to its
files.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import yaml

import demo
from emulated_site import Site

KNOWN = (
    "github.com",
    "-oProxyCommand=touch${IFS}pwned",
    "127.0.0.1",
    "web,edge-09",
    "all",
    "role_web",
    "{{ lookup('pipe', 'touch pwned') }}",
    "</script><script>alert(1)</script>",
)
# What means something to a shell, a pattern, a template, a file, a terminal or a page, among plain letters.
SIGNS = [
    *"!&~@#*?[]{}()<>'\"\\/|;:,.%$-_= \t\n\r\x1b\x9b\u202e\ufeff",
    "web",
    "db",
    "1",
    "\U0001f600",
    "..",
    "{{",
    "$(",
]
DRAWN = random.Random(11)
NAMES = (*KNOWN, *("".join(DRAWN.choices(SIGNS, k=DRAWN.randint(1, 7))) for _number in range(32)))
GOOD = f"zec-demo{len(NAMES) + 1}"
STRANGER = "github.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
MESSAGE = "no\x1b[2J\x1b]0;owned\x07\r\nPLAY RECAP"


class HostileSite(Site):
    """A site whose inventory is made by the plugin."""

    def command(self, *more: str, playbook: str = "reforge.cloud.rebuild") -> list[str]:
        program, book, flag, _inventory, *rest = super().command(*more, playbook=playbook)
        return [program, book, flag, "fleet.reforge.yml", *rest]


@pytest.fixture(name="hostile")
def hostile_site(site: Site) -> Site:
    """The fleet of the demo with other names, and one host that was there before under a good one."""
    public_key = (site.folder / "id_demo.pub").read_text(encoding="utf-8").strip()
    fleet = demo.fleet(public_key)
    fleet["instances"] = [
        demo.instance(number, name=name, tags={"role": "web"}) for number, name in enumerate(NAMES, 1)
    ]
    fleet["instances"].append(demo.instance(len(NAMES) + 1, name="edge-09"))
    site.emulator.seed(fleet)
    write_inventory(site)
    (site.folder / "known_hosts").write_text(f"{STRANGER}\n", encoding="utf-8")
    return HostileSite(site.emulator, site.folder)


def write_inventory(site: Site) -> None:
    """The plugin's file, and what all hosts have in common beside it."""
    source = {
        "plugin": "reforge.cloud.instances",
        "provider": "zenlayer_zec",
        "endpoint": site.emulator.endpoint,
        "ansible_host_from": "public_ip",
        "keyed_groups": [{"key": "instance_tags.role", "prefix": "role"}],
    }
    (site.folder / "fleet.reforge.yml").write_text(yaml.safe_dump(source), encoding="utf-8")
    shared = demo.inventory(site.emulator, site.folder)["fleet"]["vars"]
    own = {"rebuild_image_id": demo.NEW, "rebuild_key_ids": ["key-demo"], "rebuild_ssh_timeout": 20}
    (site.folder / "group_vars").mkdir()
    (site.folder / "group_vars" / "all.yml").write_text(yaml.safe_dump({**shared, **own}), encoding="utf-8")


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("pwned")}


@pytest.mark.smoke
def test_a_stranger_who_names_instances_and_writes_messages_reaches_nothing_else(hostile: Site) -> None:
    hostile.emulator.faults(
        {
            "effect": "deny",
            "actions": ["ResetInstances"],
            "ids": ["zec-demo05"],
            "count": 0,
            "code": "INVALID_IMAGE_NOT_FOUND",
            "message": MESSAGE,
        }
    )
    run = hostile.play("-e", f"rebuild_confirm={len(NAMES)}", "--limit", "all:!edge-09", "--forks", "20")
    output = run.stdout + run.stderr
    assert (
        "\x1b" not in output
        and "\x07" not in output
        and "\nPLAY RECAP\n" not in output.split("PLAY RECAP **")[0]
    )
    assert not files(hostile.folder)
    assert "INVALID_IMAGE_NOT_FOUND" in output and "no\\x1b[2J" in output, output
    wiped = {instance["id"] for instance in hostile.emulator.fleet().values() if instance["wipes"]}
    assert GOOD not in wiped and wiped and "zec-demo05" not in wiped
    assert hostile.known()[0] == STRANGER and len(hostile.known()) == len(wiped) + 1, hostile.known()
    page = (hostile.folder / "report.html").read_text(encoding="utf-8")
    assert "<script>alert(1)" not in page
    hostile.emulator.clear_faults()
    left = len(hostile.again())
    assert left == len(NAMES) - len(wiped) and "all_zec-demo05" in hostile.again()
    again = hostile.play("--limit", "@rebuild.limit", "-e", f"rebuild_confirm={left}")
    assert again.returncode == 0 and hostile.emulator.wipes(GOOD) == 0, again.stdout + again.stderr
    assert sum(hostile.emulator.wipes().values()) == len(NAMES)
