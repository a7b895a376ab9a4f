# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Roles and playbooks through ansible-playbook, on fleets that the emulator answers for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from emulated_site import Site, site_in
from emulator.client import Emulator


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A fleet with SSH, on an emulator of its own."""
    with site_in(tmp_path) as made:
        yield made


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """One process for all fleets without SSH; each test seeds its own world."""
    with Emulator(speed=60.0) as running:
        yield running
