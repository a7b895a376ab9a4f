# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What differs from provider to provider in a simulation: names only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

PASSWORD = "Aa1~aaaaaaaa"


@dataclass(frozen=True)
class Site:
    """One provider: where its instances are, how ids look, how its actions are called."""

    provider: str
    prefix: str
    region: str
    zone: str
    reset: str
    image_prefix: str = "img"
    reboot: str = "RebootInstances"
    regional: bool = True  # whether its API is asked for a region
    native_soft_then_hard: bool = True  # whether the vendor itself goes from soft to hard
    tells_of_each: bool = False  # whether the answer to a batch names those that failed
    reboot_modes: bool = True  # whether there is more than one way to reboot
    stop_modes: bool = True  # whether there is more than one way to stop

    @property
    def old(self) -> str:
        """The image that instances run before."""
        return f"{self.image_prefix}-old00000"

    @property
    def new(self) -> str:
        """The image that is to be installed."""
        return f"{self.image_prefix}-new00000"

    def instance_id(self, number: int) -> str:
        """The id of an instance, as the vendor writes ids."""
        return f"{self.prefix}{number:08}"

    def actions(self, on: str, verb: str) -> list[str]:
        """The API actions that a fault is meant for: ``main`` is the one that the call is about."""
        return {
            "main": [self.reset if verb == "reset" else self.reboot],
            "power": ["StopInstances", "StartInstances"],
            "read": ["DescribeInstances"],
            "any": [],
        }[on]

    def document(self, instances: Sequence[Mapping[str, Any]], image_changes: str) -> dict[str, Any]:
        """A fleet for the emulator."""
        here = {"provider": self.provider}
        return {
            "accounts": [{**here, "name": "main", "access_key": "AK", "secret_key": "SK"}],
            "zones": [{**here, "id": self.zone, "region": self.region}],
            "images": [
                {**here, "id": self.old, "name": "Debian 12", "category": "Debian"},
                {**here, "id": self.new, "name": "Ubuntu 24.04", "category": "Ubuntu"},
            ],
            "instances": [
                {**here, "account": "main", "zone": self.zone, **instance} for instance in instances
            ],
            "settings": {self.provider: {"image_changes": image_changes}},
        }


SITES: Mapping[str, Site] = {
    site.provider: site
    for site in (
        Site(
            "zenlayer_zec",
            "zec-",
            "asia-east-1",
            "asia-east-1a",
            "ResetInstances",
            regional=False,
            native_soft_then_hard=False,
            tells_of_each=True,
        ),
        Site("tencent_ecm", "ein-", "ap-hangzhou-ecm", "ap-hangzhou-ecm-1", "ResetInstances", regional=False),
        Site(
            "tencent_lighthouse",
            "lhins-",
            "ap-hongkong",
            "ap-hongkong-1",
            "ResetInstance",
            image_prefix="lhbp",
        ),
        Site("tencent_cvm", "ins-", "ap-guangzhou", "ap-guangzhou-3", "ResetInstance"),
        Site(
            "tencent_cvm_v2",
            "ins-",
            "ap-shanghai",
            "ap-shanghai-2",
            "ResetInstances",
            reboot="RestartInstances",
            native_soft_then_hard=False,
            tells_of_each=True,
        ),
        Site(
            "zenlayer_bmc",
            "bmc-",
            "SEL",
            "SEL-A",
            "ReinstallInstance",
            regional=False,
            native_soft_then_hard=False,
            reboot_modes=False,
            stop_modes=False,
        ),
        Site(
            "zenlayer_vm",
            "vm-",
            "FRA",
            "FRA-A",
            "ResetInstance",
            regional=False,
            native_soft_then_hard=False,
            reboot_modes=False,
        ),
    )
}
