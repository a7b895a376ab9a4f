# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The page of a report on drift in a real browser: what it does not share with the page of a rebuild."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.reforge.cloud.plugins.plugin_utils.report.drift_page import page
from browser.chromium import Chromium, complaints
from browser.sample_drift import NEW, OLD, sample
from browser.sample_report import EVIL

CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")
SHOWN = "[...document.querySelectorAll('tr.host')].filter((row) => row.getClientRects().length)"
HOSTS = f"{SHOWN}.map((row) => row.querySelector('button').textContent)"
STATES = f"{SHOWN}.map((row) => row.querySelector('.badge').lastChild.textContent)"
CELLS = {"host": "name"}
UNKNOWN = "\u2013"
OPEN_ALL = "document.querySelectorAll('.host button').forEach((button) => button.click())"
DETAILS = "[...document.querySelectorAll('tr.details')].map((row) => row.innerText)"


@pytest.fixture(name="browser")
def new_browser(chromium: Chromium, tmp_path: Path) -> Chromium:
    """The page of 60 hosts, just opened."""
    (tmp_path / "drift.html").write_text(page(sample(60, EVIL, "__proto__")), encoding="utf-8")
    chromium.look()
    chromium.open((tmp_path / "drift.html").as_uri())
    return chromium


def test_hosts_are_there_by_what_needs_attention_and_names_are_text(browser: Chromium) -> None:
    states = browser.run(STATES)
    assert len(states) == 60 and states[:3] == ["not readable"] * 3 and states[-1] == "wanted"
    assert {EVIL, "__proto__"} <= set(browser.run(HOSTS)) and complaints(browser) == []
    assert browser.run("[window.broken === undefined, document.images.length, document.scripts.length]") == [
        True,
        0,
        2,
    ]


@pytest.mark.parametrize(
    "words, count", [(OLD, 6), ("drifted hongkong", 2), ("secretidnotfound", 3), ("role=edge-0004", 1)]
)
def test_the_search_finds_images_states_codes_and_tags(browser: Chromium, words: str, count: int) -> None:
    browser.run("document.getElementById('search').focus()")
    browser.type(words)
    assert len(browser.run(HOSTS)) == count


@pytest.mark.parametrize("key", ["host", "group", "outcome", "now", "wanted", "age"])
def test_a_column_sorts_both_ways(browser: Chromium, key: str) -> None:
    values = (
        f"{SHOWN}.map((row) => row.querySelector('.{CELLS.get(key, key)}:not(:has(.why))')).filter(Boolean)"
    )
    values += ".map((cell) => cell.textContent)"
    seen = []
    for _direction in range(2):
        browser.run(f"document.querySelector('th[data-key={key}] button').click()")
        seen.append([value for value in browser.run(values) if value != UNKNOWN])
    assert seen[0] == list(reversed(seen[1]))


def test_details_tell_the_images_and_what_the_provider_said(browser: Chromium) -> None:
    browser.run(OPEN_ALL)
    details = browser.run(DETAILS)
    assert len(details) == 60 and "still enabled" in details[0] and "3c140219" in details[0]
    drifted = next(text for text in details if f"{OLD} (Debian 12)" in text)
    assert f"it runs {OLD}, not {NEW}" in drifted and NEW in drifted


@pytest.mark.parametrize("scheme, width", [("light", 1280), ("dark", 1280), ("light", 320)])
def test_everything_can_be_read_and_fits_the_screen(browser: Chromium, scheme: str, width: int) -> None:
    browser.look(scheme, width=width)
    browser.run(OPEN_ALL)
    measured = browser.run(CONTRAST)
    assert len(measured) > 300 and [contrast for contrast in measured if contrast[0] < 4.5] == []
    wide = browser.run("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide[0] <= wide[1]
