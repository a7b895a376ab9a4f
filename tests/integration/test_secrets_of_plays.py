# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""No secret that a role, a playbook or the inventory gets is shown, kept, or seen in a process, whatever goes
wrong.

All runs are at -vvvv with --diff and ANSIBLE_DEBUG, with a log, a fact cache, retry files, stats and every
result.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret

import demo
from emulator.client import Emulator, free_port
from marked_fleet import BEARER, MARK, PASSWORD, SESSION, SURROUNDING, ZEC, Fleet, key_of, keys, marked_fleet
from secret_search import Watch

ROOT = Path(__file__).resolve().parent.parent.parent
# The vendor's answer repeats the password, as it might when it finds fault with it.
TALKATIVE = {
    "code": "INVALID_PASSWORD_MALFORMED",
    "message": f"the password {PASSWORD} is a known one",
    "status": 400,
}
ROLE = """
- hosts: vars_of_roles
  gather_facts: false
  roles:
    - role: reforge.cloud.rebuild
      vars:
        rebuild_password: "{{ vaulted_password }}"
        rebuild_secret_key: "{{ vaulted_key }}"
        rebuild_user_data: "echo {{ vaulted_password }}"
        rebuild_access_key: AK
        rebuild_confirm: 1
"""


@dataclass
class Runs:
    """The folder in which all runs work, with everything that they leave."""

    emulator: Emulator
    folder: Path
    port: int  # of the instances' SSH servers

    def write(self, name: str, content: Any) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content), encoding="utf-8")

    def write_hosts(self, fleet: Fleet) -> None:
        """The inventory that a user writes, with secrets in it, and a play with the role."""
        shared = {
            "ansible_user": "root",
            "ansible_port": self.port,
            "ansible_ssh_private_key_file": str(self.folder / "id_demo"),
            "ansible_ssh_common_args": f"-o UserKnownHostsFile={self.folder}/known_hosts",
            "rebuild_ssh_timeout": 60,
            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
            "instance_endpoint": self.emulator.endpoint,
            "rebuild_ledger": "ledger.jsonl",
            "rebuild_run_id": "one",
            "rebuild_events": "events.jsonl",
            "reboot_ledger": "ledger.jsonl",
        }
        addresses = {instance["id"]: instance["address"] for instance in self.emulator.fleet().values()}
        places = {
            name: {
                host: {**own, "ansible_host": addresses[own["instance_id"]]} for host, own in hosts.items()
            }
            for name, hosts in fleet.groups.items()
        }
        self.write(
            "hosts.yml",
            {"all": {"vars": shared, "children": {name: {"hosts": hosts} for name, hosts in places.items()}}},
        )
        self.write("role.yml", ROLE)

    def write_secrets(self) -> None:
        """A vault, a profile, and variables for the hosts of the inventory plugin, which tells no
        credentials.
        """
        vault = VaultLib([("default", VaultSecret(f"{MARK}-vault".encode()))])
        secrets = yaml.safe_dump({"vaulted_password": PASSWORD, "vaulted_key": key_of(ZEC)})
        self.write("secrets.yml", vault.encrypt(secrets).decode())
        self.write("vault-password", f"{MARK}-vault")
        self.write(
            "home/.tccli/third.credential",
            json.dumps({"secretId": "AK3", "secretKey": key_of("tencent_ecm")}),
        )
        self.write("plugin/group_vars/all.yml", keys(ZEC))

    def write_sources(self) -> None:
        """Files of the inventory plugin: one that works, one in part, one that fails, and one that is
        wrong.
        """
        first = {"access_key": "AK", "secret_key": key_of("tencent_cvm"), "region": "ap-test"}
        good = [{"provider": ZEC, "token": BEARER}, {**first, "provider": "tencent_cvm", "token": SESSION}]
        bad = [
            {**first, "provider": "tencent_cvm_v2", "secret_key": f"{MARK}-wrong"},
            {**first, "provider": "tencent_ecm", "secret_key": f"{MARK}-\u00e4"},
        ]
        shared = {
            "plugin": "reforge.cloud.instances",
            "endpoint": self.emulator.endpoint,
            "include_raw": True,
            "cache": True,
            "cache_plugin": "ansible.builtin.jsonfile",
            "cache_connection": str(self.folder / "cache"),
        }
        self.write("plugin/whole.reforge.yml", {**shared, "sources": good})
        self.write("part.reforge.yml", {**shared, "sources": [*good, *bad], "on_error": "skip"})
        self.write("bad.reforge.yml", {**shared, "sources": [*good, *bad]})
        self.write(
            "wrong.reforge.yml", {**shared, "sources": [{"provider": ZEC, "token": {"is": f"{MARK}-nested"}}]}
        )

    def run(self, name: str, program: str, *arguments: str, **environment: str) -> None:
        """Run a command of Ansible as told above; what it prints goes into a file of the folder."""
        foreign = ("ANSIBLE_", "ZENLAYER", "TENCENT", "TCCLI")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        home = self.folder / "home"
        command = [str(Path(sys.executable).with_name(program)), *arguments, "-vvvv"]
        with open(self.folder / f"{name}.output", "w", encoding="utf-8") as output:
            subprocess.run(
                command,
                cwd=self.folder,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=240,
                check=False,
                env={
                    **kept,
                    "HOME": str(home),
                    "TMPDIR": str(self.folder / "tmp"),
                    "ANSIBLE_HOME": str(home / ".ansible"),
                    "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build" / "collections"),
                    "ANSIBLE_NOCOLOR": "1",
                    "ANSIBLE_DEBUG": "1",
                    "ANSIBLE_DIFF_ALWAYS": "1",
                    "ANSIBLE_SHOW_CUSTOM_STATS": "1",
                    "ANSIBLE_DISPLAY_ARGS_TO_STDOUT": "1",
                    "ANSIBLE_REMOTE_TMP": str(home / "remote"),
                    "ANSIBLE_LOG_PATH": str(self.folder / f"{name}.log"),
                    "ANSIBLE_RETRY_FILES_ENABLED": "1",
                    "ANSIBLE_RETRY_FILES_SAVE_PATH": str(self.folder / "retry"),
                    "ANSIBLE_CACHE_PLUGIN": "jsonfile",
                    "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(self.folder / "facts"),
                    "ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).parent / "callback_plugins"),
                    "ANSIBLE_CALLBACKS_ENABLED": "collect",
                    "REFORGE_RESULTS": str(self.folder / f"{name}.results"),
                    **environment,
                },
            )

    def results(self, name: str) -> dict[str, dict[str, Any]]:
        """The last result of each host."""
        lines = [
            json.loads(line)
            for line in (self.folder / f"{name}.results").read_text(encoding="utf-8").splitlines()
        ]
        return {line["host"]: {**line["result"], "failed": line["outcome"] != "ok"} for line in lines}


