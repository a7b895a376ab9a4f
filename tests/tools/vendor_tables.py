# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The tables of plugins/VENDORS.md: what the vendors' pages say, and where the collection has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import Kind
from ansible_collections.reforge.cloud.plugins.module_utils.core.extra_fields import leaves
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Instance, Status, Verb
from ansible_collections.reforge.cloud.plugins.module_utils.core.provider import Provider
from tools.documents import DOCUMENTS, STATES
from tools.pages.document import Document

# What a code comes to, by its kind.
MEANINGS = {
    Kind.THROTTLED: "sent again, slower",
    Kind.IN_PROGRESS: "waited for, then decided anew",
    Kind.WRONG_STATE: "decided anew a few times, then failed",
    Kind.NOT_FOUND: "failed, for this instance alone",
    Kind.REJECTED: "failed, for this instance alone",
    Kind.DENIED: "failed, for the account",
    Kind.UNKNOWN: "never sent again: the instance is read until it shows what was done",
}


def options_of(document: Document, parameter: str) -> str:
    """How a parameter is reached: the options that set it, or provider_options; empty when it is not."""
    provider = PROVIDERS[document.provider]
    if parameter in document.common:
        return document.common[parameter]
    if parameter in document.unsent:
        return document.unsent[parameter]
    if document.verb is not Verb.RESET:
        return _option_of_action(provider, document.verb, parameter)
    owners = [
        owner for path, owner in provider.field_options.items() if f"{path}.".startswith(f"{parameter}.")
    ]
    others = (*leaves(provider.extra_fields), *provider.in_place_of_image)
    further = [path for path in others if f"{path}.".startswith(f"{parameter}.")]
    ways = [f"`{owner}`" for owner in owners] + (["`provider_options`"] if further else [])
    return ", ".join(ways)


def _option_of_action(provider: Provider, verb: Verb, parameter: str) -> str:
    """How a parameter of another action than a reset is reached."""
    change = provider.password_change
    options = {provider.writes[verb].id_field: "`instance_ids`"}
    options |= dict.fromkeys(
        (name for fields in provider.modes.get(verb, {}).values() for name in fields),
        "`mode`" if verb is Verb.REBOOT else "`stop_mode`",
    )
    options |= {change.field: "`password`"} if change and verb is Verb.PASSWORD else {}
    return options.get(parameter, "")


def kind_of(provider: Provider, code: str) -> Kind | None:
    """How a code is classified; None where it is not."""
    return provider.errors.get(code) or provider.errors.get(code.partition(".")[0])


def status_of(name: str, word: str) -> Instance:
    """An instance in a state of the vendor's."""
    records: Mapping[str, Callable[[str], Mapping[str, Any]]] = {
        "zenlayer_zec": lambda state: {"instanceId": "i", "status": state},
        "zenlayer_bmc": lambda state: {"instanceId": "i", "instanceStatus": state},
        "zenlayer_vm": lambda state: {"instanceId": "i", "instanceStatus": state},
        "tencent_cvm_v2": lambda state: {"unInstanceId": "i", "status": int(state)},
    }
    record = records[name](word) if name in records else {"InstanceId": "i", "InstanceState": word}
    return PROVIDERS[name].to_instance(record, "r")


def _title(document: Document) -> str:
    return f"`{document.provider}` {document.action}"


def parameters() -> Sequence[Sequence[str]]:
    """A row for each parameter of each page."""
    return [
        [_title(document), f"`{parameter}`", options_of(document, parameter)]
        for document in DOCUMENTS
        for parameter in (*document.common, *document.parameters)
    ]


def limits() -> Sequence[Sequence[str]]:
    """A row for each rule of each page."""
    return [
        [_title(document), limit.rule, limit.where] for document in DOCUMENTS for limit in document.limits
    ]


def states() -> Sequence[Sequence[str]]:
    """A row for each state of each vendor's list."""
    rows = []
    for name, words in STATES.items():
        for word in words.split():
            sample = status_of(name, word)
            ours = "waited out" if sample.status is Status.UNKNOWN else sample.status.value
            rows.append(
                [f"`{name}`", f"`{word}`", f"refused: {sample.restriction}" if sample.restriction else ours]
            )
    return rows


def codes() -> Sequence[Sequence[str]]:
    """A row for each code of each page."""
    rows = []
    for document in DOCUMENTS:
        for code in document.codes:
            kind = kind_of(PROVIDERS[document.provider], code)
            rows.append(
                [_title(document), f"`{code}`", kind.value if kind else "", MEANINGS[kind] if kind else ""]
            )
    return rows
