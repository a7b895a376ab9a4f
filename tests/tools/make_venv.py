"""Bring a virtual environment up to date: make_venv.py FOLDER REQUIREMENTS...

Does nothing when every file was installed as it is now. A venv is extended when a file is new or has changed
(so that the demo's small one grows into the tests' one), and made anew when the Python is another one. Of
several that want the same venv at once, one makes it and the others wait for it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import subprocess
import sys
import venv
from pathlib import Path


def read_stamp(stamp: Path) -> dict[str, str]:
    """What is installed: the hash of each requirements file, and the Python under the key 'python'."""
    try:
        stamps: dict[str, str] = json.loads(stamp.read_text(encoding="utf-8"))
        return stamps
    except (FileNotFoundError, ValueError):
        return {}


def stamp_for(installed: dict[str, str], names: list[str], python: str) -> dict[str, str]:
    """The stamp after these files are installed, too.

    Files installed earlier stay in the set: pip then resolves the whole, not one part against the other.
    """
    kept = [name for name in installed if name != "python" and Path(name).exists()]
    files = {name: hashlib.sha256(Path(name).read_bytes()).hexdigest() for name in sorted({*kept, *names})}
    return {**files, "python": python}


def main(folder: Path, names: list[str]) -> None:
    """Bring the venv `folder` up to date, one process at a time."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Beside the folder: making a venv anew empties it.
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        update(folder, names)


def update(folder: Path, names: list[str]) -> None:
    """Install the requirements files `names` into the venv `folder`, unless they are in it."""
    stamp = folder / "stamp.json"
    python = f"{sys.version} at {sys.base_prefix}"
    installed = read_stamp(stamp)
    if installed.get("python") != python:
        installed = {}
    wanted = stamp_for(installed, names, python)
    if wanted == installed:
        return
    if not installed:
        print(f"making {folder} with {sys.executable} ({sys.version.split()[0]})", flush=True)
        venv.EnvBuilder(with_pip=True, clear=True).create(folder)
    # Taken away first: an interrupted installation must not look finished.
    stamp.unlink(missing_ok=True)
    files = [name for name in wanted if name != "python"]
    print(f"installing {' '.join(files)}", flush=True)
    # Errors only: what pip chooses is of no interest until it fails.
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "-qq"]
    subprocess.run([*pip, *(part for name in files for part in ("--requirement", name))], check=True)
    stamp.write_text(json.dumps(wanted, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]), sys.argv[2:])
    except subprocess.CalledProcessError as error:
        sys.exit(f"make_venv: {error}")
