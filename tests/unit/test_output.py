# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The files that a play leaves."""

from __future__ import annotations

import json
import os

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.reforge.cloud.plugins.plugin_utils.report.files import (
    check_file,
    leave_limit,
    leave_report,
    report_files,
    write,
)


@pytest.mark.parametrize("value", [None, ""])
def test_no_name_is_no_file(value):
    assert check_file("report_file", value) == ""


def test_a_name_can_be_in_the_home_folder_or_here(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert check_file("report_file", "~/drift.html") == f"{tmp_path}/drift.html"
    assert check_file("report_file", "drift.html") == "drift.html"


@pytest.mark.parametrize(
    "value, reason",
    [
        (True, "True is not a file name"),
        (["a"], "['a'] is not a file name"),
        ("missing/a", "no folder"),
        (".", "is a folder"),
    ],
)
def test_what_cannot_be_a_file_is_refused_with_option_and_value(value, reason):
    with pytest.raises(AnsibleActionFail, match="^report_file: ") as caught:
        check_file("report_file", value)
    assert reason in str(caught.value) and repr(value) in str(caught.value)


def test_a_place_that_may_not_be_written_to_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write everywhere
    with pytest.raises(AnsibleActionFail, match="no permission"):
        check_file("report_file", str(tmp_path / "drift.html"))


def test_a_page_has_its_data_beside_it_and_other_names_are_data_alone(tmp_path):
    page, data = tmp_path / "drift.html", tmp_path / "drift.json"
    leave_report("report_file", str(page), {"a": "b"}, lambda report: f"<p>{report['a']}")
    assert page.read_text() == "<p>b" and json.loads(data.read_text()) == {"a": "b"}
    assert report_files(str(page)) == [str(page), str(data)] and report_files("drift.txt") == ["drift.txt"]


def test_a_limit_file_of_nobody_is_taken_away(tmp_path):
    path = tmp_path / "drift.limit"
    for hosts, left in ((["a", "b"], "a\nb\n"), (["c"], "c\n")):
        leave_limit("report_limit_file", str(path), hosts)
        assert path.read_text() == left
    leave_limit("report_limit_file", str(path), [])
    leave_limit("report_limit_file", str(path), [])
    assert not path.exists()


def test_a_file_that_cannot_be_written_is_named_with_its_option(tmp_path):
    with pytest.raises(AnsibleActionFail, match="report_file: '.*' cannot be written: Is a directory"):
        write("report_file", str(tmp_path), "text")


def test_a_name_that_is_a_pattern_is_not_in_a_limit_file(tmp_path):
    path = tmp_path / "drift.limit"
    leave_limit("report_limit_file", str(path), ["!db", "web-1", "web*"])
    assert path.read_text() == "web-1\n"
    leave_limit("report_limit_file", str(path), ["!db"])
    assert not path.exists()


def test_what_others_have_written_into_a_limit_file_stays_as_it_is(tmp_path):
    path = tmp_path / "drift.limit"
    leave_limit("report_limit_file", str(path), ["web-1"], ["db", "web:&stage", "!old*"])
    assert path.read_text() == "web-1\ndb\nweb:&stage\n!old*\n"
