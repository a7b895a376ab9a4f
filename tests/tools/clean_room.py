# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Follow the README with the built package, from empty folders: clean_room.py FOLDER PYTHON:FILE...

Each Python gets a new environment with ansible-core, and a new home with the package. Then the commands of
the README are run as they stand there: the emulated account has the instances, the image and the key that
they name.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from emulator.client import Emulator, free_port
from tools.examples import blocks, commands_in

ROOT = Path(__file__).resolve().parent.parent.parent
OLD, NEW, KEY = "ubuntu2204_20240712", "ubuntu2404_20240712", "key-YWD2QFOl"
FIRST, WEB, REGION = 1234567890123456789, 12, "asia-east-1"
SECRET = "clean-room-secret"
# The commands of the README that are run, in its order; its installation comes from the package.
RUN = ("ansible", "ansible-inventory", "ansible-playbook")


def world(public_key: str) -> dict[str, list[dict[str, object]]]:
    """The account of the README: twelve instances with the role web, and one that is none of them."""
    zec: dict[str, object] = {"provider": "zenlayer_zec"}
    lighthouse: dict[str, object] = {"provider": "tencent_lighthouse"}
    keys = {"access_key": "AK", "secret_key": SECRET}
    regions = ("ap-hongkong", "ap-singapore")
    return {
        "accounts": [{**zec, "name": "zenlayer", **keys}, {**lighthouse, "name": "tencent", **keys}],
        "zones": [
            {**zec, "id": f"{REGION}a", "region": REGION},
            *[{**lighthouse, "id": f"{region}-1", "region": region} for region in regions],
        ],
        "images": [
            {**zec, "id": image, "name": image, "category": "Ubuntu", "size": 10} for image in (OLD, NEW)
        ],
        "keys": [{**zec, "id": KEY, "account": "zenlayer", "public_key": public_key}],
        "instances": [instance(number, "web" if number < WEB else "database") for number in range(WEB + 1)],
    }


def instance(number: int, role: str) -> dict[str, object]:
    """One that runs the old image."""
    return {
        "provider": "zenlayer_zec",
        "account": "zenlayer",
        "id": str(FIRST + number),
        "name": f"{role}-{number + 1}",
        "zone": f"{REGION}a",
        "image_id": OLD,
        "status": "running",
        "key_ids": [KEY],
        "tags": {"role": role},
        "ssh": True,
    }


@dataclass(frozen=True)
class Room:
    """An empty folder with an environment and a home of its own."""

    folder: Path
    variables: dict[str, str]

    def run(self, *command: str) -> str:
        """Run a command in it; its output. What fails is shown, and fatal."""
        began = time.monotonic()
        done = subprocess.run(
            command,
            cwd=self.folder / "work",
            env=self.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        print(f"{time.monotonic() - began:6.1f} s  $ {' '.join(command)}", flush=True)
        if done.returncode:
            sys.exit(f"{done.stdout}\nclean-room: FAILED, {command[0]} ended with {done.returncode}")
        return done.stdout


def empty_room(folder: Path, python: str, requirements: str) -> Room:
    """A folder with ansible-core and nothing else."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "work").mkdir(parents=True)
    subprocess.run([python, "-m", "venv", str(folder / "venv")], check=True)
    passed = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "LANG", "LC_"))}
    path = f"{folder / 'venv' / 'bin'}:/usr/local/bin:/usr/bin:/bin"
    room = Room(folder, {**passed, "HOME": str(folder), "PATH": path})
    room.run(
        "pip", "install", "-qq", "--disable-pip-version-check", "--requirement", str(ROOT / requirements)
    )
    return room


def with_account(room: Room, emulator: Emulator, port: int) -> Room:
    """The room with what a user has: an account, and a key to log in with."""
    known = f"-o UserKnownHostsFile={room.folder}/known_hosts -o StrictHostKeyChecking=accept-new"
    given = {
        "ZENLAYER_ACCESS_KEY_ID": "AK",
        "ZENLAYER_ACCESS_KEY_SECRET": SECRET,
        "TENCENTCLOUD_SECRET_ID": "AK",
        "TENCENTCLOUD_SECRET_KEY": SECRET,
        "ANSIBLE_REMOTE_USER": "root",
        "ANSIBLE_REMOTE_PORT": str(port),
        "ANSIBLE_PRIVATE_KEY_FILE": str(room.folder / "id_ed25519"),
        "ANSIBLE_SSH_COMMON_ARGS": known,
    }
    source = next(block for block in blocks(ROOT / "README.md", "yaml") if "reforge.cloud.instances" in block)
    inventory = room.folder / "work" / "fleet.reforge.yml"
    inventory.write_text(f"{source}endpoint: {emulator.endpoint}\n", encoding="utf-8")
    return Room(room.folder, {**room.variables, **given})


def follow(room: Room, package: Path) -> None:
    """Install the package and run the README's commands. Exits when it does not say what the README does."""
    room.run("ansible-galaxy", "collection", "install", "--offline", str(package))
    room.run("pip", "install", "-qq", "--disable-pip-version-check", "requests")
    key = room.folder / "id_ed25519"
    room.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key))
    port = free_port()
    with Emulator(speed=30.0, ssh_port=port) as emulator:
        emulator.seed(world(key.with_suffix(".pub").read_text("utf-8").strip()))
        run_commands(with_account(room, emulator, port), emulator.endpoint)
        wipes = {number: count for number, count in emulator.wipes().items() if count}
    if wipes != {str(FIRST + number): 1 for number in range(WEB)}:
        sys.exit(f"clean-room: FAILED, wiped were {wipes}")
    report = json.loads((room.folder / "work" / "report.json").read_text("utf-8"))
    if report["counts"] != {"reset": WEB}:
        sys.exit(f"clean-room: FAILED, the report counts {report['counts']}")


def run_commands(room: Room, endpoint: str) -> None:
    """The commands of the README, as they stand there. Exits when the plan is another one."""
    for words in commands_in(ROOT / "README.md"):
        if words[0] not in RUN:
            continue
        # No inventory tells a module alone where the emulator is.
        words[-1] += f" endpoint={endpoint}" if "-m" in words else ""
        output = room.run(*words)
        if "--check" in words and f"{WEB} of {WEB} hosts will be wiped" not in output:
            sys.exit(f"{output}\nclean-room: FAILED, the plan does not wipe {WEB} hosts")


def main(folder: Path, rooms: list[str]) -> int:
    """Build the package and follow the README in each room; returns the exit status."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    subprocess.run(
        ["ansible-galaxy", "collection", "build", "--output-path", str(folder)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    (package,) = folder.glob("*.tar.gz")
    versions = []
    for number, (python, requirements) in enumerate(room.split(":") for room in rooms):
        if not python:
            print(f"clean-room: not run with {requirements}, there is no Python for it")
            continue
        room = empty_room(folder / f"room-{number}", python, requirements)
        versions.append(room.run("ansible", "--version").splitlines()[0])
        follow(room, package)
    print(f"clean-room: passed, the README's first rebuild with {', '.join(versions)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), sys.argv[2:]))
