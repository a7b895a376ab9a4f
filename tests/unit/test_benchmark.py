# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How the benchmark reckons, without measuring anything."""

from __future__ import annotations

import pytest

from benchmark.figures import Figure, table
from benchmark.playing import Played, Process


@pytest.mark.parametrize(
    "spans, share",
    [
        ([], 1.0),
        ([(0, 10)], 0.0),
        ([(2, 4), (6, 7)], 0.7),
        ([(2, 6), (3, 4), (5, 7)], 0.5),
        ([(5, 7), (2, 6)], 0.5),
    ],
    ids=["none", "all", "apart", "side-by-side", "in-any-order"],
)
def test_the_own_share_is_the_time_in_which_no_module_runs(spans, share):
    processes = [Process("reset", 1000.0 + began, 1000.0 + ended, 0.1) for began, ended in spans]
    assert Played(0, "", 10.0, 1.0, 1, 1, processes).own_share == pytest.approx(share)


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
