# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The options of the modules that only read."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.model import Status
from .option_types import Option, choice, filters, switch, text, texts
from .options import LEDGER

NAME_FILTER = texts("Names, with the shell wildcards V(*), V(?) and V([]).", example=["web-*"])

INSTANCE_FILTERS: Mapping[str, Option] = {
    "name": NAME_FILTER,
    "status": texts("Statuses.", choices=[status.value for status in Status], example=["running"]),
    "image_id": texts("Ids of the installed image.", example=["img-487zeit5"]),
    "zone": texts("Zones.", example=["asia-east-1a"]),
    "tags": {
        "description": ["Tags that must all be present with these values."],
        "type": "dict",
        "example": {"role": "web"},
    },
    "ip": texts("Public or private addresses.", example=["192.0.2.10"]),
}

IMAGE_FILTERS: Mapping[str, Option] = {
    "name": NAME_FILTER,
    "os_type": texts("Types of operating system.", example=["linux"]),
    "zone": texts("Zones in which the image is available.", example=["asia-east-1a"]),
    "available": switch("Whether the image can be installed now."),
}


INSTANCE_INFO: Mapping[str, Option] = {
    "instance_ids": texts(
        "Only these instances. Those that do not exist are listed in RV(missing_ids).",
        example=["1234567890123456789"],
    ),
    "filters": filters("instances", INSTANCE_FILTERS, {"status": ["running"]}),
}

IMAGE_INFO: Mapping[str, Option] = {
    "image_ids": texts("Only these images.", example=["img-487zeit5"]),
    "instance_id": text("Only images that this instance can be reset to.", example="1234567890123456789"),
    "filters": filters("images", IMAGE_FILTERS, {"os_type": ["linux"]}),
}

LEDGER_INFO: Mapping[str, Option] = {
    "ledger": LEDGER["ledger"],
    "instance_ids": texts("Only requests for these instances.", example=["1234567890123456789"]),
    "run_id": text("Only requests of this run.", example="incident-4711"),
    "verb": choice(
        ["reset", "reboot", "password", "stop"],
        "Only requests of this kind. V(stop) is a stop to set a password.",
        example="reset",
    ),
    "open": switch(
        "V(true) lists only open requests, whose end is not known yet; V(false) lists only the others."
    ),
    "unproven": switch(
        "V(true) lists only resets that are done and not yet proven from inside; V(false) lists only the "
        "others."
    ),
    "since": text("Only requests from this time on. ISO 8601 in UTC.", example="2026-01-31T12:00:00Z"),
}
