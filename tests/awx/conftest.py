# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An AWX with the kit's objects, pointed at an emulated account at Tencent Cloud Lighthouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from awx.jobs import Awx, render_kit
from emulator.client import Emulator
from postgres import Postgres

PROVIDER, REGION, OLD, NEW, KEY = (
    "tencent_lighthouse",
    "ap-hongkong",
    "lhbp-old00001",
    "lhbp-new00001",
    "lhkp-demo0001",
)


def world(count: int, public_key: str = "ssh-ed25519 AAAA", **more: Any) -> dict[str, Any]:
    """An account with instances that run the old image."""
    here = {"provider": PROVIDER, "account": "main"}
    return {
        "accounts": [{"name": "main", "provider": PROVIDER, "access_key": "AK", "secret_key": "SK"}],
        "zones": [{"id": f"{REGION}-1", "provider": PROVIDER, "region": REGION}],
        "images": [{"id": image, "provider": PROVIDER, "name": image, "size": 10} for image in (OLD, NEW)],
        "keys": [{**here, "id": KEY, "public_key": public_key}],
        "instances": [
            {
                **here,
                "id": f"lhins-{number:08}",
                "name": f"web-{number:02}",
                "zone": f"{REGION}-1",
                "image_id": OLD,
                "key_ids": [KEY],
                **more,
            }
            for number in range(1, count + 1)
        ],
    }


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """One process for all tests; each test seeds its own world."""
    with Emulator(speed=60.0) as running:
        yield running


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for all tests."""
    server = Postgres()
    server.start()
    yield server
    server.remove()


def awx_of(emulator: Emulator, folder: Path, **inputs: Any) -> Awx:
    """An AWX with the instances of the emulated account as its inventory; inputs of the kit can be given."""
    account = {
        "name": "Tencent Cloud",
        "type": "tencent",
        "sources": [{"provider": PROVIDER, "regions": [REGION], "endpoint": emulator.endpoint}],
        "inputs": {"secret_id": "AK", "secret_key": "SK"},
    }
    variables = {"rebuild_ssh": False, "reboot_ssh": False}
    given = {"kit_project_folder": "", "kit_accounts": [account], "kit_extra_vars": variables, **inputs}
    awx = Awx(render_kit(folder / "kit", **given), folder)
    awx.update_inventory()
    return awx


@pytest.fixture
def make_awx(emulator: Emulator, tmp_path: Path) -> Callable[..., Awx]:
    """Makes an AWX whose inventory has that many hosts; inputs of the kit can be given."""

    def make(count: int, **inputs: Any) -> Awx:
        emulator.reset()
        emulator.seed(world(count))
        return awx_of(emulator, tmp_path, **inputs)

    return make
