# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The report on drift as a page: a row for each host, with the image that it runs and the one that it should."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .drift_script import SCRIPT
from .page import Column, Look, render
from .style import STYLE

COLUMNS = (
    Column("host", "Host", "name"),
    Column("group", "Group", "group"),
    Column("outcome", "State", "outcome"),
    Column("now", "Image now", "now"),
    Column("wanted", "Image wanted", "wanted"),
    Column("age", "Last reset", "age", number=True),
)
PLACES = """
tr {
  grid-template: "name group outcome now wanted age" auto
    / minmax(9rem, 3fr) minmax(7rem, 3fr) 9.5rem minmax(8rem, 4fr) minmax(8rem, 4fr) 5.5rem;
}
.now { grid-area: now; } .wanted { grid-area: wanted; } .age { grid-area: age; }
.host .now, .host .wanted { overflow-wrap: anywhere; }
.host .wanted { color: var(--soft); }
.host .now .why { white-space: normal; }

@media screen and (max-width: 52rem) {
  tr { grid-template: "name outcome" auto "now now" auto "wanted wanted" auto "group age" auto / 1fr auto; }
  .host .now:not(:has(.why))::before { content: "now "; color: var(--soft); }
  .host .wanted::before { content: "wanted "; }
}
@media print {
  tr { grid-template-columns: 2fr 2fr 8.5rem 3fr 3fr 4.5rem; }
}
"""
LOOK = Look(
    style=STYLE + PLACES,
    script=SCRIPT,
    columns="".join(column.head for column in COLUMNS),
    totals="Show the hosts by state",
    again="Plan the rebuild of what drifted",
    placeholder="host, group, state, image, tag, code",
    nothing="No host fits the search and the state.",
)


def page(report: Mapping[str, Any]) -> str:
    """The page of a report, in the form that is told in ``drift.py``. The same report makes the same page."""
    counts = ", ".join(f"{count} {state}" for state, count in report["counts"].items()) or "no hosts"
    number = len(report["hosts"])
    heading = f"Images of {number} host{'' if number == 1 else 's'}"
    return render(LOOK, f"Image drift: {counts}", heading, report)
