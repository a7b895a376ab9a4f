# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The page of a rebuild's report in a real browser, opened as a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.reforge.cloud.plugins.plugin_utils.report.document import report_of
from ansible_collections.reforge.cloud.plugins.plugin_utils.report.rebuild_page import page
from browser.chromium import Chromium, complaints
from browser.sample_report import EVIL, sample

CONTRAST, TIMING = (
    Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("contrast.js", "timing.js")
)
PLAIN_TEXT = 4.5  # WCAG 2, AA
HOSTS = 60
SHOWN = "[...document.querySelectorAll('tr.host')].filter((row) => row.getClientRects().length)"
FIRST_CELLS = f"{SHOWN}.map((row) => row.querySelector('button').textContent)"
DETAILS = "[...document.querySelectorAll('tr.details')].map((row) => row.innerText)"
OPEN_ALL = "document.querySelectorAll('.host button').forEach((button) => button.click())"
CELLS = {"host": "name"}
UNKNOWN = "\u2013"
FOCUS = "document.activeElement.textContent || document.activeElement.id"


@pytest.fixture(scope="module", name="files")
def new_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Pages by name, as file addresses."""
    folder = tmp_path_factory.mktemp("pages")
    row = {"instance_id": "i-1", "outcome": "reset", "message": "done"}
    pages = {
        "small": sample(HOSTS, EVIL, "__proto__", "12"),
        "big": sample(2000),
        "empty": report_of({}, 0.0, 0.0),
        "one": report_of({"web": row}, 0.0, 5.0, run_id=EVIL, command=EVIL),
    }
    for name, report in pages.items():
        (folder / f"{name}.html").write_text(page(report), encoding="utf-8")
    return {name: (folder / f"{name}.html").as_uri() for name in pages}


@pytest.fixture(name="browser")
def new_browser(chromium: Chromium, files: dict[str, str]) -> Chromium:
    """The page of the small fleet, just opened."""
    chromium.look()
    chromium.open(files["small"])
    return chromium


def tab_to(browser: Chromium, text: str) -> None:
    """Press Tab until something with this text, or this id, has the focus."""
    for _count in range(40):
        browser.press("Tab")
        if browser.run(FOCUS) == text:
            return
    pytest.fail(f"the keyboard does not reach {text}")


def order(browser: Chromium) -> dict[str, str]:
    """aria-sort of each column that can be sorted by."""
    return browser.run(
        "Object.fromEntries([...document.querySelectorAll('th[data-key]')]"
        ".map((head) => [head.dataset.key, head.getAttribute('aria-sort')]))"
    )


@pytest.mark.parametrize("name", ["small", "big", "empty", "one"])
def test_the_page_asks_for_nothing_and_complains_of_nothing(
    chromium: Chromium, files: dict[str, str], name: str
) -> None:
    chromium.look()
    chromium.open(files[name])
    asked = [event["request"]["url"] for event in chromium.events("Network.requestWillBeSent")]
    assert asked == [files[name]] and complaints(chromium) == []


def test_the_policy_stops_what_is_not_the_pages_own(browser: Chromium) -> None:
    for tag, more in (
        ("script", "{textContent: 'window.broken = 3'}"),
        ("img", "{src: 'http://127.0.0.1:9/x'}"),
    ):
        browser.run(f"document.body.append(Object.assign(document.createElement('{tag}'), {more}))")
    assert browser.run("window.broken") is None and len(complaints(browser)) == 2


def test_names_are_text_whatever_is_in_them(browser: Chromium) -> None:
    assert {EVIL, "__proto__", "12"} <= set(browser.run(FIRST_CELLS))
    assert browser.run("[window.broken === undefined, document.images.length, document.scripts.length]") == [
        True,
        0,
        2,
    ]


def test_the_command_and_the_name_of_the_run_are_text_too(chromium: Chromium, files: dict[str, str]) -> None:
    chromium.open(files["one"])
    assert chromium.run("document.getElementById('command').textContent") == EVIL
    assert chromium.run("window.broken === undefined && document.images.length === 0") is True


def test_all_hosts_are_there_with_their_phases_and_the_totals(browser: Chromium) -> None:
    assert browser.run(f"{SHOWN}.length") == HOSTS
    label = browser.run("document.querySelector('tr.host.good .track').getAttribute('aria-label')")
    assert [part.split()[0] for part in label.split(", ")] == ["Queued", "Stop", "Install", "Boot", "SSH"]
    totals = "[...document.querySelectorAll('.total b')].map((one) => one.innerText)"
    assert browser.run(totals) == ["60", "3", "3", "3", "3", "3", "42", "3"]


def test_nothing_moves_while_the_page_is_loading(browser: Chromium) -> None:
    shifts = "new Promise((done) => { new PerformanceObserver("
    shifts += "(list) => done(list.getEntries().map((entry) => entry.value)))"
    shifts += ".observe({type: 'layout-shift', buffered: true}); setTimeout(() => done([]), 300); })"
    assert sum(browser.run(shifts)) == 0


def test_the_search_narrows_the_rows_and_says_how_many(browser: Chromium) -> None:
    browser.run("document.getElementById('search').focus()")
    browser.type("reinstall_failed TOKYO")
    assert browser.run(f"{SHOWN}.length") == 1
    assert browser.run("document.getElementById('count').textContent") == "1 of 60 hosts"
    browser.type(" nothing like it")
    assert browser.run(f"{SHOWN}.length") == 0
    assert browser.run("document.getElementById('nothing').getClientRects().length") == 1


def test_an_outcome_is_chosen_by_its_total(browser: Chromium) -> None:
    chosen = "[...document.querySelectorAll('.total[aria-pressed=true]')].map((one) => one.dataset.outcome)"
    press = "document.querySelector('.total[data-outcome=failed]').click()"
    assert browser.run(chosen) == [""]
    browser.run(press)
    assert (browser.run(chosen), browser.run(f"{SHOWN}.length")) == (["failed"], 3)
    browser.run(press)
    assert (browser.run(chosen), browser.run(f"{SHOWN}.length")) == ([""], HOSTS)


def test_an_outcome_that_did_not_happen_cannot_be_chosen(chromium: Chromium, files: dict[str, str]) -> None:
    chromium.open(files["one"])
    assert chromium.run("document.querySelector('.total[data-outcome=failed]').disabled") is True


@pytest.mark.parametrize("key", ["host", "group", "outcome", "began", "seconds"])
def test_a_column_sorts_both_ways_and_says_so(browser: Chromium, key: str) -> None:
    press = f"document.querySelector('th[data-key={key}] button').click()"
    values = f"{SHOWN}.map((row) => row.querySelector('.{CELLS.get(key, key)}').textContent)"
    seen = []
    if key != "outcome":
        browser.run(press)
    for direction in ("ascending", "descending"):
        assert order(browser) == {name: direction if name == key else "none" for name in order(browser)}
        assert browser.run(FIRST_CELLS) == browser.run("items.map((item) => item.host)")
        seen.append([value for value in browser.run(values) if value != UNKNOWN])
        browser.run(press)
    assert seen[0] == list(reversed(seen[1])) and seen[0] != seen[1]


def test_names_are_sorted_as_people_count_and_unknown_times_come_last(browser: Chromium) -> None:
    browser.run("document.querySelector('th[data-key=host] button').click()")
    names = [name for name in browser.run(FIRST_CELLS) if name.endswith(".net")]
    assert names == sorted(names)
    for _direction in range(2):
        browser.run("document.querySelector('th[data-key=seconds] button').click()")
        assert browser.run(
            f"{SHOWN}.slice(-6).every((row) => row.querySelector('.seconds').textContent === '\\u2013')"
        )


def test_the_keyboard_alone_opens_and_closes_details(browser: Chromium) -> None:
    host = browser.run(f"{FIRST_CELLS}[0]")
    tab_to(browser, host)
    assert browser.run("document.activeElement.matches(':focus-visible')") is True
    assert browser.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    browser.press("Enter")
    details = browser.run(DETAILS)
    assert len(details) == 1 and browser.run("document.activeElement.getAttribute('aria-expanded')") == "true"
    assert all(word in details[0] for word in ("REINSTALL_FAILED", "vendor's support", "disk-", "-5f0c-"))
    browser.press("Escape")
    assert browser.run(DETAILS) == [] and browser.run(FOCUS) == host
    browser.press("Space")
    assert len(browser.run(DETAILS)) == 1


def test_the_keyboard_alone_sorts_searches_and_filters(browser: Chromium) -> None:
    tab_to(browser, "search")
    browser.type("tencent_cvm")
    tab_to(browser, "Host")
    browser.press("Enter")
    assert order(browser)["host"] == "ascending" and browser.run(FOCUS) == "Host"
    browser.run("document.body.focus()")
    assert browser.run(f"{SHOWN}.length") == 20
    while not browser.run("document.activeElement.dataset.outcome === 'failed'"):
        browser.press("Tab", shift=True)
    browser.press("Space")
    assert browser.run(f"{SHOWN}.length") == 1


def test_details_tell_the_image_before_and_after_and_the_proof(browser: Chromium) -> None:
    browser.run("document.querySelector('tr.host.good').click()")
    text = browser.run(DETAILS)[0]
    assert "debian12_20240701 \u2192 debian13_20260115" in text and "a new installation answers" in text


def test_open_details_stay_with_their_host(browser: Chromium) -> None:
    browser.run("document.querySelector('tr.host button').click()")
    host = browser.run(f"{FIRST_CELLS}[0]")
    browser.run("document.querySelector('th[data-key=host] button').click()")
    before = "document.querySelector('tr.details').previousElementSibling.querySelector('button').textContent"
    assert browser.run(before) == host
    browser.run("document.querySelector('.total[data-outcome=reset]').click()")
    assert browser.run("document.querySelector('tr.details').getClientRects().length") == 0


def test_the_command_is_selected_to_be_copied(browser: Chromium) -> None:
    tab_to(browser, "Copy")
    browser.press("Enter")
    assert browser.run("String(getSelection())").endswith("-e rebuild_confirm=12")
    status = "document.getElementById('copied').textContent"
    assert browser.run(f"new Promise((done) => setTimeout(() => done({status}), 100))").startswith(
        ("Copied", "Selected")
    )


def test_what_the_command_leaves_to_the_reader_stands_below_it(browser: Chromium) -> None:
    assert (
        browser.run("document.getElementById('again').innerText")
        .splitlines()[-1]
        .startswith("3 hosts refused")
    )


def test_what_was_refused_is_apart_from_what_is_run_again(browser: Chromium) -> None:
    groups = browser.run(
        "Object.fromEntries([...document.querySelectorAll('.totals')].map((group) => ["
        "group.getAttribute('aria-label'),"
        "[...group.querySelectorAll('.total')].map((one) => one.dataset.outcome)]))"
    )
    assert groups["Run again"] == ["failed", "unknown", "timeout", "not proven"]
    assert groups["Fix first"] == ["refused"]


@pytest.mark.parametrize("width", [390, 1280])
def test_a_name_is_shown_whole(chromium: Chromium, tmp_path: Path, width: int) -> None:
    name = "-".join(["a-name-that-is-longer-than-the-screen"] * 6)
    report = report_of({name: {"instance_id": "i-1", "outcome": "failed", "message": "no"}}, 0.0, 1.0)
    (tmp_path / "page.html").write_text(page(report), encoding="utf-8")
    chromium.look(width=width)
    chromium.open((tmp_path / "page.html").as_uri())
    button = "document.querySelector('.host button')"
    hidden = f"{button}.scrollWidth > {button}.clientWidth + 1"
    assert chromium.run(hidden) is False and chromium.run(FIRST_CELLS) == [name]


def test_a_phone_shows_a_host_within_its_first_screen(browser: Chromium) -> None:
    browser.look(width=390, height=844)
    assert browser.run("document.querySelectorAll('tr.host')[1].getBoundingClientRect().bottom") < 844


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_can_be_read(browser: Chromium, scheme: str) -> None:
    browser.look(scheme)
    bright = browser.run("getComputedStyle(document.body).backgroundColor.match(/[0-9]+/)[0] > 128")
    browser.run(OPEN_ALL)
    measured = browser.run(CONTRAST)
    print(f"\n{scheme}: the lowest contrast of {len(measured)} texts is {measured[0]}")
    assert bright is (scheme == "light") and len(measured) > 500
    assert [contrast for contrast in measured if contrast[0] < PLAIN_TEXT] == []


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1920])
def test_the_page_is_never_wider_than_the_screen(browser: Chromium, width: int) -> None:
    browser.look(width=width)
    browser.run(OPEN_ALL)
    wide = browser.run("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide[0] <= wide[1]


def test_paper_shows_every_host_and_no_controls(browser: Chromium) -> None:
    browser.run("document.querySelector('.total[data-outcome=failed]').click()")
    assert browser.run(f"{SHOWN}.length") == 3
    browser.look("dark", "print", width=700)
    assert browser.run(f"{SHOWN}.length") == HOSTS
    for control in ("#search", "#copy", "#count", ".skip"):
        assert browser.run(f"document.querySelector('{control}').getClientRects().length") == 0
    assert browser.run("getComputedStyle(document.querySelector('h1')).color") == "rgb(28, 33, 40)"


def test_what_needs_attention_is_printed_with_its_details(browser: Chromium) -> None:
    browser.run("window.counts = []")
    for moment in ("beforeprint", "afterprint"):
        browser.run(
            f"addEventListener('{moment}', () => counts.push(document.querySelectorAll('tr.details').length))"
        )
    assert browser.paper().startswith(b"%PDF")
    assert browser.run("counts") == [12, 0]


def test_two_thousand_hosts_are_quick(chromium: Chromium, files: dict[str, str]) -> None:
    chromium.look()
    chromium.open(files["big"])
    found = chromium.run(TIMING)
    milliseconds, rows = ({name: pair[part] for name, pair in found.items()} for part in (0, 1))
    print(f"\n2,000 hosts, milliseconds to the picture: {milliseconds}")
    assert rows == {"load": 2000, "search": 34, "clear": 2000, "sort": 2000, "filter": 100}
