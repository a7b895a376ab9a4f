# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The guides for contributors name files, folders and targets that are there."""

from __future__ import annotations

import re

import pytest

from tools.readme_tables import ROOT

GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
TESTS = (ROOT / "tests" / "README.md").read_text(encoding="utf-8")
LAYERS = ("commands", "act", "decide", "api", "providers", "core")
# What a path in the guides may be relative to.
FOLDERS = (ROOT, ROOT / "plugins" / "module_utils", ROOT / "tests")


def paths(text):
    """The files that a text names, without those that stand for several."""
    found = re.findall(r"`([\w./]+/[\w./]+\.(?:py|md|yml|html))`", text)
    return sorted(path for path in set(found) if "NAME" not in path)


def section(heading):
    return GUIDE.split(f"## {heading}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize("path", paths(GUIDE + TESTS))
def test_every_file_that_a_guide_names_is_there(path):
    assert any((folder / path).is_file() for folder in FOLDERS), f"{path} was moved: say where in the guide"


def test_the_picture_shows_every_layer():
    folders = {path.name for path in (ROOT / "plugins" / "module_utils").iterdir() if path.is_dir()}
    assert folders - {"__pycache__"} == set(LAYERS)
    assert [layer for layer in LAYERS if layer not in section("The layers")] == []


def test_the_walk_of_an_option_to_the_wire_takes_less_than_twelve_files():
    steps = re.findall(r"^\d+\. `([^`]+)`", section("The path of one call"), re.MULTILINE)
    assert 6 < len(steps) < 12 and all((ROOT / step).is_file() for step in steps)


def test_each_question_is_answered_by_two_files_at_most():
    rows = [line for line in section("The layers").splitlines() if line.startswith("| ")][2:]
    assert len(rows) > 5 and [row for row in rows if not 1 <= len(paths(row)) <= 2] == []
