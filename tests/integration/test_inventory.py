# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The inventory plugin through Ansible's own commands, against the emulator as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.reforge.cloud.plugins.inventory.instances import EXAMPLES
from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from emulator.client import Emulator

ROOT = Path(__file__).resolve().parent.parent.parent
PLUGIN = "reforge.cloud.instances"
PROVIDER = "zenlayer_zec"
FIRST = {"name": "first", "access_key": "AK1", "secret_key": "hush-SK1"}
SECOND = {"name": "second", "access_key": "AK2", "secret_key": "hush-SK2"}
EAST, WEST = "asia-east-1", "europe-west-1"
CACHE = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": "~/cache"}


def one(name: str, account: str = "first", zone: str = f"{EAST}a", **more: Any) -> dict[str, Any]:
    """An instance of a fleet."""
    return {
        "id": f"i-{name}",
        "name": name,
        "provider": PROVIDER,
        "account": account,
        "zone": zone,
        "image_id": "old",
        **more,
    }


@dataclass
class Inventory:
    """A folder with inventory files, the emulator that they ask, and what the last command said on stderr."""

    emulator: Emulator
    folder: Path
    stderr: str = ""
    status: int = 0

    def seed(self, *instances: Mapping[str, Any]) -> None:
        self.emulator.seed(
            {
                "accounts": [{"provider": PROVIDER, **account} for account in (FIRST, SECOND)],
                "zones": [
                    {"id": f"{region}{letter}", "provider": PROVIDER, "region": region}
                    for region in (EAST, WEST)
                    for letter in "ab"
                ],
                "images": [
                    {"id": image, "provider": PROVIDER, "category": "Debian"}
                    for image in ("old", "img-wanted")
                ],
                "instances": list(instances),
            }
        )

    def write(self, *sources: Mapping[str, Any], name: str = "fleet.reforge.yml", **options: Any) -> Path:
        given = {"plugin": PLUGIN, "provider": PROVIDER, "endpoint": self.emulator.endpoint, **options}
        path = self.folder / name
        path.write_text(
            yaml.safe_dump({**given, **({"sources": list(sources)} if sources else {})}), encoding="utf-8"
        )
        return path

    def run(self, command: str, *arguments: str, **environment: str) -> str:
        """What the command prints; nothing of the one who runs the tests gets into it."""
        foreign = ("ANSIBLE_", "ZENLAYER", "TENCENT", "TCCLI")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        done = subprocess.run(
            [str(Path(sys.executable).with_name(command)), *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env={
                **kept,
                "HOME": str(self.folder),
                "ANSIBLE_HOME": str(self.folder / "ansible"),
                "ANSIBLE_NOCOLOR": "1",
                "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build" / "collections"),
                "COLUMNS": "5000",
                "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "1",
                **environment,
            },
        )
        self.stderr, self.status = " ".join(done.stderr.split()), done.returncode
        return done.stdout

    def listed(self, *arguments: str, path: str = "fleet.reforge.yml", **environment: str) -> dict[str, Any]:
        out = self.run("ansible-inventory", "-i", path, "--list", *arguments, **environment)
        assert self.status == 0, self.stderr
        # From ansible-core 2.19 on every text that is no template is marked as such in this listing.
        return json.loads(out, object_hook=lambda found: found.get("__ansible_unsafe", found))

    def hosts(self, *arguments: str, **environment: str) -> dict[str, dict[str, Any]]:
        return self.listed(*arguments, **environment)["_meta"]["hostvars"]

    def failure(self, *arguments: str, **environment: str) -> str:
        """What Ansible says of a file that cannot be used."""
        out = self.run("ansible-inventory", "-i", "fleet.reforge.yml", "--list", *arguments, **environment)
        assert self.status != 0, out
        return f"{out} {self.stderr}"

    def requests(self, action: str = "DescribeInstances") -> int:
        return len(self.emulator.journal(action=action))


@pytest.fixture
def inventory(emulator: Emulator, tmp_path: Path) -> Inventory:
    """An empty cloud with two accounts and two regions."""
    made = Inventory(emulator, tmp_path)
    made.seed()
    return made


def names(members: Iterable[str]) -> list[str]:
    return sorted(members)


