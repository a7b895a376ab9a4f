# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The report of a rebuild as a page: a row for each host, with its phases on one axis of time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .page import Column, Look, render
from .rebuild_script import SCRIPT
from .style import STYLE

COLUMNS = (
    Column("host", "Host", "name"),
    Column("group", "Group", "group"),
    Column("outcome", "Outcome", "outcome"),
    Column("began", "Began", "began", number=True),
    Column("seconds", "Time", "seconds", number=True),
)
AXIS = """\
<th role="columnheader" scope="col" class="time"><span class="unseen">Phases</span>\
<div id="axis" aria-hidden="true"></div></th>
"""
LEGEND = """\
<ul class="legend" aria-label="Phases">
<li><i class="queued"></i>Queued</li>
<li><i class="stop"></i>Stop</li>
<li><i class="install"></i>Install</li>
<li><i class="boot"></i>Boot</li>
<li><i class="ssh"></i>SSH</li>
<li><i class="install ends bad"></i>Ended badly</li>
</ul>
"""
LOOK = Look(
    style=STYLE,
    script=SCRIPT,
    columns="".join(column.head for column in COLUMNS) + AXIS,
    totals="Show the hosts by outcome",
    again="Run again what is not done",
    placeholder="host, group, code, image, request id",
    nothing="No host fits the search and the outcome.",
    legend=LEGEND,
)


def page(report: Mapping[str, Any]) -> str:
    """The page of a report, in the form that is told in ``report.py``. The same report makes the same page."""
    counts = ", ".join(f"{count} {outcome}" for outcome, count in report["counts"].items()) or "no hosts"
    number = len(report["hosts"])
    heading = f"Rebuild of {number} host{'' if number == 1 else 's'}"
    return render(LOOK, f"Rebuild report: {counts}", heading, report)
