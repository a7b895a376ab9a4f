# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbook report through ansible-playbook: who is not on the wanted image, on every provider of the
emulator.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from emulator.client import Emulator

ROOT = Path(__file__).resolve().parent.parent.parent
REGION = "ap-test"
PREFIXES = {
    "tencent_ecm": "ein-ecm",
    "tencent_lighthouse": "lhins-lhs",
    "tencent_cvm": "ins-cvm",
    "tencent_cvm_v2": "ins-old",
    "zenlayer_zec": "zec-",
    "zenlayer_bmc": "bmc-",
    "zenlayer_vm": "vm-",
}
KEYS = {"access_key": "AK1", "secret_key": "hush-SK1"}
LOCKED = {"access_key": "AK2", "secret_key": "hush-SK2"}
EVIL = "\x1b[2J{{ lookup('pipe', 'touch owned') }}</script><img src=x>"
HTML = "<b onclick=x>"  # may be the name of a host, unlike EVIL


def one(provider: str, number: int, **more: Any) -> dict[str, Any]:
    """An instance, by default on the image that is wanted."""
    return {
        "id": f"{PREFIXES[provider]}{number:05}",
        "name": f"{provider}-{number}",
        "provider": provider,
        "account": "main",
        "zone": f"{REGION}-1",
        "image_id": "new",
        **more,
    }


