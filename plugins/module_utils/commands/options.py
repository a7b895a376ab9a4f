# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Every option said once: what a module accepts and what its documentation says come from the same data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..core.model import Status
from .registry import PROVIDERS

Option = Mapping[str, Any]


def _honoured(option: str) -> str:
    names = ", ".join(f"V({name})" for name, provider in PROVIDERS.items() if option in provider.options)
    return f"Honoured by {names}; an error with any other provider."


CONNECTION: Mapping[str, Option] = {
    "provider": {
        "description": ["Which provider's API is called."],
        "type": "str",
        "required": True,
        "choices": list(PROVIDERS),
    },
    "region": {
        "description": [
            "Region of the instances.",
            "Required by the providers whose API is regional. With a provider whose API is global, instances of other "
            "regions are treated as not found.",
        ],
        "type": "str",
    },
    "endpoint": {
        "description": [
            "Base URL to use instead of the provider's own, C(scheme://host[:port][/prefix]), to which the API's own path "
            "is added. It serves every host of that provider.",
            "Plain C(http) is accepted for loopback addresses only.",
        ],
        "type": "str",
    },
    "access_key": {
        "description": ["Id of the access key. The README lists the environment variables that can give it."],
        "type": "str",
        "aliases": ["secret_id", "access_key_id"],
    },
    "secret_key": {
        "description": ["Secret of the access key."],
        "type": "str",
        "aliases": ["access_key_password", "access_key_secret"],
    },
    "token": {
        "description": [
            "A bearer token, which replaces the key pair, on Zenlayer; the token of a temporary key on Tencent."
        ],
        "type": "str",
    },
    "profile": {
        "description": [
            "A named profile in the files of the vendor's own command line.",
            "A profile that is asked for here beats the environment; the default profile does not.",
        ],
        "type": "str",
    },
    "validate_certs": {
        "description": ["Whether the certificate of the API is checked."],
        "type": "bool",
        "default": True,
    },
    "ca_path": {
        "description": ["File or folder of certificates to trust instead of the usual ones."],
        "type": "path",
    },
    "request_timeout": {
        "description": ["Seconds to wait for a connection, and again for an answer."],
        "type": "int",
        "default": 60,
    },
}

TARGETS: Mapping[str, Option] = {
    "instance_ids": {
        "description": [
            "Ids of the instances. At least one; each is acted on once, however often it is named.",
            "Only ids: a pattern or a word such as V(all) is refused.",
        ],
        "type": "list",
        "elements": "str",
        "required": True,
    },
}

GUARDS: Mapping[str, Option] = {
    "on_refusal": {
        "description": [
            "What to do when a rule refuses one of the instances.",
            "V(stop) sends nothing at all; V(skip) goes on with the others. The task fails in both cases.",
        ],
        "type": "str",
        "choices": ["stop", "skip"],
        "default": "stop",
    },
    "max_instances": {
        "description": ["Refuse the call when it would act on more instances than this."],
        "type": "int",
    },
    "protect_tags": {
        "description": [
            "Instances that carry one of these tags are refused. V(key) matches any value, V(key=value) just that one.",
            "When it is not given, C(reforge-protect) protects, as far as the provider has tags.",
        ],
        "type": "list",
        "elements": "str",
    },
    "expect_plan": {
        "description": [
            "The RV(plan_id) that an earlier run returned, usually one in check mode.",
            "The call refuses when it would now do anything else than that plan.",
        ],
        "type": "str",
    },
}

WAITING: Mapping[str, Option] = {
    "wait": {
        "description": [
            "Whether to wait until the provider's record proves the end.",
            "Without waiting the best outcome of an instance is V(accepted).",
        ],
        "type": "bool",
        "default": True,
    },
    "wait_timeout": {
        "description": [
            "Seconds after which waiting ends. What is still under way then has the outcome V(timeout); the same task, run "
            "again, goes on waiting for it instead of starting anew.",
        ],
        "type": "int",
        "default": 3600,
    },
    "events": {
        "description": [
            "File to which one JSON line is appended for each transition of an instance, and whenever requests have waited "
            "some seconds for the documented rate of their action."
        ],
        "type": "path",
    },
}

