# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What should happen to an instance, and why: pure functions from what was asked and what is known to a verdict.

The same functions answer in check mode and in the real run. The order of the rules is part of the contract.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..core.model import (
    GONE,
    Decision,
    Image,
    Instance,
    Reason,
    Status,
    Verb,
    Verdict,
)
from ..core.provider import Provider, ResetOptions
from .password import password_problem

PROTECT_TAG = "reforge-protect"


@dataclass(frozen=True)
class Facts:
    """What was read besides the instance itself. None where the provider does not tell."""

    images: Mapping[str, Image] = field(default_factory=dict)  # that this instance can see
    key_ids: frozenset[str] | None = None
    denials: Mapping[Verb, tuple[str, str]] = field(default_factory=dict)  # verb -> code and sentence
    done: bool = False  # the ledger says so: under this run_id, or since the time that was given
    failed: bool = (
        False  # the ledger says that the last reset failed, whatever state somebody brought it to since
    )


def refuse(reason: Reason, sentence: str) -> Verdict:
    """A refusal."""
    return Verdict(Decision.REFUSE, reason, sentence)


def act(verb: Verb, reason: Reason, sentence: str) -> Verdict:
    """Something is to be done."""
    return Verdict(Decision.ACT, reason, sentence, verb)


def unchanged(reason: Reason, sentence: str) -> Verdict:
    """Nothing is to be done."""
    return Verdict(Decision.UNCHANGED, reason, sentence)


def settle(instance: Instance) -> Verdict:
    """Something else is under way."""
    return Verdict(
        Decision.SETTLE,
        Reason.BUSY,
        f"another operation is under way ({instance.vendor_status}): wait for its end",
    )


NOT_FOUND = refuse(Reason.NOT_FOUND, "the provider lists no such instance in this account and region")


def protecting_tag(instance: Instance, protect_tags: Sequence[str]) -> str:
    """The tag that protects the instance, or an empty string."""
    for wanted in protect_tags:
        key, equals, value = wanted.partition("=")
        if key in (instance.tags or {}) and (not equals or (instance.tags or {})[key] == value):
            return wanted
    return ""


def refusal_for_any(
    verb: Verb, instance: Instance | None, facts: Facts, region: str, protect_tags: Sequence[str]
) -> Verdict | None:
    """The refusals that hold for every verb, or None."""
    if instance is None:
        return NOT_FOUND
    if region and instance.region and instance.region != region:
        return refuse(Reason.NOT_FOUND, f"the instance is in region {instance.region}, not in {region}")
    if instance.status in GONE:
        return refuse(
            Reason.of(instance.status.value),
            f"the instance is {instance.status.value} ({instance.vendor_status})",
        )
    if instance.restriction:
        return refuse(Reason.RESTRICTED, f"the provider holds the instance back: {instance.restriction}")
    tag = protecting_tag(instance, protect_tags)
    if tag:
        return refuse(Reason.PROTECTED, f"the instance carries the protecting tag {tag}")
    if verb in facts.denials:
        code, sentence = facts.denials[verb]
        return refuse(Reason.DENIED, f"the provider denies a {verb.noun} with {code}: {sentence}")
    return None


def decide_reset(provider: Provider, options: ResetOptions, instance: Instance, facts: Facts) -> Verdict:
    """The verdict for a reset of an instance that is not barred; the first rule that applies decides."""
    target = options.image_id or instance.image_id
    if instance.status is Status.RESETTING and instance.image_id == target:
        return Verdict(
            Decision.ATTACH,
            Reason.RESETTING,
            f"a reset to {target} is already running: wait for its end",
            Verb.RESET,
        )
    if not instance.settled:
        return settle(instance)
    if instance.status is Status.FAILED:
        return refuse(
            Reason.CREATION_FAILED, f"the instance was never created whole ({instance.vendor_status})"
        )
    failed = facts.failed or instance.status is Status.RESET_FAILED
    same = bool(options.image_id) and instance.image_id == target and not failed and not options.force
    image = facts.images.get(target)
    # An image that is installed may since have been withdrawn; that matters only when it is to be installed.
    grown = options.system_disk_size or 0
    again = not options.image_id  # what runs is installed again, and may no longer be listed
    problem = (
        None
        if same
        else image_problem(provider, instance, target, facts.images, grown, again)
        or _bar(provider, options, instance, image)
    ) or _login_problem(provider, options, instance, image, facts, same)
    if problem:
        return problem
    if facts.done:
        return unchanged(Reason.DONE_IN_RUN, "the ledger says that it was reset under this run_id")
    if same:
        return unchanged(Reason.IMAGE_MATCHES, f"it runs {target} already")
    if (
        instance.status is Status.RUNNING
        and not accepts(provider, Verb.RESET, instance)
        and not options.stop_first
    ):
        return refuse(Reason.RUNNING, "the provider resets only stopped instances, and stop_first is false")
    verdict = _reason_to_act(provider, options, instance, target)
    note = f"; {image.note}" if image and image.note else ""
    return replace(verdict, sentence=verdict.sentence + note)


