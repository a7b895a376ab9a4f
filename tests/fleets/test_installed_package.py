# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The package as a user installs it: what is no Python in it is there too, and the reports' pages are made
from it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmark.playing import play
from benchmark.worlds import KEYS, NEW, fleet_of, inventory_of
from emulator.client import Emulator

ROOT = Path(__file__).resolve().parent.parent.parent
REPORT = "plugins/plugin_utils/report"


@pytest.fixture(scope="module", name="collections")
def installed_collections(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of collections with nothing in it but the package, built and installed."""
    folder = tmp_path_factory.mktemp("package")
    galaxy = [str(Path(sys.executable).with_name("ansible-galaxy")), "collection"]
    subprocess.run(
        [*galaxy, "build", "--output-path", str(folder)], cwd=ROOT, check=True, capture_output=True
    )
    (package,) = folder.glob("*.tar.gz")
    install = [*galaxy, "install", "--offline", "--no-deps", "--collections-path", str(folder), str(package)]
    # With the collection in the path there would be nothing to do.
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(folder)}
    subprocess.run(install, check=True, capture_output=True, env=environment)
    return folder


def test_every_file_of_the_pages_is_in_the_package(collections: Path) -> None:
    kept = {path.name for path in (collections / "ansible_collections/reforge/cloud" / REPORT).iterdir()}
    ours = {path.name for path in (ROOT / REPORT).iterdir() if path.is_file()}
    assert kept == ours and {Path(name).suffix for name in kept} == {".py", ".css", ".js", ".html"}


@pytest.mark.smoke
@pytest.mark.parametrize("playbook, option", [("rebuild", "rebuild_report"), ("report", "report_file")])
def test_an_installed_package_makes_the_page_of_a_report(
    collections: Path, emulator: Emulator, tmp_path: Path, playbook: str, option: str
) -> None:
    emulator.seed(fleet_of(2))
    keys = {**KEYS, "ANSIBLE_COLLECTIONS_PATH": str(collections)}
    options = ["-e", f"{option}={tmp_path}/page.html"]
    run = play(f"reforge.cloud.{playbook}", *options, inventory=inventory_of(emulator, 2), **keys)
    assert run.status == 0, run.output
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "function showHosts" in page and "prefers-color-scheme" in page and f'"{NEW}"' in page
