# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The report on drift as a page: a row for each host, with the image that it runs and the one that it
should.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..text.words import counted
from .page import PageTemplate, asset, render, title_of


def template() -> PageTemplate:
    """What a page on drift has in common with all others of its kind."""
    return PageTemplate(
        style=asset("page.css", "drift.css"),
        script=asset("page.js", "drift.js"),
        columns=asset("drift_columns.html"),
        totals="Filter the hosts by state",
        again="Plan the rebuild of the drifted hosts",
        placeholder="host, group, state, image, tag, code",
        nothing="No host matches the search and the state.",
    )


def page(report: Mapping[str, Any]) -> str:
    """The page of a report in the form of ``drift.py``. The same report makes the same page."""
    heading = f"Images of {counted(len(report['hosts']), 'host')}"
    return render(template(), title_of("Image drift", report), heading, report)