@pytest.mark.smoke
def test_two_accounts_and_regions_become_hosts_groups_and_variables(inventory: Inventory) -> None:
    inventory.seed(
        one("web-1", tags={"role": "web"}, public_ips=["1.2.3.4"]),
        one("web-2", zone=f"{WEST}a"),
        one("db-1", "second", status="stopped", private_ips=["10.0.0.1"]),
        one("db-2", "second", zone=f"{WEST}b"),
    )
    inventory.write(
        FIRST,
        {**SECOND, "region": EAST},
        keyed_groups=[{"key": "instance_region", "prefix": "region"}],
        groups={"web": "instance_tags.role | default('') == 'web'", "mine": "label == 'FIRST'"},
        compose={"label": "instance_source | upper"},
        strict=True,
    )
    listed = inventory.listed()
    hosts = listed["_meta"]["hostvars"]
    assert names(hosts) == ["db-1", "web-1", "web-2"]
    members = {
        "web": ["web-1"],
        "mine": ["web-1", "web-2"],
        "region_asia_east_1": ["db-1", "web-1"],
        "region_europe_west_1": ["web-2"],
    }
    assert {group: names(listed[group]["hosts"]) for group in members} == members
    assert hosts["web-1"]["ansible_host"] == "1.2.3.4" and hosts["db-1"]["ansible_host"] == "10.0.0.1"
    expected = {
        "id": "i-db-1",
        "name": "db-1",
        "provider": PROVIDER,
        "region": EAST,
        "zone": f"{EAST}a",
        "status": "stopped",
        "image_id": "old",
        "source": "second",
        "tags": {},
        "endpoint": inventory.emulator.endpoint,
    }
    assert {name: hosts["db-1"][f"instance_{name}"] for name in expected} == expected
    assert inventory.stderr == ""


@pytest.mark.smoke
def test_names_and_tags_that_look_like_templates_stay_text(inventory: Inventory) -> None:
    evil = "{{ lookup('pipe', 'touch " + str(inventory.folder / "owned") + "') }}"
    inventory.seed(one("a", tags={"note": evil, "block": "{% raw %}"}), {**one("b"), "name": evil})
    inventory.write(
        FIRST,
        compose={"copied": "instance_name", "joined": "instance_tags.note | default('') ~ '!'"},
        keyed_groups=[{"key": "instance_tags.note | default('none')", "prefix": "note"}],
        groups={"evil": "instance_name != 'a'"},
    )
    (inventory.folder / "play.yml").write_text(
        """
- hosts: all
  gather_facts: false
  connection: local
  tasks:
    - ansible.builtin.debug:
        msg: "<<{{ inventory_hostname }} {{ instance_name }} {{ copied }} {{ joined }}
          {{ instance_tags | to_json }}>>"
""",
        encoding="utf-8",
    )
    out = inventory.run("ansible-playbook", "-i", "fleet.reforge.yml", "play.yml")
    assert inventory.status == 0, out
    assert f"<<i-b {evil} {evil} !" in out and f"<<a a a {evil}!" in out and "{% raw %}" in out
    assert not (inventory.folder / "owned").exists()
    warning = "".join(inventory.stderr.split())  # older versions of ansible-core wrap warnings
    assert "Skippednames" in warning and "".join(repr(evil).split()) in warning


def test_a_large_fleet_takes_one_request_for_each_page(inventory: Inventory) -> None:
    inventory.seed(
        *(one(f"a-{number}") for number in range(2100)),
        *(one(f"b-{number}", "second") for number in range(900)),
    )
    again = {**FIRST, "name": "again", "filters": {"name": ["a-1*"]}}
    inventory.write({**FIRST, "regions": [EAST, WEST]}, again, SECOND)
    assert len(inventory.hosts()) == 3000
    assert (inventory.requests(), inventory.requests("DescribeZones")) == (
        3 + 1,
        1,
    )  # zones: nothing lies in the west


