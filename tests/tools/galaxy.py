# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Build the package and import it as Galaxy does: galaxy.py BUILD_FOLDER.

A warning of the importer is a failure.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

# Beside its defaults, what Galaxy or Automation Hub ask of a release; ansible-lint runs without a network.
SETTINGS = """\
[galaxy-importer]
RUN_ANSIBLE_DOC = True
RUN_ANSIBLE_LINT = True
OFFLINE_ANSIBLE_LINT = True
CHECK_REQUIRED_TAGS = True
CHECK_CHANGELOG = True
REQUIRE_V1_OR_GREATER = True
"""
FINDINGS = ("WARNING", "ERROR", "CRITICAL")
# The importer's ansible-lint does not find the collection that it checks by its name, as projects of AWX do.
ITSELF = "Failed to find reforge.cloud."


def findings(folder: Path) -> tuple[list[str], int]:
    """The importer's warnings and errors on the only package in a folder, and its exit status."""
    settings = folder / "galaxy-importer.cfg"
    settings.write_text(SETTINGS, encoding="utf-8")
    (package,) = folder.glob("*.tar.gz")
    done = subprocess.run(
        [sys.executable, "-m", "galaxy_importer.main", package.name],
        cwd=folder,
        env={**os.environ, "GALAXY_IMPORTER_CONFIG": str(settings)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    print(done.stdout)
    lines = [line for line in done.stdout.splitlines() if line.startswith(FINDINGS) and ITSELF not in line]
    return lines, done.returncode


def main(build: Path) -> int:
    """Check the package; returns the exit status."""
    folder = build / "galaxy"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.tar.gz"):
        old.unlink()
    subprocess.run(
        ["ansible-galaxy", "collection", "build", "--output-path", str(folder)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    found, status = findings(folder)
    failed = bool(found or status)
    print(f"galaxy: {'FAILED' if failed else 'passed'}, galaxy-importer has {len(found)} findings")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
