# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whatever the vendors' pages name is reachable, kept and classified, and the emulator knows it, too."""

from __future__ import annotations

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import Kind
from ansible_collections.reforge.cloud.plugins.module_utils.core.extra_fields import leaves
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Status, Verb
from emulator.wires.tencent.cvm.writes import ACTIONS as CVM
from emulator.wires.tencent.ecm.writes import ACTIONS as ECM
from emulator.wires.tencent.legacy.writes import ACTIONS as LEGACY
from emulator.wires.tencent.lighthouse.writes import ACTIONS as LIGHTHOUSE
from emulator.wires.zenlayer.bmc import ACTIONS as BMC
from emulator.wires.zenlayer.vm import ACTIONS as VM
from emulator.wires.zenlayer.writes import ACTIONS as ZEC
from tools.documents import DOCUMENTS, STATES, WAITED_OUT
from tools.vendor_tables import MEANINGS, kind_of, options_of, status_of

WIRES = {
    "zenlayer_zec": ZEC,
    "zenlayer_bmc": BMC,
    "zenlayer_vm": VM,
    "tencent_ecm": ECM,
    "tencent_lighthouse": LIGHTHOUSE,
    "tencent_cvm": CVM,
    "tencent_cvm_v2": LEGACY,
}
EVERY = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=lambda document: f"{document.provider}-{document.action}"
)


@EVERY
def test_every_parameter_is_reachable(document):
    assert [name for name in document.parameters if not options_of(document, name)] == []


@EVERY
def test_every_parameter_is_checked_by_the_emulator(document):
    (fields,) = [shape.fields for shape in WIRES[document.provider] if shape.name == document.action]
    assert set(document.parameters) <= set(fields)


@EVERY
def test_every_rule_is_kept_where_the_table_says(document):
    provider = PROVIDERS[document.provider]
    assert [limit.rule for limit in document.limits if not limit.kept(provider)] == []


@EVERY
def test_every_code_is_classified(document):
    provider = PROVIDERS[document.provider]
    assert [code for code in document.codes if kind_of(provider, code) is None] == []
    assert set(MEANINGS) == set(Kind)


@EVERY
def test_the_states_of_a_page_are_in_the_list_of_its_provider(document):
    assert set(document.states) <= set(STATES[document.provider].split())


@pytest.mark.parametrize("name", STATES)
def test_every_state_of_the_vendors_lists_is_known_or_waited_out(name):
    unknown = [word for word in STATES[name].split() if status_of(name, word).status is Status.UNKNOWN]
    assert unknown == WAITED_OUT.get(name, "").split()


@pytest.mark.parametrize("name", WIRES)
def test_the_emulator_takes_every_field_that_is_sent_or_can_be_added(name):
    provider = PROVIDERS[name]
    (fields,) = [action.fields for action in WIRES[name] if action.name == provider.writes[Verb.RESET].name]
    ours = {path for path, option in provider.field_options.items() if " " not in option}
    ours |= {*leaves(provider.extra_fields), *provider.in_place_of_image}
    for path in ours:
        known = fields
        for part in path.split("."):
            assert part in known, path
            known = getattr(known[part], "fields", None) or getattr(known[part], "parts", None) or {}
