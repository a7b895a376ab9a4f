# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The tables of the vendors' pages name every parameter, state and action that the vendors' own clients
know.
"""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from tools.documents import DOCUMENTS, STATES

SPECIFICATIONS = {
    "tencent_ecm": "ecm/v20190719",
    "tencent_lighthouse": "lighthouse/v20200324",
    "tencent_cvm": "cvm/v20170312",
}
MODELS = {
    "zenlayer_zec": "zec.v20250901",
    "zenlayer_bmc": "bmc.v20260201",
    "zenlayer_vm": "vm.v20260401",
}


def specification(name: str) -> Any:
    """What tccli is made of."""
    found = importlib.util.find_spec("tccli")  # which is not imported: it warns of its own imports
    assert found and found.submodule_search_locations
    path = Path(found.submodule_search_locations[0], "services", SPECIFICATIONS[name], "api.json")
    return json.loads(path.read_text(encoding="utf-8"))["objects"]


def fields(provider: str, action: str) -> list[str]:
    """The parameters of an action, by the vendor's own client."""
    if provider in SPECIFICATIONS:
        return [member["name"] for member in specification(provider)[f"{action}Request"]["members"]]
    models = importlib.import_module(f"zenlayercloud.{MODELS[provider]}.models")
    return list(vars(getattr(models, f"{action}Request")()))


@pytest.mark.parametrize("name", [*SPECIFICATIONS, *MODELS])
def test_the_table_has_every_action_with_every_parameter_that_the_vendors_client_has(name):
    pages = {document.action: set(document.parameters) for document in DOCUMENTS if document.provider == name}
    actions = {action.name for action in PROVIDERS[name].writes.values()}
    assert pages == {action: set(fields(name, action)) for action in actions}


@pytest.mark.parametrize("name", ["tencent_ecm", "tencent_lighthouse"])
def test_the_table_has_every_state_that_the_vendors_client_names(name):
    members = specification(name)["Instance"]["members"]
    (text,) = [member["document"] for member in members if member["name"] == "InstanceState"]
    assert set(re.findall("[A-Z][A-Z_]{4,}", text)) == set(STATES[name].split())
