# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The report of a rebuild as a page: a row for each host, with its phases on one axis of time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..text.words import counted
from .page import PageTemplate, asset, render, title_of


def template() -> PageTemplate:
    """What a page of a rebuild has in common with all others of its kind."""
    return PageTemplate(
        style=asset("page.css", "rebuild.css"),
        script=asset("page.js", "rebuild.js"),
        columns=asset("rebuild_columns.html"),
        legend=asset("rebuild_legend.html"),
        totals="Filter the hosts by outcome",
        again="Continue with the remaining hosts",
        placeholder="host, group, code, image, request ID",
        nothing="No host matches the search and the outcome.",
    )


def page(report: Mapping[str, Any]) -> str:
    """The page of a report in the form of ``document.py``. The same report makes the same page."""
    heading = f"Rebuild of {counted(len(report['hosts']), 'host')}"
    return render(template(), title_of("Rebuild report", report), heading, report)
