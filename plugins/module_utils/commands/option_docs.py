# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The documentation of options, from the data that their argument specs are made from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..core.model import Verb
from .connection_options import CONNECTION
from .option_types import DOCUMENTATION_ONLY, Option
from .options import SELECTIVE
from .registry import PROVIDERS


def documented(group: Mapping[str, Option]) -> dict[str, Any]:
    """The group as the options of a DOCUMENTATION, with who supports what, and what the environment can
    give.
    """
    return {name: _documented(name, option) for name, option in group.items()}


def _documented(name: str, option: Option) -> dict[str, Any]:
    kept = {key: value for key, value in option.items() if key not in (*DOCUMENTATION_ONLY, "no_log")}
    suboptions = {"suboptions": documented(option["options"])} if "options" in option else {}
    return {"description": sentences(name, option), **kept, **suboptions}


def sentences(name: str, option: Option) -> list[str]:
    """What is said about an option: its own description, and what follows from the providers."""
    description = [*option["description"], *(option["more"]() if "more" in option else ())]
    if option is SELECTIVE.get(name):
        description.append(supported_by(name))
    if option is CONNECTION.get(name):
        description += environment(name)
    return description


def supported_by(name: str) -> str:
    """A sentence on the providers that support an option."""
    able = [f"V({provider})" for provider, value in PROVIDERS.items() if name in value.options]
    if len(able) == len(PROVIDERS):
        return "Supported by all providers."
    return f"Supported by {', '.join(able)}; an error with any other provider."


def environment(name: str) -> list[str]:
    """A sentence on the environment variables that an option may come from, or none."""
    variables: dict[str, list[str]] = {}
    for provider in PROVIDERS.values():
        ways = " or ".join(f"E({variable})" for variable in provider.credentials.environment.get(name, ()))
        if ways:
            variables.setdefault(ways, []).append(f"V({provider.name})")
    given = [f"{ways} with {', '.join(names)}" for ways, names in variables.items()]
    return [f"If not set, taken from the environment: {'; '.join(given)}."] if given else []


def vendors_pages() -> list[dict[str, str]]:
    """For each provider, the vendor's page about its reset, as ``seealso`` has it."""
    return [
        {
            "name": f"{provider.title}: {provider.writes[Verb.RESET].name}",
            "description": f"The vendor's page on the API action of a reset with provider V({name}).",
            "link": provider.sources[0],
        }
        for name, provider in PROVIDERS.items()
        if provider.sources
    ]


def documentation(group: Mapping[str, Option], pages: bool = False) -> str:
    """The group as a documentation fragment, on request with the vendors' pages.

    JSON is YAML, and needs no library for it.
    """
    return json.dumps({"options": documented(group), **({"seealso": vendors_pages()} if pages else {})})
