# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The report's page as text; tests/browser looks at it with a real browser."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings, strategies as st

from ansible_collections.reforge.cloud.plugins.plugin_utils.report.document import OUTCOMES, report_of
from ansible_collections.reforge.cloud.plugins.plugin_utils.report.page import json_for_script
from ansible_collections.reforge.cloud.plugins.plugin_utils.report.phases import PHASES
from ansible_collections.reforge.cloud.plugins.plugin_utils.report.rebuild_page import page, template
from browser.sample_report import EVIL, sample

NAMES = (EVIL, "<!-- <script>", "]]>", "\u2028\u2029", "caf\u00e9 \ud800", "{style}", "%s", "$data", "'\"`")
SCRIPT, STYLE = template().script, template().style
LEAVES = st.text() | st.integers() | st.none()


class Elements(HTMLParser):
    """Collects the elements of a page, and the text in each kind of them."""

    def __init__(self, text):
        super().__init__()
        self.found, self.texts, self.open = [], {}, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if self.open:
            self.texts.setdefault(self.open[-1], []).append(data)

    def of(self, tag):
        return [attributes for name, attributes in self.found if name == tag]


def data_of(text):
    """What the page carries."""
    return json.loads(Elements(text).texts["script"][0])


def test_the_page_carries_the_document():
    report = sample(25)
    assert data_of(page(report)) == report


@pytest.mark.parametrize("name", NAMES)
def test_no_name_gets_out_of_its_place(name):
    report = report_of(
        {name: {"instance_id": name, "message": name, "outcome": "failed"}}, 0.0, 1.0, run_id=name
    )
    found = Elements(page(report))
    assert [attributes.get("type") for attributes in found.of("script")] == ["application/json", None]
    assert not found.of("img") and data_of(page(report)) == report


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.one_of(st.sampled_from(NAMES), st.text(max_size=12)), min_size=8, max_size=8))
def test_whatever_a_provider_or_a_host_says_stays_text_in_the_page(texts):
    name, host, message, image, group, code, problem, command = texts
    row = {
        **sample(1)["hosts"].popitem()[1],
        "name": name,
        "message": message,
        "wanted": image,
        "group": group,
    }
    row["error"] = {"code": code, "message": problem, "request_id": name, "advice": message}
    report = report_of({host: row}, 0.0, 60.0, [], {}, name, [host], command, [problem])
    text = page(report)
    assert data_of(text) == json.loads(json.dumps(report))
    tags = [tag for tag, _attributes in Elements(text).found]
    assert tags == [tag for tag, _attributes in Elements(page(report_of({}, 0.0, 60.0, []))).found]


@given(st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_embedded_data_is_harmless_and_says_the_same(data):
    text = json_for_script(data)
    assert not set(text) & set("<>&\u2028\u2029") and text.isascii() and json.loads(text) == data


def test_the_same_report_makes_the_same_page():
    assert page(sample(30)) == page(json.loads(json.dumps(sample(30))))


def test_a_page_without_hosts_says_so():
    text = page(report_of({}, 0.0, 0.0))
    assert "<title>Rebuild report: no hosts</title>" in text and "<h1>Rebuild of 0 hosts</h1>" in text


def test_the_title_counts_the_outcomes():
    report = report_of({"a": {"instance_id": "i", "outcome": "<b>"}}, 0.0, 1.0)
    assert "<title>Rebuild report: 1 &lt;b&gt;</title>" in page(report)
    assert "<title>Rebuild report: 3 failed, 3 unknown, " in page(sample(60))


def test_only_the_pages_own_style_and_script_are_allowed():
    found = Elements(page(sample(3)))
    policy = next(
        tag["content"] for tag in found.of("meta") if tag.get("http-equiv") == "Content-Security-Policy"
    )
    hashes = [
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for text in (found.texts["style"][0], found.texts["script"][1])
    ]
    style, script = hashes
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; "
        "base-uri 'none'; form-action 'none'"
    )


def test_nothing_is_fetched_and_no_markup_is_made_from_text():
    text = page(sample(3))
    assert not re.search(r"https?:|//[a-z]|url\(|@import", re.sub(r"<script type.*?</script>", "", text))
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|\.on[a-z]+ =", SCRIPT
    )
    assert "</" not in SCRIPT + STYLE
    names = {name for _tag, attributes in Elements(text).found for name in attributes}
    assert not {name for name in names if name == "style" or name.startswith("on")}


def test_the_script_and_the_style_know_every_outcome_and_phase():
    known = re.search(r"OUTCOMES = new Map\(\[(.*?)\]\);", SCRIPT, re.DOTALL).group(1)
    assert tuple(re.findall(r'\["([a-z_ ]+)", \[', known)) == OUTCOMES
    assert all(f'["{phase}", ' in SCRIPT and f"i.{phase} " in STYLE for phase in PHASES)


def test_every_outcome_has_its_total_in_one_group():
    groups = re.search(r"TOTALS = \[(.*?)\n\];", SCRIPT, re.DOTALL).group(1)
    members = [
        name
        for group in re.findall(r"\[\"[^\"]+\", \[(.*?)\]\]", groups)
        for name in re.findall(r'"(.*?)"', group)
    ]
    assert sorted(members) == sorted(OUTCOMES)
