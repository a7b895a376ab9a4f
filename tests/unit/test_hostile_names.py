# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Names and addresses of a stranger, by everything that they pass through: each means one host, or
nothing.
"""

from __future__ import annotations

import shlex
import sys
from unittest.mock import patch

import pytest
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from hypothesis import given, settings, strategies as st

from ansible_collections.reforge.cloud.plugins.module_utils.commands.known_hosts import renew
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import ApiError, Kind
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Instance, Status
from ansible_collections.reforge.cloud.plugins.module_utils.core.text import printable
from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet.again import again
from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet.plan_text import plan_text
from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet.sealed import seal
from ansible_collections.reforge.cloud.plugins.plugin_utils.inventory.fetch import Share
from ansible_collections.reforge.cloud.plugins.plugin_utils.inventory.hosts import name_hosts, variables
from ansible_collections.reforge.cloud.plugins.plugin_utils.inventory.settings import read_settings
from ansible_collections.reforge.cloud.plugins.plugin_utils.report.files import leave_limit
from ansible_collections.reforge.cloud.plugins.plugin_utils.report.summary import Summary
from ansible_collections.reforge.cloud.plugins.plugin_utils.text.command import broken
from ansible_collections.reforge.cloud.plugins.plugin_utils.text.table import table

# What means something to a shell, a pattern, a template, a file of known hosts, a terminal or a page, among
# plain letters.
SIGNS = st.sampled_from(
    [*"!&~@#*?[]{}()<>'\"\\/|;:,.%$-_= \t\n\r\0\x1b\x9b\u202e\ufeff", "web", "db", "1", "\U0001f600"]
)
NAMES = st.one_of(
    st.lists(SIGNS, min_size=1, max_size=6).map("".join),
    st.sampled_from(
        ["all", "ungrouped", "web", "victim", "group", "web:db", "web,victim", "localhost", "{{ 1 }}"]
    ),
    st.text(max_size=8),
)
VICTIM = "victim ssh-ed25519 AAAAvictim"


@pytest.fixture(name="share", scope="module")
def make_share():
    return Share(read_settings({"provider": "zenlayer_zec", "sources": [{}]}).sources[0], "")


@pytest.fixture(name="folder", scope="module")
def new_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("hostile")


def instance_of(**known):
    return Instance(
        **{
            "id": "i-1",
            "name": "web-1",
            "status": Status.RUNNING,
            "vendor_status": "",
            "image_id": "old",
            **known,
        }
    )


def inventory_of(hosts):
    """An inventory with these hosts beside one that they are to leave alone, which is in a group with
    them.
    """
    inventory = InventoryManager(DataLoader(), sources=["victim,"])
    inventory._inventory.add_group("group")
    for host in ("victim", *hosts):
        inventory._inventory.add_host(host, "group")
    inventory._inventory.reconcile_inventory()
    return inventory


def hosts_of(share, texts, preference="name"):
    """The hosts of instances that are named, and tagged, like this."""
    chosen = [
        (share, instance_of(id=f"i-{number}", name=text, tags={"role": text}))
        for number, text in enumerate(texts)
    ]
    taken = ("victim", "all", "ungrouped", "group")
    hosts, warnings = name_hosts(chosen, [preference], lambda name, _id: name in taken)
    assert all(warning.isprintable() for warning in warnings)
    return hosts


@settings(max_examples=300, deadline=None)
@given(texts=st.lists(NAMES, min_size=1, max_size=3), preference=st.sampled_from(["name", "tag:role"]))
def test_a_line_of_the_limit_file_chooses_the_host_that_it_was_written_for(share, folder, texts, preference):
    hosts = hosts_of(share, texts, preference)
    path = folder / "limit"
    leave_limit("limit", str(path), [hosts[0].name])
    inventory = inventory_of([host.name for host in hosts])
    inventory.subset(f"@{path}")
    assert [host.name for host in inventory.get_hosts("all")] == [hosts[0].name]


@settings(max_examples=300, deadline=None)
@given(texts=st.lists(NAMES, min_size=1, max_size=3), words=NAMES)
def test_the_command_of_a_role_chooses_the_hosts_that_it_names_and_its_tables_are_plain_text(
    share, texts, words
):
    hosts = [host.name for host in hosts_of(share, texts)]
    rows = {host: row_of(f"i-{number}", words, words) for number, host in enumerate(hosts)}
    plan = {"hosts": rows, "plan_id": "0", "count": 1, "calls": 1, "run_id": "r", "sealed": seal({})}
    with patch.object(sys, "argv", ["ansible-playbook", "site.yml"]):
        command = again(plan, None, hosts, {}, ["group"]).command
    shown = f"{plan_text(plan, 'will be wiped')}{Summary(rows, {}, hosts, (), command).text}"
    assert all(sign.isprintable() or sign == "\n" for sign in shown)
    pasted = shlex.split(broken(command).replace("\\\n", ""))
    inventory = inventory_of(hosts)
    inventory.subset(pasted[pasted.index("--limit") + 1])
    assert {host.name for host in inventory.get_hosts("all")} == set(hosts)


def row_of(instance_id, message, code):
    """The row of a host of a role that has failed; a provider says why."""
    error = {"code": code, "message": message, "request_id": code, "advice": None}
    more = {"before": {"image": message}, "after": None, "error": error, "problem": None, "system": {}}
    row = {"instance_id": instance_id, "verdict": "reset", "outcome": "failed", "message": message}
    return {**row, **more, "seconds": None}


@settings(max_examples=300, deadline=None)
@given(texts=st.lists(NAMES, min_size=1, max_size=2))
def test_an_address_that_is_none_is_not_given_to_ssh(share, texts):
    (host,), _warnings = name_hosts(
        [(share, instance_of(public_ips=tuple(texts)))], ["name"], lambda *_: False
    )
    address = variables(host, read_settings({"provider": "zenlayer_zec"})).get("ansible_host")
    assert address is None or all(sign in "0123456789abcdefABCDEF.:%" for sign in address)


@settings(max_examples=300, deadline=None)
@given(name=NAMES, key=st.one_of(st.just("ssh-ed25519 AAAAnew"), NAMES))
def test_a_name_or_a_key_gets_no_line_but_its_own_into_known_hosts(folder, name, key):
    path = folder / "known_hosts"
    path.write_text(f"{VICTIM}\n", encoding="utf-8")
    try:
        renew(str(path), {name: [key]})
    except ValueError:
        assert path.read_text(encoding="utf-8") == f"{VICTIM}\n"
        return
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines == [*([VICTIM] if name != "victim" else []), f"{name} {key}"]


@given(text=NAMES)
def test_nothing_steers_a_terminal_or_begins_a_line_of_its_own(text):
    error = ApiError(printable(text), printable(text), Kind.UNKNOWN)
    shown = table(("HOST", "WHY"), [(text, str(error))])
    assert all(sign.isprintable() or sign == "\n" for sign in shown)
    assert all(line.startswith(("HOST", "-", " ", printable(text)[:1] or "-")) for line in shown.splitlines())
