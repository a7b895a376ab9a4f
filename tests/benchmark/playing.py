# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs of Ansible's commands with what they cost: time, processor time, tasks, and processes of modules."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmark.process_tree import watched

HERE = Path(__file__).resolve().parent
COLLECTIONS = HERE.parent.parent / ".build" / "collections"
FOREIGN = ("ANSIBLE_", "ZENLAYER", "TENCENT", "TCCLI", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")


@dataclass(frozen=True)
class Process:
    """One process of a module. Times are seconds since 1970, ``processor`` is seconds of processor time,
    ``megabytes`` its memory at its most.
    """

    module: str
    began: float
    ended: float
    processor: float
    megabytes: float = 0.0

    @property
    def seconds(self) -> float:
        """From the start of its Python to its end."""
        return self.ended - self.began


@dataclass(frozen=True)
class Played:
    """A run that has ended.

    ``seconds``, ``processor`` (seconds of all its processes) and ``megabytes`` (of all at their most) are of
    the whole command.
    """

    status: int
    output: str
    seconds: float
    processor: float
    tasks: int
    results: int
    processes: Sequence[Process]
    megabytes: float = 0.0

    @property
    def modules(self) -> list[str]:
        """The module of each process, in alphabetical order."""
        return sorted(process.module for process in self.processes)


def play(
    *arguments: str, inventory: Mapping[str, Any], book: str = "", forks: int = 20, **environment: str
) -> Played:
    """Run a playbook, which is the first argument or the text ``book``, in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="reforge-play-") as name:
        folder = Path(name)
        (folder / "inventory.json").write_text(json.dumps(inventory), encoding="utf-8")
        if book:
            (folder / "play.yml").write_text(book, encoding="utf-8")
            arguments = ("play.yml", *arguments)
        used, began = _processor(), time.monotonic()
        settings = {
            "ANSIBLE_CALLBACK_PLUGINS": str(HERE / "callbacks"),
            "ANSIBLE_CALLBACKS_ENABLED": "tally",
            "ANSIBLE_FORKS": str(forks),
            "REFORGE_TALLY": f"{name}/tally",
            "REFORGE_PROCESSES": f"{name}/processes",
            "PYTHONPATH": str(HERE / "start"),
            **environment,
        }
        with watched() as peak:
            done = _run(folder, "ansible-playbook", "-i", "inventory.json", *arguments, **settings)
        seconds = time.monotonic() - began
        counts = json.loads(_text(folder / "tally") or "{}")
        processes = [Process(**json.loads(line)) for line in _text(folder / "processes").splitlines()]
    return Played(
        done.returncode,
        done.stdout + done.stderr,
        seconds,
        _processor() - used,
        counts.get("tasks", 0),
        counts.get("results", 0),
        processes,
        peak.megabytes,
    )


@dataclass(frozen=True)
class Listed:
    """What ansible-inventory listed, and what that cost, as in Played."""

    hosts: int
    seconds: float
    errors: str
    processor: float = 0.0
    megabytes: float = 0.0
    output: str = field(default="", repr=False)


@contextmanager
def list_hosts(
    inventory: Mapping[str, Any] | str, environment: Mapping[str, str]
) -> Iterator[tuple[Listed, Callable[[], Listed]]]:
    """List the hosts of an inventory, a text being what a script prints; gives what was listed, and what
    lists them again while the folder is there.
    """
    with tempfile.TemporaryDirectory(prefix="reforge-list-") as name:
        path = _inventory(Path(name), inventory)

        def listing() -> Listed:
            used, began = _processor(), time.monotonic()
            with watched() as peak:
                done = _run(path.parent, "ansible-inventory", "-i", path.name, "--list", **environment)
            seconds = time.monotonic() - began
            found = json.loads(done.stdout or "{}").get("_meta", {}).get("hostvars", {})
            costs = (_processor() - used, peak.megabytes)
            return Listed(len(found), seconds, done.stderr, *costs, done.stdout)

        yield listing(), listing


def _inventory(folder: Path, inventory: Mapping[str, Any] | str) -> Path:
    """A file, or a script that prints a text and does nothing else."""
    if not isinstance(inventory, str):
        path = folder / "fleet.reforge.yml"
        path.write_text(json.dumps(inventory), encoding="utf-8")  # which is YAML, too
        return path
    (folder / "printed").write_text(inventory, encoding="utf-8")
    path = folder / "fleet.sh"
    path.write_text('#!/bin/sh\nexec cat "${0%/*}/printed"\n', encoding="utf-8")
    path.chmod(0o700)
    return path


def _run(folder: Path, command: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Nothing of the one who measures gets into it: no configuration, no credentials, no home."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return subprocess.run(
        [str(Path(sys.executable).with_name(command)), *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
        env={
            **kept,
            "HOME": str(folder),
            "ANSIBLE_HOME": str(folder / "ansible"),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            **environment,
        },
    )


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _processor() -> float:
    """Seconds of processor time of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
