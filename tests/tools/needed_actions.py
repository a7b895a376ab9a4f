# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which API actions each module calls at each provider: what the owner of a key has to be allowed, and no
more.
"""

from __future__ import annotations

from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Status, Verb
from ansible_collections.reforge.cloud.plugins.module_utils.core.provider import Action, Provider

# Who calls what the module of the first name calls.
USES = {
    "instance_info": "`instance_info`, playbook `report`",
    "inventory": "inventory plugin",
    "image_info": "`image_info`",
    "instance_reset": "`instance_reset`, role `rebuild`",
    "instance_reboot": "`instance_reboot`, role `reboot`",
    "instance_power": "`instance_power`",
    "instance_password": "`instance_password`",
}


def needed_actions(provider: Provider) -> dict[str, dict[str, str]]:
    """For each module, the names of the actions, each with when it is called; empty text where it always
    is.
    """
    writes, instances = provider.writes, provider.instances
    stops = "where it runs" if Status.RUNNING not in writes[Verb.RESET].states else None
    return {
        "instance_info": _named((instances, "")),
        "inventory": _named((instances, ""), (provider.zones, "with `region`")),
        "image_info": _named(
            (provider.image_catalogue or provider.images, ""),
            (provider.zones, ""),
            (instances, "with `instance_id`"),
            (provider.images, "with `instance_id`"),
        ),
        "instance_reset": _named(
            (instances, ""),
            (provider.images, ""),
            (provider.denials, ""),
            (provider.keys, "with `key_ids`"),
            (provider.timezones, "with `timezone`"),
            (writes[Verb.RESET], ""),
            (writes[Verb.STOP] if stops else None, stops or ""),
            (writes[Verb.START] if stops else None, "where it was stopped in vain"),
        ),
        "instance_reboot": _named(
            (instances, ""),
            (provider.denials, ""),
            (writes[Verb.REBOOT], ""),
            (writes[Verb.START], "with `if_stopped: start`"),
        ),
        "instance_password": _password(provider),
        "instance_power": _named(
            (instances, ""),
            (provider.denials, ""),
            (writes[Verb.START], "`started`"),
            (writes[Verb.STOP], "`stopped`"),
        ),
    }


def _password(provider: Provider) -> dict[str, str]:
    """Empty where the provider sets no password without a reset."""
    writes = provider.writes
    if Verb.PASSWORD not in writes:
        return {}
    stops = Status.RUNNING not in writes[Verb.PASSWORD].states
    return _named(
        (provider.instances, ""),
        (provider.denials, ""),
        (writes[Verb.PASSWORD], ""),
        (writes[Verb.STOP] if stops else None, "with `stop_first`, where it runs"),
        (writes[Verb.START] if stops else None, "after that stop"),
    )


def _named(*actions: tuple[Action | None, str]) -> dict[str, str]:
    """The actions that the provider has, each once and as often called as the first that names it."""
    found: dict[str, str] = {}
    for action, when in actions:
        if action is not None:
            found.setdefault(action.name, when)
    return found