RESET: Mapping[str, Option] = {
    "image_id": {
        "description": [
            "Image to install. An instance that runs it already, and whose last reset did not fail, is left unchanged.",
            "Without it there is nothing to converge to: O(force=true) is required and the current image is installed again.",
        ],
        "type": "str",
    },
    "force": {
        "description": ["Reset also the instances that run the image already."],
        "type": "bool",
        "default": False,
    },
    "run_id": {
        "description": [
            "Name of a run. An instance that is done under it stays done, also with O(force=true). Needs O(ledger).",
        ],
        "type": "str",
    },
    "ledger": {
        "description": [
            "File in which each reset is noted before it is sent, and its answer and its end after it.",
            "A run that was killed is resolved from it by the next one. It holds no secret.",
        ],
        "type": "path",
    },
    "password": {
        "description": ["Password of the administrator after the reset, by the rules of the provider."],
        "type": "str",
    },
    "key_ids": {
        "description": ["Ids of the provider's SSH key pairs that may log in after the reset."],
        "type": "list",
        "elements": "str",
    },
    "keep_image_login": {
        "description": ["Keep the login settings that the image brings."],
        "type": "bool",
    },
    "user_data": {
        "description": ["What the instance runs at its first start, as plain text."],
        "type": "str",
    },
    "timezone": {
        "description": ["Time zone of the new system, such as V(Asia/Tokyo)."],
        "type": "str",
    },
    "instance_name": {
        "description": ["New name for the instance. Only with one instance."],
        "type": "str",
    },
    "guest_agent": {
        "description": ["Whether the guest agent is on after the reset. By default it stays as it is."],
        "type": "bool",
    },
    "monitoring_agent": {
        "description": ["Whether the provider's monitoring agent is installed."],
        "type": "bool",
    },
    "security_agent": {
        "description": ["Whether the provider's security agent is installed."],
        "type": "bool",
    },
    "keep_data_disks": {
        "description": ["Whether the data on data disks is kept."],
        "type": "bool",
    },
    "system_disk_size": {
        "description": ["Size of the system disk after the reset, in GiB. A disk cannot shrink."],
        "type": "int",
    },
    "image_type": {
        "description": ["Kind of image that O(image_id) is. By default the provider's image list tells."],
        "type": "str",
        "choices": ["private", "public", "market", "shared"],
    },
    "stop_first": {
        "description": [
            "Stop running instances where the provider resets only stopped ones. With V(false) they are refused.",
            "A reset leaves the instance running.",
        ],
        "type": "bool",
        "default": True,
    },
    "stop_mode": {
        "description": [
            "How to stop for O(stop_first): through the operating system, by power, or by power when the first did not work.",
        ],
        "type": "str",
        "choices": ["soft", "hard", "soft_then_hard"],
        "default": "soft_then_hard",
    },
}

# Options of a reset that a provider may or may not have: they have no default, so that one which was given is known.
PROVIDER_OPTIONS = (
    "password",
    "key_ids",
    "keep_image_login",
    "user_data",
    "timezone",
    "instance_name",
    "guest_agent",
    "monitoring_agent",
    "security_agent",
    "keep_data_disks",
    "system_disk_size",
    "image_type",
)

REBOOT: Mapping[str, Option] = {
    "mode": {
        "description": ["Through the operating system, by power, or by power when the first did not work."],
        "type": "str",
        "choices": ["soft", "hard", "soft_then_hard"],
        "default": "soft",
    },
    "if_stopped": {
        "description": ["What to do with an instance that is stopped."],
        "type": "str",
        "choices": ["refuse", "start", "skip"],
        "default": "refuse",
    },
    "since": {
        "description": [
            "Leave the instances alone whose last reboot began at this time or later. ISO 8601 in UTC, such as "
            "V(2026-01-31T12:00:00Z).",
            "The provider's record tells, or the O(ledger) where the record has no time.",
        ],
        "type": "str",
    },
    "ledger": {
        "description": ["File in which each reboot is noted, for O(since)."],
        "type": "path",
    },
}

