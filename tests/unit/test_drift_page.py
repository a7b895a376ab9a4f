# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The page of a report on drift as text; tests/browser opens it with a real browser."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from ansible_collections.reforge.cloud.plugins.plugin_utils.report.drift import STATES
from ansible_collections.reforge.cloud.plugins.plugin_utils.report.drift_page import page, template
from browser.sample_drift import sample
from browser.sample_report import EVIL

NAMES = (EVIL, "<!-- <script>", "]]>", "\u2028", "{style}", "%s", "'\"`", "{{ 7 * 7 }}", "$data", "\x1b[2J")
SCRIPT = template().script


class Scripts(HTMLParser):
    """The text of each script element, and the names of all elements."""

    def __init__(self, text):
        super().__init__()
        self.texts, self.tags = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        if self.tags and self.tags[-1] == "script" and data.strip():
            self.texts.append(data)


@pytest.mark.parametrize("name", NAMES)
def test_no_name_gets_out_of_its_place(name):
    found = Scripts(page(sample(3, name)))
    assert found.tags.count("script") == 2 and "img" not in found.tags
    assert json.loads(found.texts[0]) == sample(3, name) and name in json.loads(found.texts[0])["hosts"]


def test_the_title_counts_the_states():
    assert "<title>Image drift: 3 not readable, " in page(
        sample(60)
    ) and "<h1>Images of 60 hosts</h1>" in page(sample(60))
    assert "<title>Image drift: no hosts</title>" in page(sample(0))


def test_the_script_knows_every_state_in_its_order_and_every_column():
    known = re.search(r"OUTCOMES = new Map\(\[(.*?)\]\);", SCRIPT, re.DOTALL).group(1)
    assert tuple(re.findall(r'\["([a-z ]+)", \[', known)) == STATES
    columns = re.findall(r'data-key="(\w+)"', template().columns)
    assert columns[:3] == ["host", "group", "outcome"] and len(columns) == 6
    assert all(f'case "{key}"' in SCRIPT for key in columns[:3])
    assert all(f"{key}: (row) =>" in SCRIPT for key in columns[3:])


def test_no_markup_is_made_from_text():
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|\.on[a-z]+ =", SCRIPT
    )
