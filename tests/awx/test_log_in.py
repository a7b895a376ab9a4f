# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Jobs log in with the key of the Machine credential, which is in an ssh-agent and in no file of ssh."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from awx.conftest import KEY, NEW, awx_of, world
from awx.jobs import Awx
from emulator.client import Emulator, free_port

ASKED = {"rebuild_image_id": NEW, "rebuild_key_ids": KEY, "rebuild_run_id": "", "rebuild_serial": ""}


@pytest.fixture(name="folder")
def short_folder() -> Iterator[Path]:
    """A folder with a short name: the path of a socket has at most 107 characters."""
    with tempfile.TemporaryDirectory(prefix="awx-", dir="/tmp") as folder:
        yield Path(folder)


@pytest.fixture(name="awx")
def awx_with_hosts(folder: Path) -> Iterator[Awx]:
    """An AWX with three hosts that can be logged in to, and the key for it in its Machine credential."""
    port, key = free_port(), folder / "id_machine"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    with Emulator(speed=30.0, ssh_port=port) as emulator:
        emulator.seed(world(3, key.with_suffix(".pub").read_text("utf-8").strip(), ssh=True))
        machine = {"username": "root", "ssh_key_data": key.read_text("utf-8")}
        key.unlink()
        variables = {"ansible_port": port, "rebuild_ssh_timeout": 60}
        yield awx_of(emulator, folder, kit_machine=machine, kit_extra_vars=variables)


def test_a_job_proves_each_new_system_from_inside_by_the_key_of_the_machine_credential(awx: Awx) -> None:
    (job,) = awx.launch("Rebuild", {**ASKED, "rebuild_confirm": "3"})
    assert job.status == "successful", job.output
    (artifact,) = [value for name, value in job.artifacts.items() if name.startswith("rebuild_job_")]
    assert [kind["outcome"] for kind in artifact["kinds"]] == ["reset"]
    assert "a new installation answers" in artifact["kinds"][0]["why"]
    assert "PRIVATE KEY" not in job.output
