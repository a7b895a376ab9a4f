# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A made-up report on drift with every state in it: what its page is looked at with."""

from __future__ import annotations

from typing import Any

from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet.groups import group_hosts
from ansible_collections.reforge.cloud.plugins.plugin_utils.report.drift import (
    compare,
    document,
    rebuild_command,
)

NOW = 1_760_000_000.0
OLD, NEW = "debian12_20240701", "debian13_20260115"
PLACES = (("zenlayer_zec", "asia-east-1"), ("tencent_lighthouse", "ap-hongkong"), ("tencent_cvm", "ap-tokyo"))
# What is special about every 20th host, by the rest of its number; all others run the wanted image.
SPECIAL: dict[int, dict[str, Any]] = {
    2: {"image_id": OLD},
    6: {"image_id": OLD, "image_name": "Debian 12"},
    9: {"status": "resetting", "vendor_status": "DEPLOYING"},
    12: {"status": "reset_failed", "vendor_status": "REINSTALL_FAILED"},
    15: {"status": "recycled", "vendor_status": "RECYCLED"},
}
NOT_FOUND, NOT_SAID, NOT_READABLE = 17, 18, 19
ERROR = {
    "code": "AuthFailure.SecretIdNotFound",
    "message": "The SecretId is not found.",
    "request_id": "3c140219-cfe9-470e-b241-907877d6fb03",
    "advice": "Look whether the key is still enabled.",
}
FAILURE = {
    "failed": True,
    "msg": "DescribeInstances failed with AuthFailure.SecretIdNotFound",
    "error": ERROR,
}


def sample(count: int, *evil: str) -> dict[str, Any]:
    """A report of so many hosts; the first ones, and what they run, are named by ``evil``."""
    names = [
        *evil,
        *(
            f"{('web', 'edge', 'db')[number % 3]}-{number:04}.example.net"
            for number in range(len(evil), count)
        ),
    ]
    members = {}
    for number, host in enumerate(names):
        provider, region = PLACES[number % len(PLACES)]
        key = {"access_key": "revoked"} if number % 20 == NOT_READABLE else {}
        members[host] = {"instance_id": f"ins-{number:05}", "provider": provider, "region": region, **key}
    wanted = {host: NEW for number, host in enumerate(names) if number % 20 != NOT_SAID}
    rows: dict[str, dict[str, Any]] = {}
    for group in group_hosts(members):
        shown = [
            _instance(instance_id, group.options["region"], evil) for instance_id in group.hosts.values()
        ]
        answer = {"instances": [row for row in shown if int(row["instance_id"][4:]) % 20 != NOT_FOUND]}
        rows.update(compare(group, wanted, FAILURE if "access_key" in group.options else answer, NOW))
    rows = {host: rows[host] for host in members}
    return document(
        rows, NOW, rebuild_command(["fleet.reforge.yml"], "drift.limit", {NEW}) if count else None
    )


def _instance(instance_id: str, region: str, evil: tuple[str, ...]) -> dict[str, Any]:
    number = int(instance_id[4:])
    text = evil[number] if number < len(evil) else f"{('web', 'edge', 'db')[number % 3]}-{number:04}"
    since = f"2025-09-{1 + number % 28:02}T10:00:00Z"
    return {
        "instance_id": instance_id,
        "name": text,
        "status": "running",
        "vendor_status": "RUNNING",
        "image_id": NEW,
        "image_name": text,
        "region": region,
        "zone": f"{region}a",
        "tags": {"role": text},
        "created_at": "2025-01-01",
        "operation": {"verb": "reset", "started_at": since} if number % 3 == 1 else None,
        **SPECIAL.get(number % 20, {}),
    }
