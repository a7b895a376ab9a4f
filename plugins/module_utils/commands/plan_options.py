# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The option that passes on what a plan has read."""

from __future__ import annotations

from .option_types import Option, mapping

FACTS: Option = mapping(
    "The RV(facts) of the plan in check mode: images, keys and time zones, which are then not read again for "
    "five minutes. Instances are always read.",
    "Requires O(expect_plan), or C(expect_digest) for each instance.",
    example={
        "plan_id": "4f1c8f0f-6f2b9a37-0c1d2e3f-5a6b7c8d",
        "until": "2026-01-31T12:00:00Z",
        "images": [],
        "key_pairs": [],
        "timezones": [],
    },
)
