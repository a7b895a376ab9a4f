# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The objects of the kit: what AWX accepts, what awxkit can import, and what the plugins and roles read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from awx.fake import FakeController
from awx.jobs import ROOT, render_kit
from awx.schemas import SCHEMAS

INPUTS = {"kit_ledger": {"host": "db.example.com", "username": "reforge", "password": "not-a-secret"}}
# Made by AWX itself.
GIVEN = (
    {"name": "Default", "type": "organization"},
    {"name": "Machine", "kind": "ssh", "type": "credential_type"},
)


@pytest.fixture(scope="module", name="folder")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the kit's files."""
    folder = tmp_path_factory.mktemp("kit")
    render_kit(folder, **INPUTS)
    return folder


@pytest.fixture(name="assets")
def loaded(folder: Path) -> dict[str, Any]:
    """The asset file."""
    return dict(json.loads((folder / "assets.json").read_text("utf-8")))


def natural_keys(value: Any, own: bool) -> Iterator[dict[str, Any]]:
    """The keys of the objects themselves, or of those that they refer to."""
    if isinstance(value, list):
        for part in value:
            yield from natural_keys(part, own)
    elif isinstance(value, dict):
        if (
            "type" in value
            and "name" in value
            and "natural_key" not in value
            and not own
            and "spec" not in value
        ):
            yield value
        for name, part in value.items():
            if name == "natural_key":
                yield from [part] if own else []
            elif name not in ("inputs", "injectors", "spec"):
                yield from natural_keys(part, own)


@pytest.mark.parametrize("kind", SCHEMAS)
def test_awx_accepts_every_object(assets: dict[str, Any], kind: str) -> None:
    assert assets[kind]
    for asset in assets[kind]:
        jsonschema.validate(asset, SCHEMAS[kind])


def test_no_other_kinds_of_objects_are_in_the_asset_file(assets: dict[str, Any]) -> None:
    assert set(assets) == set(SCHEMAS)


def test_every_object_that_another_one_names_is_there(assets: dict[str, Any]) -> None:
    there = [*natural_keys(assets, own=True), *GIVEN]
    missing = [key for key in natural_keys(assets, own=False) if key not in there]
    assert not missing


def test_an_import_that_is_repeated_changes_no_object(assets: dict[str, Any]) -> None:
    controller = FakeController()
    assert controller.load(assets) == []
    first = controller.objects()
    assert controller.load(assets) == []
    assert controller.objects() == first
    assert len(first["job_templates"]) == len(assets["job_templates"])
    assert len(first["workflow_job_template_nodes"]) == 4


def test_the_credentials_inject_what_the_providers_read(assets: dict[str, Any]) -> None:
    read = {
        variable
        for provider in PROVIDERS.values()
        for variables in provider.credentials.environment.values()
        for variable in variables
    }
    kinds = {asset["name"]: set(asset["injectors"]["env"]) for asset in assets["credential_types"]}
    assert kinds.pop("reforge.cloud ledger") >= {"REFORGE_LEDGER", "PGPASSWORD"}
    assert len(kinds) == 2 and all(variables <= read for variables in kinds.values())


def test_a_secret_is_an_input_that_awx_encrypts(assets: dict[str, Any]) -> None:
    secrets = {
        field["id"]
        for kind in assets["credential_types"]
        for field in kind["inputs"]["fields"]
        if field.get("secret")
    }
    assert secrets == {"access_key_secret", "secret_key", "token", "password"}


def test_the_surveys_ask_for_variables_that_the_roles_and_playbooks_have(assets: dict[str, Any]) -> None:
    text = "".join(
        path.read_text("utf-8")
        for pattern in ("roles/*/defaults/main.yml", "playbooks/*.yml")
        for path in ROOT.glob(pattern)
    )
    for template in (*assets["job_templates"], *assets["workflow_job_templates"]):
        for question in template["related"]["survey_spec"]["spec"]:
            assert question["variable"] in text, template["name"]


def test_the_playbooks_and_the_inventory_are_in_the_project(assets: dict[str, Any]) -> None:
    paths = {asset["playbook"] for asset in assets["job_templates"]}
    paths |= {asset["source_path"] for asset in assets["inventory_sources"]}
    assert [path for path in paths if not (ROOT / path).is_file()] == []


def test_the_playbook_makes_the_objects_of_the_asset_file(folder: Path, assets: dict[str, Any]) -> None:
    class Loader(yaml.SafeLoader):
        pass

    Loader.add_constructor(
        "!unsafe",
        lambda loader, node: (
            yaml.SafeLoader.construct_yaml_str(loader, node)
            if isinstance(node, yaml.ScalarNode)
            else loader.construct_mapping(node, deep=True)
        ),
    )
    (play,) = yaml.load((folder / "setup.yml").read_text("utf-8"), Loader=Loader)
    modules = [name for task in play["tasks"] for name in task if name.startswith("awx.awx.")]
    made = {
        kind: modules.count(f"awx.awx.{kind}") for kind in {name.removeprefix("awx.awx.") for name in modules}
    }
    nodes = assets["workflow_job_templates"][0]["related"]["workflow_nodes"]
    links = [node for node in nodes if any(name.endswith("_nodes") for name in node["related"])]
    singular = {"credential_types": "credential_type", "credentials": "credential", "projects": "project"}
    singular |= {"execution_environments": "execution_environment", "inventory_sources": "inventory_source"}
    singular |= {"job_templates": "job_template", "workflow_job_templates": "workflow_job_template"}
    expected = {singular.get(kind, kind): len(objects) for kind, objects in assets.items()}
    assert made == {**expected, "workflow_job_template_node": len(nodes) + len(links)}


def test_the_files_are_for_their_owner_alone(folder: Path) -> None:
    assert {oct(path.stat().st_mode)[-3:] for path in folder.iterdir()} == {"600"}
