# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Every option said once: argument specs, documentation and the options of the roles are made from this data.

The options of the connection are in ``connection_options``, those of the modules that only read in
``read_options``, and the one that passes on what a plan has read in ``plan_options``. ``option_types`` says
what an option is; ``option_docs`` and ``option_sentences`` make its documentation. After a change, ``make
tables`` renews what is generated from it.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..core.model import Verb
from .connection_options import CONNECTION
from .option_sentences import further_fields, without_modes
from .option_types import Option, choice, mapping, number, path, secret, switch, text, texts
from .plan_options import FACTS

STOP_MODES = ("soft", "hard", "soft_then_hard")

TARGETS: Mapping[str, Option] = {
    "instance_ids": texts(
        "Ids of the instances, at least one. An id given twice counts once.",
        "Ids only: a pattern or a word such as V(all) is refused.",
        example=["1234567890123456789"],
    ),
}

GUARDS: Mapping[str, Option] = {
    "on_refusal": choice(
        ["stop", "skip"],
        "What to do when a rule refuses one of the instances.",
        "V(stop) sends nothing at all; V(skip) continues with the others. The task fails in both cases.",
        default="stop",
        example="skip",
    ),
    "max_instances": number("Refuse the call if it would act on more instances than this.", example=10),
    "protect_tags": texts(
        "Refuse instances with one of these tags. V(key) matches any value, V(key=value) only that one.",
        "The default is C(reforge-protect), if the provider has tags.",
        example=["env=production", "keep"],
    ),
    "expect_plan": text(
        "The RV(plan_id) of an earlier run, usually in check mode.",
        "The call is refused if it would now do anything else.",
        example="4f1c8f0f-6f2b9a37-0c1d2e3f-5a6b7c8d",
    ),
}

WAITING: Mapping[str, Option] = {
    "wait": switch(
        "Whether to wait until the provider's record proves the result.",
        "Without waiting, the best outcome of an instance is V(accepted).",
        default=True,
        example=False,
    ),
    "wait_timeout": number(
        "Seconds to wait. An instance that is not done by then gets the outcome V(timeout); run the same "
        "task again to continue waiting. It sends nothing twice.",
        default=3600,
        example=1800,
    ),
    "events": path(
        "File to which a JSON line is appended for each transition of an instance, and when requests have "
        "waited some seconds for a rate limit.",
        example="/var/log/reforge/events.jsonl",
    ),
}

# Not every provider supports these. They have no default, so that it is known whether one was given.
SELECTIVE: Mapping[str, Option] = {
    "password": secret(
        "Administrator password of the new system. The provider's password rules apply.",
        example="{{ vault_password }}",
    ),
    "key_ids": texts(
        "Ids of the provider's SSH key pairs that may log in after the reset.", example=["key-YWD2QFOl"]
    ),
    "keep_image_login": switch("Whether to keep the login settings of the image."),
    "user_data": secret(
        "Script or cloud-config for the first boot of the new system, as plain text.",
        example="{{ lookup('ansible.builtin.file', 'cloud-init.yml') }}",
    ),
    "timezone": text("Time zone of the new system.", example="Asia/Tokyo"),
    "instance_name": text("New name of the instance. No two instances can get the same.", example="web-1"),
    "guest_agent": switch("Whether to enable the guest agent. By default it stays as it is."),
    "monitoring_agent": switch("Whether to install the provider's monitoring agent."),
    "security_agent": switch("Whether to install the provider's security agent."),
    "keep_data_disks": switch("Whether to keep the data on data disks."),
    "system_disk_size": number(
        "Size of the system disk after the reset, in GiB. A disk cannot shrink.", example=100
    ),
    "image_type": choice(
        ["private", "public", "market", "shared"],
        "Type of the image in O(image_id). By default it is looked up in the provider's list of images.",
        example="private",
    ),
}
PROVIDER_OPTIONS = tuple(SELECTIVE)

LEDGER: Mapping[str, Option] = {
    "run_id": text(
        "Name of a run. An instance that is done under it is not acted on again, even with C(force=true), "
        "and an open request of an earlier call under it is continued. A different image for an instance "
        "under the same run is refused.",
        example="incident-4711",
    ),
    "ledger": text(
        "Where requests are recorded before they are sent, and later their results: a file, or a PostgreSQL "
        "database, C(postgresql://host/database), which several machines can share. An empty value disables "
        "it.",
        "From it, the next call resolves requests of a run that was killed or did not see the end. It holds "
        "no secrets.",
        "By default E(REFORGE_LEDGER), else C(reforge.cloud/ledger.jsonl) in E(XDG_STATE_HOME), else in "
        "C(~/.local/state).",
        example="/var/lib/reforge/ledger.jsonl",
    ),
}

