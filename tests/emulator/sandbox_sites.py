# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The sandbox beside Zenlayer's Elastic Compute: two instances at each service, and their logins after a
reset.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PASSWORD = "Sandbox-2-Box"


@dataclass(frozen=True)
class Site:
    """A service: prefix of its ids, region, the image that runs and the one to install, its login."""

    prefix: str
    region: str
    images: tuple[str, str]
    key: str = ""
    kind: str = "public"
    login: Mapping[str, Any] = field(default_factory=dict)

    @property
    def variables(self) -> dict[str, Any]:
        """What the role needs to know to rebuild an instance here."""
        keys = {"rebuild_key_ids": [self.key]} if self.key and not self.login else {}
        return {"instance_region": self.region, "rebuild_image_id": self.images[1], **keys, **self.login}


SITES: Mapping[str, Site] = {
    # Its API takes no keys: the image brings its own login settings.
    "tencent_ecm": Site(
        "ein-",
        "ap-hangzhou-ecm",
        ("img-sandbox1", "img-sandbox2"),
        kind="custom",
        login={"rebuild_keep_image_login": True},
    ),
    "tencent_lighthouse": Site("lhins-", "ap-hongkong", ("lhbp-sandbox1", "lhbp-sandbox2"), "lhkp-sandbox1"),
    "tencent_cvm": Site("ins-", "ap-guangzhou", ("img-sandbox3", "img-sandbox4"), "skey-sandbox1"),
    # Its API takes nothing but a password.
    "tencent_cvm_v2": Site(
        "ins-",
        "ap-shanghai",
        ("img-sandbox5", "img-sandbox6"),
        login={"rebuild_password": PASSWORD, "ansible_password": PASSWORD},
    ),
    "zenlayer_bmc": Site("bmc-", "SEL", ("bmcsandbox1", "bmcsandbox2"), "key-sandboxb"),
    "zenlayer_vm": Site("vm-", "FRA", ("img-sandbox7", "img-sandbox8"), "key-sandboxv"),
}


def part(provider: str, number: int, keys: Mapping[str, str], public_key: str) -> dict[str, list[Any]]:
    """The sections of a fleet for one service. ``keys`` are access_key and secret_key of its account."""
    site, here = SITES[provider], {"provider": provider, "account": provider}
    name = provider.replace("_", "-")
    key = site.key or f"key-sandbox{number}"
    return {
        "accounts": [{"name": provider, "provider": provider, **keys}],
        "zones": [{"id": f"{site.region}-1", "provider": provider, "region": site.region}],
        "keys": [{**here, "id": key, "public_key": public_key}],
        "images": [
            {
                "id": image,
                "provider": provider,
                "account": provider if site.kind == "custom" else "",
                "name": title,
                "category": "Ubuntu",
                "size": 10,
                "kind": site.kind,
            }
            for image, title in zip(site.images, ("Ubuntu Server 22.04 LTS", "Ubuntu Server 24.04 LTS"))
        ],
        "instances": [
            {
                **here,
                "id": f"{site.prefix}sandbox{number}"[: len(site.prefix) + 7] + str(member),
                "name": f"{name}-{member}",
                "zone": f"{site.region}-1",
                "image_id": site.images[0],
                "status": status,
                "key_ids": [key],
                "ssh": True,
                "private_ips": [f"10.81.{number}.{member}"],
            }
            for member, status in ((number * 2 - 1, "running"), (number * 2, "stopped"))
        ],
    }
