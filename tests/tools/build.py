"""Build the collection, install it as a user would, and read every plugin's documentation: build.py
BUILD_FOLDER

The documentation of a plugin that imports what the package does not hold cannot be read, so this also checks
the package's contents.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

# The plugin folders whose plugins ansible-doc describes, by its name for their type.
FOLDERS = {
    "modules": "module",
    "inventory": "inventory",
    "lookup": "lookup",
    "callback": "callback",
    "connection": "connection",
    "become": "become",
    "cache": "cache",
    "strategy": "strategy",
    "vars": "vars",
    "filter": "filter",
    "test": "test",
}


def run(*command: str, **environment: str) -> str:
    """Run a command and return what it printed; its errors are shown, and fatal."""
    return subprocess.run(
        command,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    ).stdout


def install(folder: Path) -> Path:
    """Build from the current folder and install below `folder`; returns the root of the installed
    collection.
    """
    shutil.rmtree(folder, ignore_errors=True)
    run("ansible-galaxy", "collection", "build", "--output-path", str(folder))
    (package,) = folder.glob("*.tar.gz")
    # Offline: dependencies would be looked up, and there are none.
    run(
        "ansible-galaxy",
        "collection",
        "install",
        "--offline",
        "--no-deps",
        "--collections-path",
        str(folder),
        str(package),
        ANSIBLE_COLLECTIONS_PATH=str(folder),
    )
    return folder / "ansible_collections" / "reforge" / "cloud"


def undocumented(root: Path, prefix: str, folder: str, plugin_type: str) -> tuple[int, list[str]]:
    """How many plugins a plugin folder has, and those that ansible-doc cannot describe."""
    files = {path.stem for path in (root / "plugins" / folder).glob("*.py") if not path.stem.startswith("_")}
    if not files:
        return 0, []
    paths = {"ANSIBLE_COLLECTIONS_PATH": str(root.parents[2])}
    names = {f"{prefix}.{name}" for name in files}
    if plugin_type in ("filter", "test"):  # one file may hold several of these
        names = (
            set(json.loads(run("ansible-doc", "--type", plugin_type, "--list", "--json", prefix, **paths)))
            or names
        )
    described = json.loads(run("ansible-doc", "--type", plugin_type, "--json", *sorted(names), **paths))
    missing = sorted(name for name in names if not described.get(name, {}).get("doc"))
    run(
        "ansible-doc", "--type", plugin_type, *sorted(names), **paths
    )  # the markup must be readable as text too
    return len(names), missing


def main(build: Path) -> int:
    """Check the package; returns the exit status."""
    galaxy = yaml.safe_load(Path("galaxy.yml").read_text(encoding="utf-8"))
    root = install(build / "package")
    hidden = [str(path.relative_to(root)) for path in root.rglob(".*")]
    count = 0
    missing: list[str] = []
    for folder, plugin_type in FOLDERS.items():
        found, lacking = undocumented(root, f"{galaxy['namespace']}.{galaxy['name']}", folder, plugin_type)
        count, missing = count + found, missing + lacking
    for name in missing:
        print(f"ERROR: ansible-doc finds no documentation of {name}")
    for name in hidden:
        print(f"ERROR: the package holds {name}; see build_ignore in galaxy.yml")
    failed = bool(missing or hidden or not count)
    print(
        f"build: {'FAILED' if failed else 'passed'}, version {galaxy['version']} built and installed, "
        f"{count} plugins documented"
    )
    return int(failed)


if __name__ == "__main__":
    try:
        sys.exit(main(Path(sys.argv[1]).resolve()))
    except subprocess.CalledProcessError as error:
        sys.exit(f"build: FAILED, {error}")
