# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One browser for all tests of pages, which are opened as files.

It needs a chromium or chrome on the PATH (Debian: apt-get install chromium); without one the tests are
skipped.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from browser.chromium import NAMES, Chromium, find_chromium

PROGRAM = find_chromium()
MISSING = (
    f"THE REPORTS' PAGES WERE NOT CHECKED: none of {', '.join(NAMES)} is on the PATH "
    "(apt-get install chromium)"
)


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    if PROGRAM is None:
        pytest.skip(MISSING)
    browser = Chromium(PROGRAM, tmp_path_factory.mktemp("profile"))
    yield browser
    browser.close()