def rebuild(runs: Runs) -> None:
    """Secrets in the inventory: first in check mode, then with all files that a rebuild leaves."""
    book = ("ansible-playbook", "reforge.cloud.rebuild", "-i", "hosts.yml")
    runs.run("check", *book, "--limit", "gone,wrong-key,tencent_cvm", "--check")
    runs.run(
        "rebuild",
        *book,
        "--limit",
        "variables",
        "-e",
        "rebuild_confirm=10",
        "-e",
        "rebuild_report=report.html",
    )


def roles(runs: Runs) -> None:
    """Secrets of the vault as extra variables; then secrets of the environment and of profiles."""
    vault = ("-e", "@secrets.yml", "--vault-password-file", "vault-password")
    runs.run("role", "ansible-playbook", "role.yml", "-i", "hosts.yml", *vault)
    surroundings = {
        "ZENLAYER_ACCESS_KEY_ID": "AK2",
        "ZENLAYER_ACCESS_KEY_SECRET": key_of(ZEC, SURROUNDING),
        "TENCENTCLOUD_SECRET_ID": "AK2",
        "TENCENTCLOUD_SECRET_KEY": key_of("tencent", SURROUNDING),
    }
    runs.run(
        "reboot",
        "ansible-playbook",
        "reforge.cloud.reboot",
        "-i",
        "hosts.yml",
        "--limit",
        "reboot",
        **surroundings,
    )


