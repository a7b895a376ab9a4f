# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A page of HTML that shows hosts and needs nothing besides itself, and may do nothing besides showing them."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from dataclasses import dataclass
from typing import Any

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
<div id="totals" role="group" aria-label="{totals}"></div>
<section id="again" aria-labelledby="again-title" hidden>
<h2 id="again-title">{again}</h2>
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
  placeholder="{placeholder}">
<p id="count" role="status" aria-live="polite"></p>
{legend}</div>
<table role="table" aria-labelledby="hosts-title">
<thead role="rowgroup">
<tr role="row">
{columns}</tr>
</thead>
<tbody role="rowgroup" id="rows"></tbody>
</table>
<p id="nothing" hidden>{nothing}</p>
</section>
</main>
<script type="application/json" id="report">{data}</script>
<script>{script}</script>
</body>
</html>
"""


@dataclass(frozen=True)
class Column:
    """A column that can be sorted by ``key``, a name that the page's script knows; its place is said in the style."""

    key: str
    label: str
    style: str
    number: bool = False

    @property
    def head(self) -> str:
        """The cell at the head of the column."""
        classes = f"{self.style} number" if self.number else self.style
        return (
            f'<th role="columnheader" scope="col" class="{classes}" data-key="{self.key}" aria-sort="none">'
            f'<button type="button">{self.label}</button></th>\n'
        )


@dataclass(frozen=True)
class Look:
    """What makes one kind of page: the words around the hosts, and its style and script. Nothing of it is data."""

    style: str
    script: str
    columns: str
    totals: str
    again: str
    placeholder: str
    nothing: str
    legend: str = ""


def render(look: Look, title: str, heading: str, data: Any) -> str:
    """The page with the data in it. ``title`` and ``heading`` may hold any text. The same input makes the same page."""
    return PAGE.format(
        policy=_policy(look),
        title=html.escape(title),
        heading=html.escape(heading),
        data=inert(data),
        **{name: getattr(look, name) for name in look.__dataclass_fields__},
    )


def inert(data: Any) -> str:
    """JSON that is nothing but text within a script element, whatever is in it. It is ASCII."""
    return json.dumps(data, separators=(",", ":"), allow_nan=False).translate(ESCAPES)


def _policy(look: Look) -> str:
    """Nothing may be fetched, sent or embedded, and only our own style and script have an effect."""
    allowed = f"style-src {_hash(look.style)}; script-src {_hash(look.script)}"
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
