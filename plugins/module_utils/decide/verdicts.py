# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What should happen to an instance, and why: pure functions from what was asked and what is known to a
verdict.

The same functions answer in check mode and in the real run. The order of the rules is part of the contract.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ..core.model import GONE, STATUS_WHEN_DONE, Decision, Image, Instance, Status, Verb, Verdict
from ..core.provider import UNDER_WAY, Provider
from ..core.reason import Reason
from ..core.rules import ResetOptions
from .facts import Facts, act, done_already, refuse, unchanged
from .installable import image_problem, login_problem

PROTECT_TAG = "reforge-protect"


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
        return refuse(Reason.RESTRICTED, f"the provider restricts the instance: {instance.restriction}")
    tag = protecting_tag(instance, protect_tags)
    if tag:
        return refuse(Reason.PROTECTED, f"the instance has the protecting tag {tag}")
    if verb in facts.denials:
        code, sentence = facts.denials[verb]
        return refuse(Reason.DENIED, f"the provider denies a {verb.noun} with {code}: {sentence}")
    return None


def decide_reset(provider: Provider, options: ResetOptions, instance: Instance, facts: Facts) -> Verdict:
    """The verdict for a reset of an instance that is not barred; the first rule that applies decides."""
    wanted = provider.installs(options)
    target = wanted or instance.image_id
    first = _not_now(instance, target, facts)
    if first:
        return first
    failed = facts.failed or instance.status is Status.RESET_FAILED
    same = instance.image_id == wanted and not failed and not options.force
    verdict = _impossible(provider, options, instance, facts, same) or _matches(same, target)
    if verdict:
        return verdict
    if not options.stop_first and _has_to_be_stopped(provider, instance):
        return refuse(Reason.RUNNING, "the provider resets only stopped instances, and stop_first is false")
    verdict = _reason_to_act(provider, options, instance, target, failed)
    everything = provider.erases_all(options.provider_options, options.keep_data_disks)
    return _noted(verdict, facts.images.get(target), everything)


def _has_to_be_stopped(provider: Provider, instance: Instance) -> bool:
    return instance.status is Status.RUNNING and not accepts(provider, Verb.RESET, instance)


def _noted(verdict: Verdict, image: Image | None, everything: bool) -> Verdict:
    """The verdict with what has to be known of the image and of the disks."""
    notes = [image.note if image else "", "all of its disks are erased" if everything else ""]
    return verdict._replace(sentence="; ".join(filter(None, (verdict.sentence, *notes))))


def _matches(same: bool, target: str) -> Verdict | None:
    return unchanged(Reason.IMAGE_MATCHES, f"it runs {target} already") if same else None


def _not_now(instance: Instance, target: str, facts: Facts) -> Verdict | None:
    """What is under way, or was never finished, comes first; then what is done, which stays done whatever has
    become of its image or its keys since.
    """
    if instance.status is Status.RESETTING and instance.image_id == target:
        sentence = f"a reset to {target} is already under way: wait for its end"
        return Verdict(Decision.ATTACH, Reason.RESETTING, sentence, Verb.RESET)
    if not instance.settled:
        return settle(instance)
    if instance.status is Status.FAILED:
        sentence = f"the instance was never fully created ({instance.vendor_status})"
        return refuse(Reason.CREATION_FAILED, sentence)
    return done_already(Verb.RESET, facts.done) if facts.done else None


def _impossible(
    provider: Provider, options: ResetOptions, instance: Instance, facts: Facts, same: bool
) -> Verdict | None:
    """Why the provider would refuse it.

    An image that is installed may since have been withdrawn; that matters only when it is to be installed.
    Without an image in the request what runs is installed again, listed or not.
    """
    target, grown = provider.installs(options) or instance.image_id, options.system_disk_size or 0
    image = facts.images.get(target)
    problem = None
    if not same:
        again = not options.image_id
        problem = image_problem(provider, instance, target, facts.images, grown, again)
        problem = problem or _bar(provider, options, instance, image)
    if provider.installs(options) != (options.image_id or ""):
        instance = replace(instance, os_type=None)  # what comes in place of an image may be any system
    return problem or login_problem(provider, options, instance, image, facts, same)