def report(runs: Runs) -> None:
    """Secrets in files of the inventory plugin, which work and do not, and the playbook that compares
    images.
    """
    runs.run(
        "report",
        "ansible-playbook",
        "reforge.cloud.report",
        "-i",
        "plugin/whole.reforge.yml",
        "-e",
        "report_file=drift.html",
        "-e",
        "report_limit_file=drift.limit",
        "-e",
        f"rebuild_image_id={demo.NEW}",
    )
    files = [word for name in ("part", "bad", "wrong") for word in ("-i", f"{name}.reforge.yml")]
    runs.run("inventory", "ansible-inventory", *files, "--list")


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Runs, Watch]]:
    """All runs, done, and the watch that was kept over them."""
    folder, port, fleet = tmp_path_factory.mktemp("plays"), free_port(), marked_fleet()
    with Emulator(speed=60.0, ssh_port=port) as emulator:
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "id_demo")], check=True
        )
        emulator.seed(fleet.world((folder / "id_demo.pub").read_text(encoding="utf-8").strip()))
        emulator.faults(
            {
                "effect": "deny",
                "ids": [fleet.id_of("repeated")],
                "actions": ["ResetInstances"],
                "count": 0,
                **TALKATIVE,
            },
            {"effect": "revoke", "ids": [fleet.id_of("revoked")], "actions": ["RebootInstances"], "count": 0},
        )
        runs = Runs(emulator, folder, port)
        runs.write_hosts(fleet)
        runs.write_secrets()
        runs.write_sources()
        (folder / "tmp").mkdir()
        with Watch(folder, emulator.state_dir, marks=[MARK, SURROUNDING], surrounding=[SURROUNDING]) as watch:
            with ThreadPoolExecutor(3) as pool:
                list(pool.map(lambda play: play(runs), (rebuild, roles, report)))
            runs.write(
                "journal",
                json.dumps([emulator.journal(), emulator.control("GET", "fleet"), emulator.counters()]),
            )
        yield runs, watch


# What the result of each host that does not get there says; the others are well.
TROUBLE = {
    "check": {"gone": "recycled", "wrong-key": "AUTHFAILURE_SIGNATURE_FAILURE"},
    "rebuild": {
        "gone": "recycled",
        "wrong-key": "AUTHFAILURE_SIGNATURE_FAILURE",
        "wrong-password": "password (not shown)",
        "wrong-option": "security_agent",
        "fails": "REINSTALL_FAILED",
        "repeated": "the password ******** is a known one",
    },
    "role": {"wrong-type": "rebuild_wait_timeout"},
    "reboot": {"revoked": "AuthFailure.SecretIdNotFound", "no-profile": "nobody"},
}


@pytest.mark.parametrize("name", TROUBLE)
def test_a_run_went_well_and_wrong_where_it_was_to(watched: tuple[Runs, Watch], name: str) -> None:
    results = watched[0].results(name)
    assert {host for host, result in results.items() if result["failed"]} == set(TROUBLE[name])
    assert all(text in results[host]["msg"] for host, text in TROUBLE[name].items())
    assert set(results) > set(TROUBLE[name])


def test_the_inventory_and_the_report_were_made(watched: tuple[Runs, Watch]) -> None:
    folder = watched[0].folder
    listed, drift = (
        (folder / name).read_text(encoding="utf-8") for name in ("inventory.output", "drift.json")
    )
    assert "instance_raw" in listed and "4100" in listed and "(not shown) must be text" in listed
    assert json.loads(drift)["counts"]["drifted"] >= 2 and json.loads(drift)["counts"]["not readable"] == 1


LEFT = [
    "*.output",
    "*.log",
    "*.results",
    "ledger.jsonl",
    "events.jsonl",
    "report.html",
    "report.json",
    "rebuild.limit",
    "drift.html",
    "drift.limit",
    "known_hosts",
    "journal",
    "retry/*",
    "cache/*",
    "tmp/reforge-cloud-*/*",
]


@pytest.mark.parametrize("pattern", LEFT)
def test_everything_that_is_left_was_looked_at(watched: tuple[Runs, Watch], pattern: str) -> None:
    runs, watch = watched
    files = {str(path) for path in runs.folder.glob(pattern)}
    assert files and files <= watch.files


def test_files_that_were_there_for_a_while_and_processes_were_looked_at(watched: tuple[Runs, Watch]) -> None:
    runs, watch = watched
    assert any("/events-" in path for path in watch.files)
    assert not list(runs.folder.rglob("events-*"))
    assert any("ansible-playbook" in program for program in watch.programs)


def test_no_secret_is_anywhere(watched: tuple[Runs, Watch]) -> None:
    assert watched[1].found == {}


@pytest.mark.parametrize(
    "pattern, mode",
    [
        ("ledger.jsonl", 0o600),
        ("known_hosts", 0o600),
        ("tmp/reforge-cloud-*", 0o700),
        ("tmp/reforge-cloud-*/*", 0o600),
    ],
)
def test_a_file_is_for_whom_the_readme_says(watched: tuple[Runs, Watch], pattern: str, mode: int) -> None:
    assert {path.stat().st_mode & 0o777 for path in watched[0].folder.glob(pattern)} == {mode}