POWER: Mapping[str, Option] = {
    "state": {
        "description": ["The state to bring the instances to."],
        "type": "str",
        "choices": ["started", "stopped"],
        "required": True,
    },
    "stop_mode": {
        "description": [
            "How to stop: through the operating system, by power, or by power when the first did not work."
        ],
        "type": "str",
        "choices": ["soft", "hard", "soft_then_hard"],
        "default": "soft",
    },
}

INSTANCE_FILTERS: Mapping[str, Option] = {
    "name": {
        "description": ["Names; V(*), V(?) and V([]) match as in a shell."],
        "type": "list",
        "elements": "str",
    },
    "status": {
        "description": ["States."],
        "type": "list",
        "elements": "str",
        "choices": [status.value for status in Status],
    },
    "image_id": {"description": ["Ids of the current image."], "type": "list", "elements": "str"},
    "zone": {"description": ["Zones."], "type": "list", "elements": "str"},
    "tags": {"description": ["Tags that must all be there with these values."], "type": "dict"},
    "ip": {"description": ["Public or private addresses."], "type": "list", "elements": "str"},
}

INSTANCE_INFO: Mapping[str, Option] = {
    "instance_ids": {
        "description": ["Only these instances. Those that do not exist are listed in RV(missing_ids)."],
        "type": "list",
        "elements": "str",
    },
    "filters": {
        "description": ["Only instances that match all of these. Of a list, one value has to match."],
        "type": "dict",
        "options": INSTANCE_FILTERS,
    },
}

IMAGE_INFO: Mapping[str, Option] = {
    "image_ids": {"description": ["Only these images."], "type": "list", "elements": "str"},
    "instance_id": {
        "description": ["Only images that this instance can be reset to."],
        "type": "str",
    },
    "filters": {
        "description": ["Only images that match all of these. Of a list, one value has to match."],
        "type": "dict",
        "options": {
            "name": INSTANCE_FILTERS["name"],
            "os_type": {"description": ["Types of operating system."], "type": "list", "elements": "str"},
            "zone": {
                "description": ["Zones in which the image is to be had."],
                "type": "list",
                "elements": "str",
            },
            "available": {"description": ["Whether it can be installed now."], "type": "bool"},
        },
    },
}

SECRET_OPTIONS = frozenset({"secret_key", "token", "password", "user_data"})


def argument_spec(*groups: Mapping[str, Option]) -> dict[str, Any]:
    """The argument_spec of a module that has these groups of options."""
    return {name: _argument(name, option) for group in groups for name, option in group.items()}


def _argument(name: str, option: Option) -> dict[str, Any]:
    argument = {key: value for key, value in option.items() if key not in ("description", "options")}
    if "options" in option:
        argument["options"] = argument_spec(option["options"])
    if name in SECRET_OPTIONS:
        argument["no_log"] = True
    elif "key" in name or "pass" in name:
        argument["no_log"] = False  # an id, not a secret: said so, or Ansible warns
    return argument


def described(group: Mapping[str, Option]) -> dict[str, Any]:
    """The group as the options of a documentation, with who honours what where that differs."""
    return {
        name: {
            **{key: value for key, value in option.items() if key != "options"},
            "description": [
                *option["description"],
                *([_honoured(name)] if name in PROVIDER_OPTIONS and option is RESET.get(name) else []),
            ],
            **({"suboptions": described(option["options"])} if "options" in option else {}),
        }
        for name, option in group.items()
    }


def documentation(group: Mapping[str, Option]) -> str:
    """The group as a documentation fragment. JSON is YAML, and needs no library for it in a module."""
    return json.dumps({"options": described(group)})
