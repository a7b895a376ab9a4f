# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A page of HTML that shows hosts and needs nothing besides itself, and may do nothing besides showing
them.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import html
import json
from pathlib import Path
from string import Template
from typing import Any

# Within a script element only these could end it, or begin a comment that hides its end. JSON takes them as
# escapes.
ESCAPES = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def asset(*names: str) -> str:
    """The text of files that lie beside this one, one after the other."""
    return "".join(Path(__file__).with_name(name).read_text(encoding="utf-8") for name in names)


@dataclasses.dataclass(frozen=True)
class PageTemplate:
    """What makes one kind of page: the words around the hosts, and its style and script.

    Nothing of it is data.
    """

    style: str
    script: str
    columns: str
    totals: str
    again: str
    placeholder: str
    nothing: str
    legend: str = ""

    @property
    def policy(self) -> str:
        """Nothing may be fetched, sent or embedded, and only the page's own style and script have an
        effect.
        """
        sources = f"style-src {_hash(self.style)}; script-src {_hash(self.script)}"
        return f"default-src 'none'; {sources}; base-uri 'none'; form-action 'none'"


def render(template: PageTemplate, title: str, heading: str, data: Any) -> str:
    """The page with the data in it.

    ``title`` and ``heading`` may hold any text. The same input makes the same page.
    """
    return Template(asset("page.html")).substitute(
        dataclasses.asdict(template),
        policy=template.policy,
        title=html.escape(title),
        heading=html.escape(heading),
        data=json_for_script(data),
    )


def json_for_script(data: Any) -> str:
    """JSON that is nothing but text within a script element, whatever is in it. It is ASCII."""
    return json.dumps(data, separators=(",", ":"), allow_nan=False).translate(ESCAPES)


def title_of(subject: str, report: Any) -> str:
    """The title of a page: what it is about, and how many hosts came to what."""
    counts = ", ".join(f"{count} {outcome}" for outcome, count in report["counts"].items())
    return f"{subject}: {counts or 'no hosts'}"


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
