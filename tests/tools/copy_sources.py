"""Copy the files that git knows or would add into FOLDER/ansible_collections/reforge/cloud: copy_sources.py
FOLDER

ansible-test wants a real collection folder (it rejects symlinks that leave it), and no tool should see
generated files. Prints the folder of the copy.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path


def copy_sources(folder: Path) -> Path:
    """Replace the copy under `folder` by the sources as they are now; returns the copy's root."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    root = folder / "ansible_collections" / "reforge" / "cloud"
    shutil.rmtree(folder, ignore_errors=True)
    for name in filter(None, listing.split("\0")):
        source = Path(name)
        if not source.exists() and not source.is_symlink():
            continue  # deleted, and the deletion is not committed yet
        target = root / source
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target, follow_symlinks=False)
    # A repository of its own: tools that ask git would else find the one around it, which ignores this
    # folder.
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    return root


if __name__ == "__main__":
    print(copy_sources(Path(sys.argv[1])))
