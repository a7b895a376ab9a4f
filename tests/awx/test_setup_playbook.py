# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The playbook of the kit, run with the modules of awx.awx: it makes the same objects as the asset file."""

from __future__ import annotations

import io
import json
import os
import runpy
import subprocess
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.testing import patch_module_args

from awx.fake import FakeController
from awx.jobs import BIN, ROOT, render_kit

MODULES = ROOT / ".build" / "awx-collection"
INPUTS = {
    "kit_ledger": {"host": "db.example.com", "username": "reforge", "password": "not-a-secret"},
    "kit_slices": 4,
    "kit_extra_vars": {"rebuild_max_instances": 50, "rebuild_key_ids": ["key-1"]},
}
# What only one of the two ways sends: AWX's own defaults, and fields that AWX derives.
DEFAULTS = (None, "", False, {}, "{}")
DIFFERENT = ("organization", "type")

pytestmark = pytest.mark.skipif(
    not (MODULES / "ansible_collections").exists(), reason="make awx fetches the collection awx.awx first"
)


class Loader(yaml.SafeLoader):
    """YAML with values that are no templates."""


def _plain(loader: yaml.SafeLoader, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    return loader.construct_object(yaml.ScalarNode("tag:yaml.org,2002:str", node.value))


Loader.add_constructor("!unsafe", _plain)


def by_playbook(playbook: Path) -> bool:
    """Run the playbook; whether it changed anything."""
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(MODULES), "ANSIBLE_PIPELINING": "1"}
    command = [str(BIN / "ansible-playbook"), "-i", "localhost,", str(playbook)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return "changed=0 " not in done.stdout


def in_process(playbook: Path) -> bool:
    """The same with each task's module run in this process, in a fortieth of the time."""
    (play,) = yaml.load(playbook.read_text("utf-8"), Loader=Loader)
    results = []
    for task in play["tasks"]:
        (name,) = [key for key in task if key.startswith("awx.awx.")]
        output = io.StringIO()
        with patch_module_args(task[name]), redirect_stdout(output), pytest.raises(SystemExit) as ended:
            runpy.run_module(
                f"ansible_collections.awx.awx.plugins.modules.{name.rpartition('.')[2]}", run_name="__main__"
            )
        assert ended.value.code == 0, f"{task['name']}: {output.getvalue()}"
        results.append(json.loads(output.getvalue())["changed"])
    return any(results)


# make awx-setup runs the playbook itself, which takes some minutes.
RUN = by_playbook if os.environ.get("AWX_SETUP") == "playbook" else in_process


def named(controller: FakeController) -> dict[str, Any]:
    """The objects by their names, with what they refer to by name, too, and what is attached to them."""
    names = {
        number: fields.get("name") or fields.get("identifier")
        for objects in controller.lists.values()
        for number, fields in objects.items()
    }
    found: dict[str, Any] = {}
    for kind, objects in controller.lists.items():
        for fields in objects.values():
            shown = {
                name: _value(name, value, names)
                for name, value in fields.items()
                if name not in DIFFERENT and value not in DEFAULTS
            }
            found[f"{kind} {fields.get('name') or fields.get('identifier')}"] = shown
    for path, value in controller.attached.items():
        kind, number, what = path.removeprefix("/api/v2/").strip("/").split("/")
        found[f"{kind} {names[int(number)]} {what}"] = (
            sorted(names[object_id] for object_id in value)
            if isinstance(value, list)
            else {name: part for name, part in value.items() if name not in ("id", "url", "type")}
        )
    return found


def _value(name: str, value: Any, names: dict[int, Any]) -> Any:
    if name in ("extra_vars", "source_vars") and isinstance(value, str):
        return json.loads(value)
    is_reference = isinstance(value, int) and not isinstance(value, bool) and value in names
    counts = ("timeout", "forks", "verbosity", "update_cache_timeout", "job_slice_count")
    return names[value] if is_reference and name not in counts else value


def test_the_modules_make_the_objects_of_the_asset_file_and_the_second_time_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(MODULES)
    by_import, by_modules = FakeController(), FakeController()
    assert by_import.load(render_kit(tmp_path, **INPUTS)) == []
    with by_modules.served() as address:
        monkeypatch.setenv("CONTROLLER_HOST", address)
        monkeypatch.setenv("CONTROLLER_OAUTH_TOKEN", "token")
        assert RUN(tmp_path / "setup.yml")
        assert not RUN(tmp_path / "setup.yml")
    assert named(by_modules) == named(by_import)