def test_every_provider_is_read_in_its_largest_pages(inventory: Inventory) -> None:
    each = 430
    inventory.emulator.seed(
        {
            "accounts": [{**FIRST, "provider": name} for name in PROVIDERS],
            "zones": [{"id": "ap-test-1", "provider": name, "region": "ap-test"} for name in PROVIDERS],
            "images": [{"id": "old", "provider": name, "category": "Debian"} for name in PROVIDERS],
            "instances": [
                {**one(f"{name}-{number}", zone="ap-test-1"), "provider": name}
                for name in PROVIDERS
                for number in range(each)
            ],
        }
    )
    inventory.write(
        *({"provider": name, "region": "ap-test"} for name in PROVIDERS),
        access_key="AK1",
        secret_key="hush-SK1",
        keyed_groups=[{"key": "instance_provider", "separator": ""}],
    )
    listed = inventory.listed()
    assert {name: len(listed[name]["hosts"]) for name in PROVIDERS} == dict.fromkeys(PROVIDERS, each)
    pages = {
        f"{name}.{its.instances.name}": -(-each // its.instances.page) for name, its in PROVIDERS.items()
    }
    assert (
        inventory.emulator.counters()["requests"] == pages and inventory.emulator.counters()["refused"] == {}
    )


def test_a_cache_hit_asks_nothing_until_the_cache_is_flushed(inventory: Inventory) -> None:
    inventory.seed(one("a", tags={"note": "{{ 1 }}"}), one("b"))
    inventory.write(FIRST, **CACHE)
    first = inventory.hosts()
    assert inventory.hosts() == first and inventory.requests() == 1
    inventory.seed(one("c"))
    (inventory.folder / "play.yml").write_text("[{hosts: all}]", encoding="utf-8")
    output = inventory.run(
        "ansible-playbook", "-i", "fleet.reforge.yml", "--list-hosts", "--flush-cache", "play.yml"
    )
    assert "c" in output.split()
    assert names(inventory.hosts()) == ["c"] and inventory.requests() == 1  # seeding began a new journal
    inventory.write({**FIRST, "filters": {"name": ["nobody"]}}, **CACHE)
    assert inventory.hosts() == {} and inventory.requests() == 1  # filters choose from what is cached
    inventory.write(SECOND, **CACHE)
    assert inventory.hosts() == {} and inventory.requests() == 2  # another account is another question
    kept = "".join(
        path.name + path.read_text(encoding="utf-8") for path in (inventory.folder / "cache").iterdir()
    )
    assert "i-c" in kept and not [word for word in ("hush", "AK1", "AK2") if word in kept]


def test_a_cache_that_is_not_ours_is_read_anew(inventory: Inventory) -> None:
    inventory.seed(one("a"))
    inventory.write(FIRST, **CACHE)
    inventory.hosts()
    (kept,) = (inventory.folder / "cache").iterdir()
    kept.write_text('[[{"id": "i-a"}]]', encoding="utf-8")
    assert names(inventory.hosts()) == ["a"] and inventory.requests() == 2


def test_a_play_can_refresh_the_inventory(inventory: Inventory) -> None:
    inventory.seed(one("a"))
    inventory.write(FIRST, **CACHE)
    (inventory.folder / "play.yml").write_text(
        """
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.meta: refresh_inventory
    - ansible.builtin.debug:
        msg: "<<{{ groups.all | join(',') }}>>"
""",
        encoding="utf-8",
    )
    assert "<<a>>" in inventory.run("ansible-playbook", "-i", "fleet.reforge.yml", "play.yml")
    assert inventory.requests() == 2


def test_clashing_names_are_told_apart_by_their_ids(inventory: Inventory) -> None:
    inventory.seed(
        {**one("a"), "name": "web"},
        {**one("b", "second"), "name": "web"},
        {**one("c"), "name": "db"},
        {**one("d"), "name": "all"},
    )
    inventory.write(FIRST, SECOND, groups={"db": "true"})
    listed = inventory.listed()
    assert names(listed["_meta"]["hostvars"]) == ["all_i-d", "db_i-c", "web_i-a", "web_i-b"]
    assert [
        name for name in ("'web'", "'all'", "'db'", "ids are appended") if name not in inventory.stderr
    ] == []


def test_an_instance_called_like_a_keyed_group_takes_neither_its_name_nor_its_hosts(
    inventory: Inventory,
) -> None:
    inventory.seed(
        {**one("a"), "name": "web", "tags": {"role": "web"}},
        {**one("b"), "name": "role_web", "tags": {"role": "web"}},
        {**one("c"), "name": "db", "tags": {"role": "db"}},
    )
    inventory.write(
        FIRST, keyed_groups=[{"key": "instance_tags.role", "separator": sep} for sep in ("", "_")]
    )
    listed = inventory.listed()
    assert names(listed["_meta"]["hostvars"]) == ["db_i-c", "role_web", "web_i-a"]
    assert {name: sorted(listed[name]["hosts"]) for name in ("web", "db")} == {
        "web": ["role_web", "web_i-a"],
        "db": ["db_i-c"],
    }
    assert "A group has the name 'db', 'web'" in inventory.stderr


def test_two_files_do_not_merge_different_instances(inventory: Inventory) -> None:
    inventory.seed({**one("a"), "name": "web"}, {**one("b", "second"), "name": "web"})
    (inventory.folder / "both").mkdir()
    inventory.write(FIRST, name="both/1.reforge.yml")
    inventory.write(SECOND, name="both/2.reforge.yml")
    hosts = inventory.listed(path="both")["_meta"]["hostvars"]
    assert {name: values["instance_id"] for name, values in hosts.items()} == {"web": "i-a", "web_i-b": "i-b"}


def test_filters_and_what_is_gone_choose_the_hosts(inventory: Inventory) -> None:
    inventory.seed(
        one("web-1", tags={"role": "web"}), one("web-2", status="stopped"), one("web-3", status="recycled")
    )
    inventory.write({**FIRST, "filters": {"tags": {"role": "web"}}})
    assert names(inventory.hosts()) == ["web-1"]
    inventory.write(FIRST)
    assert names(inventory.hosts()) == ["web-1", "web-2"]
    inventory.write(FIRST, include_gone=True, include_raw=True, hostnames=["instance_id"])
    hosts = inventory.hosts()
    assert names(hosts) == ["i-web-1", "i-web-2", "i-web-3"]
    assert hosts["i-web-1"]["instance_raw"]["instanceName"] == "web-1"


def test_a_bad_key_fails_and_names_its_source(inventory: Inventory) -> None:
    inventory.seed(one("a"))
    inventory.write(FIRST, {**SECOND, "secret_key": "hush-wrong"})
    output = inventory.failure()
    assert (
        "source second" in output
        and "AUTHFAILURE_SIGNATURE_FAILURE" in output
        and "Check secret_key" in output
    )


def test_a_missing_key_names_what_to_set(inventory: Inventory) -> None:
    inventory.write({"name": "first"})
    assert "source first" in inventory.failure() and "ZENLAYER_ACCESS_KEY_ID" in inventory.stderr


def test_an_unknown_region_fails_and_an_empty_one_does_not(inventory: Inventory) -> None:
    inventory.write({**FIRST, "regions": [EAST, "mars-1"]})
    output = inventory.failure()
    assert "source first" in output and "'mars-1' is not known" in output and f"'{EAST}'" not in output


def test_an_unreachable_endpoint_fails(inventory: Inventory) -> None:
    inventory.write({**FIRST, "endpoint": "http://127.0.0.1:1"})
    output = inventory.failure()
    assert "source first" in output and "127.0.0.1:1 got no answer" in output


def test_a_page_that_is_refused_fails_the_whole_source(inventory: Inventory) -> None:
    inventory.seed(*(one(f"a-{number}") for number in range(1001)))
    refusal = {"effect": "deny", "code": "NO", "status": 403}
    inventory.emulator.faults({**refusal, "actions": ["DescribeInstances"], "skip": 1, "count": 0})
    inventory.write(FIRST)
    assert "source first" in inventory.failure() and "failed with NO" in inventory.stderr


def test_skipping_goes_on_with_the_rest_says_the_same_and_is_not_cached(inventory: Inventory) -> None:
    inventory.seed(one("a"), one("b", "second"))
    bad = {**SECOND, "secret_key": "hush-wrong"}
    inventory.write(
        {**FIRST, "regions": ["mars-1", EAST]}, bad, {"name": "keyless"}, on_error="skip", **CACHE
    )
    assert names(inventory.hosts()) == ["a"]
    text = (
        "Skipped source second",
        "AUTHFAILURE_SIGNATURE_FAILURE",
        "'mars-1' is not known",
        "source keyless",
        "access_key is missing",
    )
    assert [word for word in text if word not in inventory.stderr] == []
    before = inventory.requests()
    assert names(inventory.hosts()) == ["a"] and inventory.requests() > before


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"keyed_group": []}, ["no option 'keyed_group'", "keyed_groups"]),
        ({"sources": [{"regoin": "x"}]}, ["source-1", "'regoin'", "region"]),
        ({"request_timeout": "soon"}, ["request_timeout", "'soon'", "whole number"]),
        ({"secret_key": "{{ nothing_there }}"}, ["secret_key cannot be evaluated", "nothing_there"]),
    ],
)
def test_a_wrong_option_is_named_even_where_errors_are_skipped(
    inventory: Inventory, options: dict[str, Any], words: list[str]
) -> None:
    inventory.write(on_error="skip", **options)
    output = inventory.failure()
    assert [word for word in words if word not in output] == [] and inventory.requests() == 0


