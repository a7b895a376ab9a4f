# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The tests that the guide of the histories names are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent
TITLES = ("## The histories that were wrong once", "## What a call promises besides")


def named(title):
    """The tests in the last column of the table under a title."""
    guide = (TESTS / "histories" / "README.md").read_text(encoding="utf-8")
    section = guide[guide.index(title) + len(title) :].partition("\n## ")[0]
    cells = [line.rstrip(" |").rpartition("| ")[2] for line in section.splitlines() if line.startswith("| ")]
    return [name.strip() for cell in cells[1:] for name in cell.split(";")]


@pytest.mark.parametrize("title", TITLES)
def test_each_test_that_the_guide_names_is_there(title):
    files = [path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py")]
    there = set(re.findall(r"^def test_(\w+)", "\n".join(files), re.MULTILINE))
    assert len(named(title)) >= 14
    assert [name for name in named(title) if name.replace(" ", "_") not in there] == []
