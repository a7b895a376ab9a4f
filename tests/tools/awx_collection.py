# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Put the collection awx.awx below a folder: awx_collection.py FOLDER REQUIREMENTS.

It comes from the community package of Ansible, which the package index has: Galaxy need not be reached.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

COLLECTION = "ansible_collections/awx/awx/"


def main(folder: Path, requirements: str) -> None:
    """Download the package and unpack the collection, unless it is there."""
    if (folder / COLLECTION / "MANIFEST.json").exists():
        return
    print(f"fetching awx.awx for {folder}", flush=True)
    with tempfile.TemporaryDirectory() as download:
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "-qq", "--no-deps"]
        subprocess.run([*pip, "--dest", download, "--requirement", requirements], check=True)
        (package,) = Path(download).glob("*.whl")
        with zipfile.ZipFile(package) as archive:
            # The manifest last: an interrupted unpacking must not look finished.
            names = [name for name in archive.namelist() if name.startswith(COLLECTION)]
            archive.extractall(folder, [*filter(_is_not_manifest, names), f"{COLLECTION}MANIFEST.json"])


def _is_not_manifest(name: str) -> bool:
    return not name.endswith("/MANIFEST.json")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), sys.argv[2])
    except subprocess.CalledProcessError as error:
        sys.exit(f"awx_collection: {error}")
