# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Sentences about options that follow from the providers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .registry import PROVIDERS

if TYPE_CHECKING:
    from ..core.model import Verb
    from ..core.provider import Provider


def further_fields() -> list[str]:
    """A sentence for each provider, with an example where the vendor documents such fields."""
    return [
        f"With V({name}), such as C({json.dumps(provider.extra_fields)}).{_in_place_of_image(provider)}"
        if provider.extra_fields
        else f"With V({name}), every field that the vendor documents has its own option."
        for name, provider in PROVIDERS.items()
    ]


def _in_place_of_image(provider: Provider) -> str:
    """A sentence on what can be installed in place of an image."""
    if not provider.in_place_of_image:
        return ""
    return (
        f" Instead of O(image_id), with O(force=true), C({json.dumps(provider.in_place_of_image)}): the "
        "outcome then follows the provider's record, which does not prove that a system was installed. "
        f"{', '.join(f'C({name})' for name in sorted(provider.erasing_fields))} may erase all disks."
    )


def without_modes(verb: Verb) -> list[str]:
    """A sentence on the providers that have one way only to do it, or none."""
    names = [f"V({name})" for name, provider in PROVIDERS.items() if not provider.modes.get(verb)]
    return [f"An error with {', '.join(names)}, which has no such choice."] if names else []