@pytest.mark.smoke
def test_options_can_be_templates_and_encrypted(inventory: Inventory) -> None:
    (inventory.folder / "password").write_text("vault", encoding="utf-8")
    vault = ["--vault-password-file", "password"]
    secret = inventory.run(
        "ansible-vault", "encrypt_string", *vault, "--encrypt-vault-id", "default", "hush-SK1"
    )
    assert inventory.status == 0, inventory.stderr
    inventory.seed(one("a"), one("b", zone=f"{WEST}a"))
    path = inventory.write(
        access_key="{{ lookup('ansible.builtin.env', 'MY_KEY') }}",
        validate_certs="{{ 1 == 1 }}",
        sources="{{ [{'name': 'first', 'region': place}] }}",
    )
    path.write_text(path.read_text(encoding="utf-8") + f"secret_key: {secret}\n", encoding="utf-8")
    hosts = inventory.hosts(*vault, "-e", f"place={WEST}", MY_KEY="AK1")
    assert names(hosts) == ["b"] and hosts["b"]["instance_source"] == "first"


def test_no_secret_is_shown_whatever_the_verbosity(inventory: Inventory) -> None:
    inventory.seed(one("a"))
    inventory.write(FIRST, include_raw=True, compose={"nothing": "nothing_there"})
    output = (
        inventory.run("ansible-inventory", "-i", "fleet.reforge.yml", "--list", "-vvvv") + inventory.stderr
    )
    assert '"a"' in output and "hush" not in output
    inventory.write(FIRST, {**SECOND, "secret_key": "hush-wrong"}, token="{{ 'hush' ~ 'er' }}", strict=True)
    output = inventory.failure("-vvvv")
    assert "source second" in output and "hush" not in output