def _bar(
    provider: Provider, options: ResetOptions, instance: Instance, image: Image | None
) -> Verdict | None:
    """What the records show to be refused by the provider besides images and login."""
    if instance.reset_barred:
        return refuse(
            Reason.NOT_RESETTABLE, f"the provider refuses a reset of it now: {instance.reset_barred}"
        )
    os_type = (image.os_type if image else None) or instance.os_type or ""
    rule = provider.rules.names.get(os_type)
    if options.instance_name and rule and not re.fullmatch(rule.pattern, options.instance_name):
        return refuse(Reason.NAME_RULE, f"instance_name: {options.instance_name!r} must be {rule.sentence}")
    return None


def _reason_to_act(provider: Provider, options: ResetOptions, instance: Instance, target: str) -> Verdict:
    if instance.status is Status.RESET_FAILED:
        unsure = provider.rules.undocumented_states.get(instance.status, "")
        sentence = f"its last reset failed: install {target}" + (f" ({unsure})" if unsure else "")
        return act(Verb.RESET, Reason.LAST_RESET_FAILED, sentence)
    if not instance.image_id and not options.force:
        return refuse(
            Reason.IMAGE_UNKNOWN,
            "the provider's record does not tell which image it runs: force=true resets it whatever that is",
        )
    if options.image_id and instance.image_id != target:
        return act(
            Verb.RESET,
            Reason.IMAGE_DIFFERS,
            f"it runs {instance.image_id or 'an unknown image'}: install {target}",
        )
    return act(Verb.RESET, Reason.FORCED, f"install {target} again, since force is true")


def accepts(provider: Provider, verb: Verb, instance: Instance) -> bool:
    """Whether the provider takes the verb in the instance's state."""
    return instance.status in provider.writes[verb].states


def image_problem(
    provider: Provider,
    instance: Instance,
    target: str,
    images: Mapping[str, Image],
    grown: int = 0,
    again: bool = False,
) -> Verdict | None:
    """Why the instance cannot be reset to the image, of those that it can see; None when it can.

    ``grown`` is the size in GiB that the system disk is to get; 0 when it stays as it is. ``again``: no image is named
    in the request, which means the current one to the provider, listed or not.
    """
    image = images.get(target)
    if image is None and again:
        return _shrinking(instance, grown)
    if image is None:
        where = f" in zone {instance.zone or 'unknown'}" if provider.zones else ""
        hint = (
            "; leave image_id out to install the current image again" if target == instance.image_id else ""
        )
        return refuse(
            Reason.IMAGE_NOT_FOUND, f"image {target} is not available to this instance{where}{hint}"
        )
    if not image.available:
        return refuse(
            Reason.IMAGE_UNAVAILABLE, f"image {target} cannot be installed now: its status is {image.status}"
        )
    if image.blocked:
        return refuse(Reason.IMAGE_BLOCKED, f"the provider does not allow image {target}: {image.blocked}")
    current = images.get(instance.image_id)
    os_type = instance.os_type or (current.os_type if current else "")
    if provider.rules.same_os_type and os_type and image.os_type and os_type != image.os_type:
        return refuse(
            Reason.OS_TYPE_DIFFERS, f"image {target} is {image.os_type} and the instance is {os_type}"
        )
    return _size_problem(instance, image, grown)


def _shrinking(instance: Instance, grown: int) -> Verdict | None:
    disk = instance.system_disk.size if instance.system_disk else 0
    if 0 < grown < disk:
        return refuse(
            Reason.DISK_CANNOT_SHRINK, f"system_disk_size: {grown} GiB is less than the present {disk} GiB"
        )
    return None


