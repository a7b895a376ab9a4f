# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Start the emulator as a process of its own and talk to it: for tests, and for any other Python program.

Only the standard library is needed on this side.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any

_TESTS = Path(__file__).resolve().parent.parent


def free_port() -> int:
    """A port that nobody listens on: another emulator may serve instances at the same addresses."""
    with socket.create_server(("127.80.0.1", 0)) as server:
        return int(server.getsockname()[1])


class ControlError(Exception):
    """The emulator refused a control request; the text is its reason."""


class Emulator:
    """A running emulator. Use it as a context manager, or call ``stop``.

    ``speed`` is vendor seconds per real second. ``ssh_port`` 0 means that no instance can be logged in to.
    """

    def __init__(self, *, speed: float = 1.0, ssh_port: int = 0, fleet: dict[str, Any] | None = None) -> None:
        self.state_dir = Path(tempfile.mkdtemp(prefix="reforge-emulator-"))
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "emulator",
                "serve",
                "--port",
                "0",
                "--speed",
                str(speed),
                "--ssh-port",
                str(ssh_port),
                "--state-dir",
                str(self.state_dir),
            ],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(_TESTS)},
        )
        assert self._process.stdout is not None
        ready = self._process.stdout.readline()
        if not ready:
            self.stop()
            raise RuntimeError("the emulator did not start; its reason is on stderr")
        self.endpoint: str = json.loads(ready)["endpoint"]
        self.pid = self._process.pid
        if fleet is not None:
            self.seed(fleet)

    def __enter__(self) -> Emulator:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> int:
        """End the process, remove its files and return its exit status (0: a clean end)."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
        if self._process.stdout:
            self._process.stdout.close()
        shutil.rmtree(self.state_dir, ignore_errors=True)
        return self._process.wait()

    def seed(self, fleet: dict[str, Any]) -> None:
        """Replace the whole world; faults, journal and counters start anew."""
        self.control("PUT", "fleet", fleet)

    def reset(self) -> None:
        """Make the world empty."""
        self.control("DELETE", "fleet")

    def fleet(self) -> dict[str, dict[str, Any]]:
        """The true state of all instances, by id."""
        return {instance["id"]: instance for instance in self.control("GET", "fleet")["instances"]}

    def instance(self, instance_id: str) -> dict[str, Any]:
        """The true state of one instance; KeyError if there is none."""
        return self.fleet()[instance_id]

    def journal(self, **wanted: str) -> list[dict[str, Any]]:
        """Every request so far; keywords select (``action="ResetInstances"``)."""
        return self.control("GET", f"journal?{urllib.parse.urlencode(wanted)}")["entries"]

    def counters(self) -> dict[str, dict[str, int]]:
        """``wipes`` per instance, ``requests`` and ``writes`` per ``provider.action``, ``refused`` per
        code.
        """
        return self.control("GET", "counters")

    def wipes(self, instance_id: str | None = None) -> Any:
        """How often one instance was wiped, or a dictionary of all."""
        wipes = self.counters()["wipes"]
        return wipes if instance_id is None else wipes[instance_id]

    def faults(self, *faults: dict[str, Any]) -> list[int]:
        """Arm faults; each gets a number."""
        return self.control("POST", "faults", list(faults))["numbers"]

    def clear_faults(self) -> None:
        """Forget all faults."""
        self.control("DELETE", "faults")

    def speed(self, speed: float) -> None:
        """Set how many vendor seconds pass in a real one."""
        self.control("POST", "clock", {"speed": speed})

    def advance(self, seconds: float) -> None:
        """Skip over so many vendor seconds at once."""
        self.control("POST", "clock", {"advance": seconds})

    def interfere(self, do: str, *ids: str, **more: Any) -> None:
        """Let someone else reset, reboot, start, stop, recycle, remove or change instances."""
        self.control("POST", "interfere", {"do": do, "ids": list(ids), **more})

    def wait_for(self, instance_id: str, status: str, seconds: float = 10.0) -> None:
        """Look until the instance has that status; TimeoutError after so many real seconds."""
        until = time.monotonic() + seconds
        while self.instance(instance_id)["status"] != status:
            if time.monotonic() > until:
                raise TimeoutError(f"{instance_id} is {self.instance(instance_id)['status']}, not {status}")
            time.sleep(0.02)

    def control(self, method: str, name: str, document: Any = None) -> Any:
        """One control request (README.md lists them); ControlError if it is refused."""
        request = urllib.request.Request(
            f"{self.endpoint}/_emulator/{name}",
            method=method,
            data=None if document is None else json.dumps(document).encode(),
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise ControlError(json.load(error)["error"]) from error