@dataclass
class Site:
    """A folder with an inventory, the emulator, and what the last run printed."""

    emulator: Emulator
    folder: Path
    output: str = ""

    def seed(self, *instances: Mapping[str, Any]) -> None:
        """Put these instances into the world, and the inventory file that finds them into the folder."""
        both = [("main", KEYS), ("locked", LOCKED)]
        self.emulator.seed(
            {
                "accounts": [
                    {"name": name, "provider": provider, **keys}
                    for provider in PROVIDERS
                    for name, keys in both
                ],
                "zones": [
                    {"id": f"{REGION}-1", "provider": provider, "region": REGION} for provider in PROVIDERS
                ],
                "images": [
                    {"id": image, "provider": provider, "category": "Debian"}
                    for provider in PROVIDERS
                    for image in ("old", "new")
                ],
                "instances": list(instances),
            }
        )
        accounts = sorted({(instance["provider"], instance["account"]) for instance in instances})
        sources = [
            {
                "provider": provider,
                "name": f"{provider}_{account}",
                "regions": [REGION],
                **(LOCKED if account == "locked" else {}),
            }
            for provider, account in accounts
        ]
        self.write(
            "fleet.reforge.yml",
            {
                "plugin": "reforge.cloud.instances",
                "endpoint": self.emulator.endpoint,
                "sources": sources,
                "keyed_groups": [{"key": "instance_source", "separator": ""}],
            },
        )
        keys = {f"rebuild_{name}": value for name, value in LOCKED.items()}
        for provider, account in accounts:
            if account == "locked":
                self.write(f"group_vars/{provider}_{account}.yml", keys)

    def write(self, name: str, data: Any) -> None:
        (self.folder / name).parent.mkdir(exist_ok=True)
        (self.folder / name).write_text(yaml.safe_dump(data), encoding="utf-8")

    def write_hosts(self, ids: Mapping[str, str]) -> None:
        """Hosts at Zenlayer that are written by hand."""
        place = {
            "rebuild_provider": "zenlayer_zec",
            "instance_region": REGION,
            "rebuild_endpoint": self.emulator.endpoint,
        }
        self.write(
            "hosts.yml",
            {
                "all": {
                    "hosts": {
                        name: {**place, "instance_id": instance_id} for name, instance_id in ids.items()
                    }
                }
            },
        )

    def play(self, *flags: str, **options: Any) -> int:
        """The exit code of the playbook; nothing of the one who runs the tests gets into it."""
        foreign = ("ANSIBLE_", "ZENLAYER", "TENCENT", "TCCLI")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        environment = {
            **kept,
            "HOME": str(self.folder),
            "ANSIBLE_HOME": str(self.folder / "ansible"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build" / "collections"),
            "ANSIBLE_SHOW_CUSTOM_STATS": "1",
            "ZENLAYER_ACCESS_KEY_ID": "AK1",
            "ZENLAYER_ACCESS_KEY_SECRET": "hush-SK1",
            "TENCENTCLOUD_SECRET_ID": "AK1",
            "TENCENTCLOUD_SECRET_KEY": "hush-SK1",
        }
        inventories = [word for path in sorted(self.folder.glob("*.yml")) for word in ("-i", path.name)]
        done = subprocess.run(
            [
                str(Path(sys.executable).with_name("ansible-playbook")),
                "reforge.cloud.report",
                *inventories,
                "-e",
                json.dumps(options),
                *flags,
            ],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        self.output = done.stdout + done.stderr
        return done.returncode

    def report(self, name: str = "drift.json") -> dict[str, Any]:
        return json.loads((self.folder / name).read_text(encoding="utf-8"))

    def states(self) -> dict[str, str]:
        return {host: row["state"] for host, row in self.report()["hosts"].items()}

    def limit(self) -> list[str] | None:
        path = self.folder / "drift.limit"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else None

    def stats(self) -> dict[str, Any]:
        """What a workflow gets."""
        (found,) = re.findall(r"RUN: (\{.*\})", self.output)
        return json.loads(found)["reforge_drift"]

    def requests(self) -> dict[str, int]:
        return self.emulator.counters()["requests"]


@pytest.fixture
def site(emulator: Emulator, tmp_path: Path) -> Site:
    return Site(emulator, tmp_path)


FILES = {"report_file": "drift.html", "report_limit_file": "drift.limit"}


def seed_mixed(site: Site) -> None:
    """Seven instances at each provider, one of them drifted, and one of every other kind; a message that
    someone put there.
    """
    fleet = [
        one(provider, number, image_id="old" if number == 1 else "new")
        for provider in PROVIDERS
        for number in range(7)
    ]
    special = [
        one("tencent_ecm", 8, status="reset_failed"),
        one("zenlayer_zec", 8, status="resetting", image_id="old"),
        one("zenlayer_zec", 9, name=HTML, image_id="old", tags={"note": EVIL}),
        one("tencent_lighthouse", 9, name=EVIL, tags={"note": "<i>"}),
    ]
    locked = [one("zenlayer_zec", number, account="locked") for number in (20, 21)]
    site.seed(*fleet, *special, *locked)
    site.write_hosts({"ghost": "zec-99999"})
    # The inventory reads the account once before.
    site.emulator.faults(
        {
            "effect": "deny",
            "account": "locked",
            "skip": 1,
            "count": 0,
            "code": "AUTHFAILURE_SIGNATURE_FAILURE",
            "message": EVIL,
            "status": 401,
        }
    )


@pytest.mark.smoke
def test_a_mixed_fleet_is_told_apart_and_an_account_that_cannot_be_read_hides_nothing(site: Site) -> None:
    seed_mixed(site)
    assert site.play(rebuild_image_id="new", **FILES) != 0
    states, report = site.states(), site.report()
    old = [f"{provider}-1" for provider in PROVIDERS]
    assert {host: state for host, state in states.items() if state != "wanted"} == {
        **dict.fromkeys([*old, HTML], "drifted"),
        "ghost": "not found",
        "tencent_ecm-8": "reset failed",
        "zenlayer_zec-8": "resetting",
        "zenlayer_zec-20": "not readable",
        "zenlayer_zec-21": "not readable",
    }
    assert set(site.limit() or ()) == {*old, HTML, "tencent_ecm-8"} == set(report["drifted"])
    assert site.stats() == {
        "counts": report["counts"],
        "drifted": report["drifted"],
        "unreadable": ["zenlayer_zec-20", "zenlayer_zec-21"],
    }
    assert "2 hosts not readable: " in site.output and "AUTHFAILURE_SIGNATURE_FAILURE" in site.output
    check_harmless(site)
    # Read once by the inventory and once by the report, each account in one page, however many hosts there
    # are; what is missing from a page is asked for by its id.
    pages = {
        f"{provider}.DescribeInstances": 6 if provider == "zenlayer_zec" else 2 for provider in PROVIDERS
    }
    assert site.requests() == pages and site.emulator.counters()["writes"] == {}


def check_harmless(site: Site) -> None:
    """What others may write is shown as text and carried as data, and none of it was evaluated."""
    rows = site.report()["hosts"]
    assert rows[HTML]["tags"] == {"note": EVIL} and rows["lhins-lhs00009"]["name"] == EVIL
    assert EVIL.replace("\x1b", r"\x1b") in rows["zenlayer_zec-20"]["message"]  # steers no terminal
    text = (site.folder / "drift.html").read_text(encoding="utf-8")
    assert "<img" not in text and HTML not in text and text.count("<script") == 2
    assert (
        "\x1b[2J" not in site.output
        and "\\x1b[2J{{ lookup" in site.output
        and not (site.folder / "owned").exists()
    )
    assert "hush" not in site.output + json.dumps(rows) + text


def test_drift_fails_only_where_that_is_wanted_and_check_mode_is_the_same(site: Site) -> None:
    site.seed(
        one("zenlayer_zec", 1, image_id="old"), one("zenlayer_zec", 2), one("zenlayer_zec", 3, image_id="old")
    )
    (site.folder / "fleet.reforge.yml").unlink()  # it would not call a host "!db"
    site.write_hosts({"web-1": "zec-00001", "web-2": "zec-00002", "!db": "zec-00003"})
    assert site.play(rebuild_image_id="new", **FILES) == 0 and site.limit() == ["web-1"]
    assert "omitted, since they would be patterns there: !db" in site.output
    assert "--limit @drift.limit -e rebuild_image_id=new --check" in site.output.replace(" \\\n    ", " ")
    first = site.report()["hosts"]
    for name in ("drift.html", "drift.json", "drift.limit"):
        (site.folder / name).unlink()
    assert site.play("--check", rebuild_image_id="new", report_fail=True, **FILES) != 0
    assert site.report()["hosts"] == first and site.limit() == ["web-1"]
    assert (
        "2 hosts not on the wanted image: !db, web-1" in site.output
        and site.stats()["counts"]["drifted"] == 2
    )
    assert site.play("--limit", "web-2", rebuild_image_id="new", report_fail="yes", **FILES) == 0
    assert site.limit() is None and site.states() == {"web-2": "wanted"}


def test_hosts_without_a_wanted_image_and_with_different_ones_are_one_call(site: Site) -> None:
    site.seed(*(one("tencent_cvm", number) for number in range(3)))
    site.write("host_vars/tencent_cvm-0.yml", {"rebuild_image_id": "new"})
    site.write("host_vars/tencent_cvm-1.yml", {"rebuild_image_id": "old"})
    assert site.play(report_file="drift.json", report_fail=True, report_limit_file="") != 0
    assert site.states() == {
        "tencent_cvm-1": "drifted",
        "tencent_cvm-2": "no wanted image",
        "tencent_cvm-0": "wanted",
    }
    assert (
        site.requests() == {"tencent_cvm.DescribeInstances": 2} and not (site.folder / "drift.html").exists()
    )


def test_a_large_fleet_takes_three_tasks_and_one_request_for_each_page(site: Site) -> None:
    each = 230
    site.seed(
        *(
            one(provider, number, image_id="old" if number < 5 else "new")
            for provider in ("zenlayer_zec", "tencent_ecm")
            for number in range(each)
        )
    )
    assert site.play(rebuild_image_id="new", report_file="drift.json") == 0, site.output
    assert (
        site.report()["counts"] == {"drifted": 10, "wanted": 2 * each - 10}
        and site.output.count("TASK [") == 3
    )
    pages = {name: -(-each // PROVIDERS[name].instances.page) for name in ("zenlayer_zec", "tencent_ecm")}
    assert site.requests() == {f"{name}.DescribeInstances": 2 * count for name, count in pages.items()}


@pytest.mark.parametrize(
    "options, sentences",
    [
        ({"report_fail": "perhaps"}, ["report_fail", "perhaps", "valid boolean"]),
        ({"report_file": "missing/drift.html"}, ["report_file: 'missing/drift.html'", "there is no folder"]),
        (
            {"report_file": "a.html", "report_limit_file": "a.json"},
            ["report_limit_file: 'a.json'", "another path"],
        ),
        ({"rebuild_image_id": ["new"]}, ["host web: rebuild_image_id: ['new']", "set one id"]),
        ({"rebuild_provider": "zenlayer"}, ["host web: rebuild_provider", "zenlayer_zec", "got: zenlayer"]),
    ],
)
def test_bad_input_is_named_before_anything_is_sent(
    site: Site, options: dict[str, Any], sentences: list[str]
) -> None:
    site.emulator.reset()
    site.write_hosts({"web": "zec-00001"})
    assert site.play(**{"rebuild_image_id": "new", **options}) != 0
    assert all(word in site.output for word in sentences), site.output
    assert site.requests() == {}
