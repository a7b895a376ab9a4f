# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The report as one page of HTML that needs nothing besides itself, and may do nothing besides showing it."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.reforge.cloud.plugins.plugin_utils.report_script import SCRIPT
from ansible_collections.reforge.cloud.plugins.plugin_utils.report_style import STYLE

# Within a script element only these could end it, or begin a comment that hides its end. JSON takes them as escapes.
ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}

PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<a class="skip" href="#search">Go to the hosts</a>
<header>
<h1>{heading}</h1>
<dl id="facts"></dl>
</header>
<noscript><p>This page needs JavaScript to show the hosts. The JSON document beside it has the same data.</p></noscript>
<main hidden>
<div id="totals" role="group" aria-label="Show the hosts by outcome"></div>
<section id="again" aria-labelledby="again-title" hidden>
<h2 id="again-title">Run again what is not done</h2>
<div class="line">
<pre tabindex="0" aria-labelledby="again-title"><code id="command"></code></pre>
<button type="button" id="copy">Copy</button>
<span id="copied" role="status"></span>
</div>
</section>
<section aria-labelledby="hosts-title">
<h2 id="hosts-title" class="unseen">Hosts</h2>
<div class="tools">
<label for="search">Search</label>
<input id="search" type="search" autocomplete="off" spellcheck="false"
  placeholder="host, group, code, image, request id">
<p id="count" role="status" aria-live="polite"></p>
<ul class="legend" aria-label="Phases">
<li><i class="queued"></i>Queued</li>
<li><i class="stop"></i>Stop</li>
<li><i class="install"></i>Install</li>
<li><i class="boot"></i>Boot</li>
<li><i class="ssh"></i>SSH</li>
<li><i class="install ends bad"></i>Ended badly</li>
</ul>
</div>
<table role="table" aria-labelledby="hosts-title">
<thead role="rowgroup">
<tr role="row">
<th role="columnheader" scope="col" class="name" data-key="host" aria-sort="none">\
<button type="button">Host</button></th>
<th role="columnheader" scope="col" class="group" data-key="group" aria-sort="none">\
<button type="button">Group</button></th>
<th role="columnheader" scope="col" class="outcome" data-key="outcome" aria-sort="none">\
<button type="button">Outcome</button></th>
<th role="columnheader" scope="col" class="began number" data-key="began" aria-sort="none">\
<button type="button">Began</button></th>
<th role="columnheader" scope="col" class="seconds number" data-key="seconds" aria-sort="none">\
<button type="button">Time</button></th>
<th role="columnheader" scope="col" class="time"><span class="unseen">Phases</span>\
<div id="axis" aria-hidden="true"></div></th>
</tr>
</thead>
<tbody role="rowgroup" id="rows"></tbody>
</table>
<p id="nothing" hidden>No host fits the search and the outcome.</p>
</section>
</main>
<script type="application/json" id="report">{data}</script>
<script>{script}</script>
</body>
</html>
"""


def page(report: Mapping[str, Any]) -> str:
    """The page of a report, in the form that is told in ``report.py``. The same report makes the same page."""
    counts = ", ".join(f"{count} {outcome}" for outcome, count in report["counts"].items()) or "no hosts"
    number = len(report["hosts"])
    return PAGE.format(
        policy=_policy(),
        title=html.escape(f"Rebuild report: {counts}"),
        heading=f"Rebuild of {number} host{'' if number == 1 else 's'}",
        style=STYLE,
        data=inert(report),
        script=SCRIPT,
    )


def inert(data: Any) -> str:
    """JSON that is nothing but text within a script element, whatever is in it. It is ASCII."""
    return json.dumps(data, separators=(",", ":"), allow_nan=False).translate(ESCAPES)


def _policy() -> str:
    """Nothing may be fetched, sent or embedded, and only our own style and script have an effect."""
    allowed = f"style-src {_hash(STYLE)}; script-src {_hash(SCRIPT)}"
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