RESET: Mapping[str, Option] = {
    "image_id": text(
        "Image to install. An instance that already runs it, and whose last reset did not fail, stays "
        "unchanged.",
        "If it is omitted, O(force=true) is required, and the current image is reinstalled.",
        example="img-487zeit5",
    ),
    "force": switch("Also reset instances that already run the image.", default=False),
    "provider_options": mapping(
        "The vendor's own request fields, by the names on its page, for everything that no other option "
        "covers. They are part of the plan.",
        "A field that another option sets is an error. Values are not masked: put no secrets here.",
        more=further_fields,
        example={"EnhancedService": {"AutomationService": {"Enabled": True}}},
    ),
    **LEDGER,
    **SELECTIVE,
    "stop_first": switch(
        "Stop running instances if the provider resets only stopped ones. With V(false) they are refused.",
        "A reset leaves the instance running.",
        default=True,
        example=False,
    ),
    "stop_mode": choice(
        STOP_MODES,
        "How O(stop_first) stops an instance: V(soft) through the operating system, V(hard) by power, "
        "V(soft_then_hard) by power if the soft stop fails.",
        "By default V(soft_then_hard).",
        more=lambda: without_modes(Verb.STOP),
        example="hard",
    ),
}

REBOOT: Mapping[str, Option] = {
    "mode": choice(
        STOP_MODES,
        "V(soft) reboots through the operating system, V(hard) by power, V(soft_then_hard) by power if the "
        "soft reboot fails.",
        "By default V(soft).",
        more=lambda: without_modes(Verb.REBOOT),
        example="hard",
    ),
    "if_stopped": choice(
        ["refuse", "start", "skip"],
        "What to do with a stopped instance.",
        default="refuse",
        example="start",
    ),
    "since": text(
        "Skip instances whose last reboot began at this time or later. ISO 8601 in UTC.",
        "The time of the reboot is taken from the provider's record, or from the O(ledger) if the record has "
        "none.",
        "Only successful reboots count; a reboot under way is waited for.",
        example="2026-01-31T12:00:00Z",
    ),
    **LEDGER,
}

_ENTRY: Mapping[str, Option] = {
    "instance_id": text("Id of the instance.", required=True, example="1234567890123456789"),
    "expect_digest": text(
        "The approved C(digest) of the instance's row. The call is refused if it would now do anything else "
        "to the instance.",
        example="4f1c8f0f-6f2b9a37-0c1d2e3f-5a6b7c8d",
    ),
}


def _without_default(option: Option) -> Option:
    return (
        {key: value for key, value in option.items() if key != "default"} if "default" in option else option
    )


def _entries(*options: Mapping[str, Option]) -> Option:
    """The option ``instances`` for a module whose options can differ between instances."""
    own = {name: _without_default(option) for group in options for name, option in group.items()}
    return {
        "description": [
            "Instances with options of their own, instead of O(instance_ids). An option that an entry does "
            "not set has the value of the module's own option. There is still one call, with one plan."
        ],
        "type": "list",
        "elements": "dict",
        "options": {**_ENTRY, **own},
        "example": [{"instance_id": "1234567890123456789"}],
    }


RESET_TARGETS: Mapping[str, Option] = {
    **TARGETS,
    "instances": _entries(
        {
            "awaits_proof": switch(
                "The caller will log in to the new system and record the proof in the ledger. Until then the "
                "instance counts as C(unproven)."
            ),
            "system_before": text(
                "Identity of the current system, as the caller saw it from inside: a digest, not a secret. "
                "The ledger keeps it, so that a later run recognizes the old system.",
                example="6f2b9a370c1d2e3f",
            ),
        },
        {name: option for name, option in RESET.items() if name not in LEDGER},
    ),
    "facts": FACTS,
}
REBOOT_TARGETS: Mapping[str, Option] = {
    **TARGETS,
    "instances": _entries({name: REBOOT[name] for name in ("mode", "if_stopped")}),
}

POWER: Mapping[str, Option] = {
    "state": choice(
        ["started", "stopped"],
        "The wanted state of the instances.",
        required=True,
        example="stopped",
    ),
    "stop_mode": choice(
        STOP_MODES,
        "V(soft) stops through the operating system, V(hard) by power, V(soft_then_hard) by power if the "
        "soft stop fails. By default V(soft).",
        more=lambda: without_modes(Verb.STOP),
        example="hard",
    ),
}

PASSWORD: Mapping[str, Option] = {
    "password": secret(
        "New administrator password. The provider's password rules apply.",
        required=True,
        example="{{ vault_password }}",
    ),
    "stop_first": switch(
        "Stop running instances if the provider sets passwords only on stopped ones, and start them again "
        "afterwards. With V(false) they are refused.",
        default=False,
        example=True,
    ),
    "stop_mode": POWER["stop_mode"],
    "run_id": text(
        "Name of a run. Under it the password of an instance is set once, whatever its value, and an open "
        "request of an earlier call is continued.",
        example="rotation-2026-02",
    ),
    "ledger": LEDGER["ledger"],
}

GROUPS = (
    PASSWORD,
    CONNECTION,
    RESET_TARGETS,
    REBOOT_TARGETS,
    GUARDS,
    WAITING,
    RESET,
    REBOOT,
    POWER,
)
SECRET_OPTIONS = frozenset(name for group in GROUPS for name, option in group.items() if option.get("no_log"))