def test_the_example_of_the_documentation_runs(inventory: Inventory) -> None:
    example = yaml.safe_load(EXAMPLES)
    inventory.seed(one("web-1", tags={"owner": "me", "role": "web"}, private_ips=["10.0.0.1"]))
    (inventory.folder / ".zenlayer").mkdir()
    pair = {"access_key_id": "AK1", "access_key_secret": "hush-SK1"}
    (inventory.folder / ".zenlayer" / "credentials.json").write_text(
        json.dumps({"production": pair}), encoding="utf-8"
    )
    for source in example.get("sources", ()):  # the emulated regions are called otherwise
        if "regions" in source:
            source["regions"] = [EAST, WEST]
    inventory.write(**example)
    hosts = inventory.hosts(
        ZENLAYER_ACCESS_KEY_ID="AK1",
        ZENLAYER_ACCESS_KEY_SECRET="hush-SK1",
        LAB_KEY="",
        LAB_KEY_ID="AK1",
        LAB_KEY_SECRET="hush-SK1",
    )
    assert names(hosts) == ["web-1"] and inventory.stderr == ""


def test_a_file_of_another_name_is_left_to_others(inventory: Inventory) -> None:
    inventory.write(FIRST, name="fleet.yml")
    inventory.run("ansible-inventory", "-i", "fleet.yml", "--list")
    assert inventory.status != 0 and inventory.requests() == 0
    inventory.write(FIRST, name="reforge.yaml")
    inventory.listed(path="reforge.yaml")
    assert inventory.requests() == 1


def test_the_documentation_can_be_read(inventory: Inventory) -> None:
    text = inventory.run("ansible-doc", "-t", "inventory", "reforge.cloud.instances")
    assert inventory.status == 0, inventory.stderr
    words = ("hostnames", "keyed_groups", "ZENLAYER_ACCESS_KEY_ID", "regions")
    assert [word for word in words if word not in text] == []
