# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The variables of a host, set at once, are what ansible-core makes of them one by one."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible.utils import vars as merging

from ansible_collections.reforge.cloud.plugins.plugin_utils.inventory.guard import Guard
from ansible_collections.reforge.cloud.plugins.plugin_utils.inventory.hosts import mark_unsafe

try:
    from ansible.template import trust_as_template
except ImportError:  # ansible-core before 2.19 takes every text for a template

    def trust_as_template(value: str) -> str:
        return value


pytestmark = pytest.mark.smoke  # with the oldest ansible-core, too

EVIL = "{{ lookup('ansible.builtin.env', 'HOME') }}"
VARIABLES = {
    "instance_name": EVIL,
    "instance_tags": {"role": "web", "note": EVIL, EVIL: "{% raw %}"},
    "instance_public_ips": ["1.2.3.4"],
    "instance_cpu": 2,
    "instance_os_type": None,
}
OTHER_FILE = {"instance_tags": {"mine": "kept"}, "instance_cpu": 1, "own": [1]}


def host_with(known: dict[str, Any] | None, at_once: bool) -> Any:
    """A host with the variables; ``known`` are those of another file that names it, too."""
    inventory = InventoryManager(DataLoader(), sources=["other,"])._inventory
    if known is not None:
        inventory.add_host("web")
        for name, value in known.items():
            inventory.set_variable("web", name, value)
    guard = Guard(inventory, ["web"])
    values = mark_unsafe(VARIABLES)
    if at_once:
        guard.add_host_with("web", values)
    else:
        guard.add_host("web")
        for name, value in values.items():
            guard.set_variable("web", name, value)
    return inventory.hosts["web"]


@pytest.mark.parametrize("behaviour", ["replace", "merge"])
@pytest.mark.parametrize("known", [None, {}, OTHER_FILE])
def test_variables_that_are_set_at_once_are_those_that_are_set_one_by_one(
    known: Any, behaviour: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging.C, "DEFAULT_HASH_BEHAVIOUR", behaviour)
    one_by_one, at_once = (host_with(known, way).get_vars() for way in (False, True))
    assert at_once == one_by_one
    assert ("mine" in at_once["instance_tags"]) is (known == OTHER_FILE and behaviour == "merge")


@pytest.mark.parametrize("known", [None, OTHER_FILE])
def test_no_text_that_is_set_becomes_a_template(known: Any) -> None:
    templar = Templar(loader=DataLoader(), variables=host_with(known, at_once=True).get_vars())
    for expression in ("instance_name", "instance_tags.note", "instance_tags | list | last"):
        assert templar.template(trust_as_template(f"{{{{ {expression} }}}}")) == EVIL
