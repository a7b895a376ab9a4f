# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a role hands from task to task, and the files of tasks that its hosts name."""

from __future__ import annotations

import pytest

from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet import sealed
from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet.groups import FleetError
from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet.task_files import take_task_files


def test_what_is_sealed_is_read_by_the_same_run_and_by_no_other(monkeypatch):
    members = {"web-1": {"password": "Secret-1", "force": False, "key_ids": ["k"]}}
    text = sealed.seal(members)
    assert text and "Secret" not in text and sealed.unseal(text) == members
    monkeypatch.setattr(sealed, "CIPHER", type(sealed.CIPHER)(sealed.Fernet.generate_key()))
    assert sealed.unseal(text) is None


def test_nothing_is_sealed_without_a_cipher_or_of_what_is_no_plain_data(monkeypatch):
    with pytest.raises(FleetError, match="a value that is not plain data"):
        sealed.seal({"a": object()})
    assert sealed.unseal(None) is None
    monkeypatch.setattr(sealed, "CIPHER", None)
    with pytest.raises(FleetError, match="pip install cryptography"):
        sealed.seal({"a": 1})


def test_a_file_of_tasks_is_the_one_beside_the_playbook_or_else_where_the_play_was_started(tmp_path):
    book, start = tmp_path / "book", tmp_path / "start"
    for folder, names in ((book, ["both.yml"]), (start, ["both.yml", "one.yml"])):
        folder.mkdir()
        for name in names:
            (folder / name).write_text("")
    members = {"a": {"before_tasks": "both.yml"}, "b": {"after_tasks": "one.yml", "force": True}}
    places = take_task_files(members, "rebuild_", [str(book), str(start)])
    assert places == {"both.yml": str(book / "both.yml"), "one.yml": str(start / "one.yml")}
    assert members == {"a": {}, "b": {"force": True}}


def test_a_file_of_tasks_that_is_nowhere_is_an_error_that_names_host_variable_and_folders(tmp_path):
    with pytest.raises(
        FleetError, match="host a: rebuild_health_tasks: there is no file 'x.yml', neither in"
    ):
        take_task_files({"a": {"health_tasks": "x.yml"}}, "rebuild_", [str(tmp_path), "/"])
