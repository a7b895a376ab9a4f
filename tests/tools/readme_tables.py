# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The tables of the guides that are made from the providers' values: ``make tables`` renews them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ansible_collections.reforge.cloud.plugins.module_utils.commands.options import PROVIDER_OPTIONS
from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Verb
from ansible_collections.reforge.cloud.plugins.module_utils.core.provider import Action, Provider
from ansible_collections.reforge.cloud.plugins.module_utils.core.reason import Reason
from ansible_collections.reforge.cloud.plugins.module_utils.core.rules import PasswordRule
from tools import vendor_tables
from tools.needed_actions import USES, needed_actions

ROOT = Path(__file__).resolve().parent.parent.parent


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _action(action: Action | None) -> str:
    if action is None:
        return "-"
    rate = f", {action.per_second:g}/s" if action.per_second else ""
    ids = f"{action.at_once} at once" if action.at_once > 1 else "one by one"
    return f"{action.name}, {ids}{rate}"


def _states(provider: Provider, verb: Verb) -> str:
    unsure = provider.rules.undocumented_states
    return ", ".join(
        state.value + (" (not documented: tried once)" if state in unsure else "")
        for state in sorted(provider.writes[verb].states, key=lambda state: state.value)
    )


def _modes(provider: Provider, verb: Verb) -> str:
    """The ways to do it; soft_then_hard is done by two requests where the vendor has no such order."""
    return "soft, hard, soft_then_hard" if provider.modes.get(verb) else "one way, so no option"


def _new_password(provider: Provider) -> str:
    if Verb.PASSWORD not in provider.writes:
        return "-"
    return f"{_action(provider.writes[Verb.PASSWORD])}, from {_states(provider, Verb.PASSWORD)}"


def _password(rule: PasswordRule) -> str:
    return f"{rule.shortest}-{rule.longest} characters, {rule.needs} of {len(rule.classes)} classes"


def _passwords(provider: Provider) -> str:
    rules = sorted(provider.rules.passwords.items())
    return "; ".join(
        f"{os_type or ('others' if len(rules) > 1 else 'all')}: {_password(rule)}" for os_type, rule in rules
    )


FACTS: tuple[tuple[str, Callable[[Provider], str]], ...] = (
    ("API", lambda provider: provider.title),
    ("API version", lambda provider: provider.api.version or "-"),
    ("`region`", lambda provider: "required" if provider.regional else "a filter"),
    ("reset", lambda provider: _action(provider.writes[Verb.RESET])),
    ("a reset begins", lambda provider: _states(provider, Verb.RESET)),
    ("proof of success", lambda provider: provider.proof.sentence),
    ("reboot", lambda provider: _action(provider.writes[Verb.REBOOT])),
    ("start, stop", lambda provider: _action(provider.writes[Verb.STOP])),
    ("`stop_mode`", lambda provider: _modes(provider, Verb.STOP)),
    ("`mode` of a reboot", lambda provider: _modes(provider, Verb.REBOOT)),
    ("new password without a reset", _new_password),
    ("instances are read", lambda provider: _action(provider.instances)),
    ("login, one of", lambda provider: ", ".join(f"`{way}`" for way in provider.rules.login_ways)),
    ("password", _passwords),
    ("tags", lambda provider: "yes" if provider.tags else "none, so none protects"),
    ("the vendor's pages", lambda provider: "<br>".join(f"<{source}>" for source in provider.sources)),
    ("`since` without `ledger`", lambda provider: "yes" if provider.proof.records_start else "no"),
)


def providers_table() -> str:
    """What each provider can do, one column for each."""
    rows = [[name, *(tell(provider) for provider in PROVIDERS.values())] for name, tell in FACTS]
    rows += [
        [f"`{option}`", *("yes" if option in provider.options else "-" for provider in PROVIDERS.values())]
        for option in PROVIDER_OPTIONS
    ]
    return _table(["", *(f"`{name}`" for name in PROVIDERS)], rows)


def credentials_table() -> str:
    """Where each provider's credentials are looked for besides the options."""
    names = ("access_key", "secret_key", "token", "region", "profile")
    rows = []
    for name, provider in PROVIDERS.items():
        sources = provider.credentials
        variables = [
            "<br>".join(f"`{source}`" for source in sources.environment.get(option, ())) or "-"
            for option in names
        ]
        rows.append([f"`{name}`", *variables, "<br>".join(f"`{file}`" for file in sources.profile_files)])
    return _table(["provider", *(f"`{name}`" for name in names), "files of profiles"], rows)


def _called(actions: Mapping[str, str]) -> str:
    return "<br>".join(f"{name} ({when})" if when else name for name, when in actions.items()) or "-"


def actions_table() -> str:
    """What the owner of a key has to be allowed, one column for each provider."""
    needed = [needed_actions(provider) for provider in PROVIDERS.values()]
    rows = [[use, *(_called(actions[module]) for actions in needed)] for module, use in USES.items()]
    return _table(["", *(f"`{name}`" for name in PROVIDERS)], rows)


def codes_table() -> str:
    """The providers' error codes that we know what to do about."""
    advice: dict[tuple[str, str], list[str]] = {}
    for name, provider in PROVIDERS.items():
        for code, sentence in provider.advice.items():
            advice.setdefault((code, sentence), []).append(name)
    rows = [
        [f"`{code}`", ", ".join(f"`{name}`" for name in names), sentence]
        for (code, sentence), names in sorted(advice.items())
    ]
    return _table(["code", "of", "do"], rows)


def reasons_table() -> str:
    """Every reason that a user can see."""
    meaning = {reason.value: re.sub(r"\b[OV]\(([^)]*)\)", r"`\1`", reason.text) for reason in Reason}
    return _table(["reason", "meaning"], [[f"`{code}`", meaning[code]] for code in sorted(meaning)])


# The tables of each page, by the name in the comments that surround them.
PAGES: dict[str, dict[str, Callable[[], str]]] = {
    "plugins/PROVIDERS.md": {"providers": providers_table, "credentials": credentials_table},
    "plugins/SECURITY.md": {"actions": actions_table},
    "plugins/TROUBLESHOOTING.md": {"reasons": reasons_table, "codes": codes_table},
    "plugins/VENDORS.md": {
        "parameters": lambda: _table(["page", "parameter", "reached by"], vendor_tables.parameters()),
        "limits": lambda: _table(["page", "rule", "kept"], vendor_tables.limits()),
        "states": lambda: _table(["provider", "state", "counts as"], vendor_tables.states()),
        "codes": lambda: _table(["page", "code", "kind", "comes to"], vendor_tables.codes()),
    },
}


def renewed(page: str, text: str) -> str:
    """The text of a page with its tables as they should be. ValueError if a place is missing."""
    for name, table in PAGES[page].items():
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        start = text.index(begin) + len(begin)
        text = text[:start] + table() + "\n" + text[text.index(end) :]
    return text


def renew() -> None:
    """Write the tables of all pages as they should be."""
    for name in PAGES:
        path = ROOT / name
        path.write_text(renewed(name, path.read_text(encoding="utf-8")), encoding="utf-8")
