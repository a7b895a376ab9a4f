# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Make the picture of a report for the guides: PYTHONPATH=tests python -m browser.picture [REPORT.json]

Without a report it is one of made-up hosts, the same at each call. It needs Chromium.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from ansible_collections.reforge.cloud.plugins.plugin_utils.report.rebuild_page import page
from browser.chromium import Chromium, find_chromium
from browser.sample_report import sample

PICTURE = Path(__file__).with_name("report.png")
WIDTH, HEIGHT, HOSTS = 1280, 640, 24


def main(report: str = "") -> int:
    """Write the picture; returns the exit status."""
    program = find_chromium()
    if program is None:
        print("picture: not made, it needs Chromium (apt-get install chromium)")
        return 1
    data = json.loads(Path(report).read_text(encoding="utf-8")) if report else sample(HOSTS)
    with tempfile.TemporaryDirectory(prefix="reforge-picture-") as folder:
        shown = Path(folder) / "report.html"
        shown.write_text(page(data), encoding="utf-8")
        browser = Chromium(program, Path(folder) / "profile")
        browser.look(width=WIDTH, height=HEIGHT)
        browser.send("Emulation.setScrollbarsHidden", hidden=True)
        browser.open(shown.as_uri())
        browser.run("document.querySelector('th[data-key=host] button').click()")
        browser.screenshot(PICTURE)
        browser.close()
    print(f"picture: {PICTURE}, {PICTURE.stat().st_size // 1024} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