def _size_problem(instance: Instance, image: Image, grown: int) -> Verdict | None:
    shrinking = _shrinking(instance, grown)
    if shrinking:
        return shrinking
    disk = max(instance.system_disk.size if instance.system_disk else 0, grown)
    if disk and image.size > disk:
        return refuse(
            Reason.DISK_TOO_SMALL,
            f"image {image.id} needs {image.size} GiB and the system disk has {disk} GiB",
        )
    if instance.memory and image.memory > instance.memory:
        return refuse(
            Reason.MEMORY_TOO_SMALL,
            f"image {image.id} needs {image.memory} GiB of memory, there are {instance.memory}",
        )
    return None


def _login_problem(
    provider: Provider,
    options: ResetOptions,
    instance: Instance,
    image: Image | None,
    facts: Facts,
    same: bool,
) -> Verdict | None:
    os_type = (image.os_type if image else None) or instance.os_type or ""
    given = next((way for way in provider.rules.login_ways if getattr(options, way)), "")
    takes_login = image.accepts_login if image else os_type != "windows" or provider.rules.login_on_windows
    name = image.id if image else instance.image_id
    if given and not takes_login:
        return refuse(Reason.LOGIN_NOT_SUPPORTED, f"{given} cannot be set with image {name} ({os_type})")
    if provider.rules.needs_login and takes_login and not given and not same:
        return refuse(
            Reason.LOGIN_MISSING,
            f"the provider refuses a reset to image {name} without login: give one of "
            f"{', '.join(provider.rules.login_ways)}",
        )
    if options.keep_image_login and image and image.type == "public":
        return refuse(
            Reason.LOGIN_NOT_SUPPORTED,
            f"keep_image_login is for images that are not public, and {image.id} is",
        )
    if options.key_ids and os_type == "windows" and not provider.rules.keys_on_windows:
        return refuse(
            Reason.LOGIN_NOT_SUPPORTED,
            f"key_ids cannot be set with image {image.id if image else ''} ({os_type})",
        )
    missing = sorted(
        set(options.key_ids or ())
        - (facts.key_ids if facts.key_ids is not None else set(options.key_ids or ()))
    )
    if missing:
        return refuse(Reason.KEY_NOT_FOUND, f"key_ids: {', '.join(missing)} is not there in this account")
    if options.password:
        rule = provider.rules.passwords.get(os_type, provider.rules.passwords[""])
        problem = password_problem(options.password, rule)
        if problem:
            return refuse(Reason.PASSWORD_RULE, f"password (not shown) {problem}")
    return None


def decide_reboot(provider: Provider, instance: Instance, if_stopped: str, done: bool) -> Verdict:
    """The verdict for a reboot. ``done``: a reboot began since the time that was asked for."""
    if done and instance.status in (Status.RUNNING, provider.proof.under_way[Verb.REBOOT]):
        return unchanged(Reason.REBOOTED_SINCE, "a reboot began since the time that was given")
    if not instance.settled:
        return settle(instance)
    if instance.status is Status.STOPPED:
        if if_stopped == "start":
            return act(Verb.START, Reason.STOPPED, "it is stopped: start it")
        if if_stopped == "skip":
            return unchanged(Reason.STOPPED, "it is stopped, and if_stopped is skip")
        return refuse(Reason.STOPPED, "it is stopped; if_stopped can be start or skip")
    if not accepts(provider, Verb.REBOOT, instance):
        return refuse(Reason.WRONG_STATE, f"it cannot be rebooted in its state ({instance.vendor_status})")
    return act(Verb.REBOOT, Reason.ASKED, "reboot it")


def decide_power(provider: Provider, instance: Instance, verb: Verb) -> Verdict:
    """The verdict for starting or stopping."""
    goal = Status.RUNNING if verb is Verb.START else Status.STOPPED
    under_way = Status.STARTING if verb is Verb.START else Status.STOPPING
    if instance.status is under_way:
        return Verdict(
            Decision.ATTACH,
            Reason.of(under_way.value),
            f"it is {under_way.value} already: wait for its end",
            verb,
        )
    if not instance.settled:
        return settle(instance)
    if instance.status is goal:
        return unchanged(Reason.of(f"already_{goal.value}"), f"it is {goal.value} already")
    if not accepts(provider, verb, instance):
        return refuse(
            Reason.WRONG_STATE,
            f"it cannot be brought to {goal.value} from its state ({instance.vendor_status})",
        )
    return act(verb, Reason.ASKED, f"{verb.value} it")