def _bar(
    provider: Provider, options: ResetOptions, instance: Instance, image: Image | None
) -> Verdict | None:
    """What the records show to be refused by the provider besides images and login."""
    if instance.reset_barred:
        return refuse(
            Reason.NOT_RESETTABLE, f"the provider would refuse a reset now: {instance.reset_barred}"
        )
    os_type = (image.os_type if image else None) or instance.os_type or ""
    rule = provider.rules.names.get(os_type)
    if options.instance_name and rule and not re.fullmatch(rule.pattern, options.instance_name):
        return refuse(Reason.NAME_RULE, f"instance_name: {options.instance_name!r} must be {rule.sentence}")
    return None


def _reason_to_act(
    provider: Provider, options: ResetOptions, instance: Instance, target: str, failed: bool
) -> Verdict:
    if failed:
        unsure = provider.rules.undocumented_states.get(instance.status, "")
        sentence = f"its last reset failed: install {target}" + (f" ({unsure})" if unsure else "")
        return act(Verb.RESET, Reason.LAST_RESET_FAILED, sentence)
    if not instance.image_id and not options.force:
        return refuse(
            Reason.IMAGE_UNKNOWN,
            "the provider's record does not show which image it runs: set force=true to reset it anyway",
        )
    if instance.image_id != target:
        return act(
            Verb.RESET,
            Reason.IMAGE_DIFFERS,
            f"it runs {instance.image_id or 'an unknown image'}: install {target}",
        )
    return act(Verb.RESET, Reason.FORCED, f"reinstall {target}, since force is true")


def accepts(provider: Provider, verb: Verb, instance: Instance) -> bool:
    """Whether the provider takes the verb in the instance's state."""
    return instance.status in provider.writes[verb].states


def decide_reboot(
    provider: Provider, instance: Instance, if_stopped: str, done: Reason | None = None
) -> Verdict:
    """The verdict for a reboot. ``done``: why none is left to do."""
    if done and instance.status in (Status.RUNNING, provider.proof.under_way[Verb.REBOOT]):
        return done_already(Verb.REBOOT, done)
    if instance.status is Status.STARTING and if_stopped == "start":
        return _attach(Verb.START, Status.STARTING)
    if not instance.settled:
        return settle(instance)
    if instance.status is Status.STOPPED:
        if if_stopped == "start":
            return act(Verb.START, Reason.STOPPED, "it is stopped: start it")
        if if_stopped == "skip":
            return unchanged(Reason.STOPPED, "it is stopped, and if_stopped is skip")
        return refuse(Reason.STOPPED, "it is stopped; set if_stopped to start or skip")
    if not accepts(provider, Verb.REBOOT, instance):
        return refuse(Reason.WRONG_STATE, f"it cannot be rebooted in this state ({instance.vendor_status})")
    return act(Verb.REBOOT, Reason.ASKED, "reboot it")


def _attach(verb: Verb, status: Status) -> Verdict:
    """What is wanted is under way."""
    sentence = f"it is already {status.value}: wait for the end"
    return Verdict(Decision.ATTACH, Reason.of(status.value), sentence, verb)


def decide_power(provider: Provider, instance: Instance, verb: Verb) -> Verdict:
    """The verdict for starting or stopping."""
    goal = STATUS_WHEN_DONE[verb]
    if instance.status is UNDER_WAY[verb]:
        return _attach(verb, instance.status)
    if not instance.settled:
        return settle(instance)
    if instance.status is goal:
        return unchanged(Reason.of(f"already_{goal.value}"), f"it is {goal.value} already")
    if not accepts(provider, verb, instance):
        return refuse(
            Reason.WRONG_STATE,
            f"it cannot become {goal.value} from this state ({instance.vendor_status})",
        )
    return act(verb, Reason.ASKED, f"{verb.value} it")
