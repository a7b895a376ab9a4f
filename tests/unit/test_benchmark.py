# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How the benchmark reckons, without measuring anything."""

from __future__ import annotations

import subprocess
import sys

import pytest

from benchmark.figures import HEADINGS, Figure, Row, table
from benchmark.process_tree import watched


@pytest.mark.parametrize(
    "figure, shown",
    [
        (Figure("a", 2.345, "x"), "2.3 x"),
        (Figure("a", 35.2, "x"), "35 x"),
        (Figure("a", 0.974, "%"), "97%"),
        (Figure("a", 1.25, "s"), "1.2 s"),
        (Figure("a", 1000), "1,000"),
        (Figure("a", 5), "5"),
    ],
)
def test_a_figure_is_shown_with_as_many_digits_as_it_deserves(figure, shown):
    assert figure.shown == shown


def test_a_table_has_its_headings_and_aligned_columns():
    assert table([("CASE", "VALUE"), ("a", "1 x")]).splitlines() == [
        "CASE  VALUE",
        "----  -----",
        "a     1 x",
    ]


def test_a_row_says_what_was_measured_and_leaves_out_what_was_not():
    row = Row("module", 12.34, "14 s", None, 111, 3.21, 98.7)
    assert dict(zip(HEADINGS, row.cells)) == {
        "WORK": "module",
        "TIME": "12.3 s",
        "GOAL": "14 s",
        "FLOOR": "",
        "REQUESTS": "111",
        "CPU": "3.2 s",
        "MEMORY": "99 MB",
    }


def test_the_memory_of_processes_is_watched_with_those_that_they_start():
    program = "import time; kept = bytearray(60_000_000); time.sleep(1)"
    nested = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {program!r}])"
    with watched() as peak:
        subprocess.run([sys.executable, "-c", nested], check=True)
    assert 55 < peak.megabytes < 120
