# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""``python -m emulator serve`` for programs, ``python -m emulator sandbox`` for people."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from emulator import sandbox
from emulator.clock import ScaledClock
from emulator.control import Control
from emulator.dispatch import Emulation
from emulator.loading import load
from emulator.server import Server, checked_loopback
from emulator.ssh import Hosts
from emulator.wires import WIRES


def _arguments(given: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="emulator", description="The providers' APIs on loopback.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="serve a fleet; prints one line of JSON when it is ready")
    serve.add_argument("--fleet", type=Path, help="a fleet to begin with, as JSON (default: an empty world)")
    example = commands.add_parser(
        "sandbox", help="serve an example fleet, with an inventory to try things on"
    )
    for command, speed, ssh_port in ((serve, 1.0, 0), (example, 20.0, 2222)):
        command.add_argument(
            "--host", default="127.0.0.1", type=checked_loopback, help="loopback address to bind"
        )
        command.add_argument("--port", default=0, type=int, help="HTTP port (0: any free one)")
        command.add_argument(
            "--ssh-port", default=ssh_port, type=int, help="SSH port of the instances (0: no SSH)"
        )
        command.add_argument("--speed", default=speed, type=float, help="vendor seconds per real second")
        command.add_argument(
            "--state-dir", type=Path, help="where the instances' files go (default: a temporary one)"
        )
    return parser.parse_args(given)


async def _run(options: argparse.Namespace, fleet: Any, announce: Callable[[str], None]) -> None:
    clock = ScaledClock(options.speed)
    emulation = Emulation(clock, time.time, WIRES)
    emulation.fleet.seed(load(fleet, clock()))
    server = Server(emulation, Control(emulation, clock))
    hosts = (
        Hosts(emulation.fleet, options.ssh_port, options.state_dir / "hosts") if options.ssh_port else None
    )
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    try:
        endpoint = await server.start(options.host, options.port)
        ends = [asyncio.create_task(stopped.wait()), *([await hosts.start()] if hosts else [])]
        announce(endpoint)
        done, _others = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()  # raises what ended the hosts
    finally:
        if hosts:
            await hosts.stop()
        await server.stop()


def main() -> int:
    """Run until SIGTERM or SIGINT; 0 after a clean end, 2 when it cannot start."""
    options = _arguments()
    with tempfile.TemporaryDirectory(prefix="reforge-emulator-") as temporary:
        options.state_dir = (options.state_dir or Path(temporary)).resolve()
        options.state_dir.mkdir(parents=True, exist_ok=True)
        try:
            if options.command == "sandbox":
                example = sandbox.build(options.state_dir, options.ssh_port)
                asyncio.run(_run(options, example.fleet, example.announce))
            else:
                fleet = json.loads(options.fleet.read_text(encoding="utf-8")) if options.fleet else {}
                asyncio.run(_run(options, fleet, _announce))
        except (OSError, ValueError) as error:
            print(f"emulator: {error}", file=sys.stderr)
            return 2
    return 0


def _announce(endpoint: str) -> None:
    print(json.dumps({"endpoint": endpoint, "pid": os.getpid()}), flush=True)


if __name__ == "__main__":
    sys.exit(main())
