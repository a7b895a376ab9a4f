# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Whether an image can be installed on an instance, with the login that was asked for: the rules, as pure
functions.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..core.model import Image, Instance, Verdict
from ..core.provider import Provider
from ..core.reason import Reason
from ..core.rules import ResetOptions
from .facts import Facts, refuse
from .password import password_problem


def image_problem(
    provider: Provider,
    instance: Instance,
    target: str,
    images: Mapping[str, Image],
    grown: int = 0,
    again: bool = False,
) -> Verdict | None:
    """Why the instance cannot be reset to the image, of those that it can see; None when it can.

    ``grown`` is the size in GiB that the system disk is to get; 0 when it stays as it is. ``again``: no image
    is named in the request, which means the current one to the provider, listed or not.
    """
    image = images.get(target)
    if image is None:
        return _shrinking(instance, grown) if again else _missing(provider, instance, target)
    if not image.available:
        sentence = f"image {target} cannot be installed now: its status is {image.status}"
        return refuse(Reason.IMAGE_UNAVAILABLE, sentence)
    if image.blocked:
        return refuse(Reason.IMAGE_BLOCKED, f"the provider does not allow image {target}: {image.blocked}")
    other_system = _other_system(provider, instance, image, images.get(instance.image_id))
    return other_system or _size_problem(instance, image, grown)


def _missing(provider: Provider, instance: Instance, target: str) -> Verdict:
    where = f" in zone {instance.zone or 'unknown'}" if provider.zones else ""
    hint = "; omit image_id to reinstall the current image" if target == instance.image_id else ""
    return refuse(Reason.IMAGE_NOT_FOUND, f"image {target} is not available to this instance{where}{hint}")


def _other_system(
    provider: Provider, instance: Instance, image: Image, current: Image | None
) -> Verdict | None:
    os_type = instance.os_type or (current.os_type if current else "")
    known = os_type and image.os_type
    if not provider.rules.same_os_type or not known or os_type == image.os_type:
        return None
    return refuse(
        Reason.OS_TYPE_DIFFERS, f"image {image.id} is {image.os_type} and the instance is {os_type}"
    )


def _shrinking(instance: Instance, grown: int) -> Verdict | None:
    disk = instance.system_disk.size if instance.system_disk else 0
    if 0 < grown < disk:
        return refuse(
            Reason.DISK_CANNOT_SHRINK, f"system_disk_size: {grown} GiB is less than the current {disk} GiB"
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
            f"image {image.id} needs {image.memory} GiB of memory, and the instance has {instance.memory} "
            "GiB",
        )
    return None


def login_problem(
    provider: Provider,
    options: ResetOptions,
    instance: Instance,
    image: Image | None,
    facts: Facts,
    same: bool,
) -> Verdict | None:
    """Why the login options break a rule of the provider or of the image; None when they do not."""
    system = _system_of(image, instance)
    return (
        _ways_problem(provider, options, instance, image, same)
        or _image_login_problem(provider, options, image, system)
        or _keys_problem(options, facts)
        or _password_problem(provider, options, system)
    )


def _ways_problem(
    provider: Provider, options: ResetOptions, instance: Instance, image: Image | None, same: bool
) -> Verdict | None:
    """Whether a login can, and has to, be set."""
    rules = provider.rules
    system, name = _system_of(image, instance), image.id if image else instance.image_id
    way = next((way for way in rules.login_ways if getattr(options, way)), "")
    takes_login = _takes_login(provider, image, system)
    if way:
        sentence = f"{way} cannot be set with image {name} ({system})"
        return None if takes_login else refuse(Reason.LOGIN_NOT_SUPPORTED, sentence)
    needed = rules.needs_login and takes_login and not same
    return _login_missing(provider, name) if needed else None


def _system_of(image: Image | None, instance: Instance) -> str:
    return (image.os_type if image else None) or instance.os_type or ""


def _takes_login(provider: Provider, image: Image | None, system: str) -> bool:
    return image.accepts_login if image else system != "windows" or provider.rules.login_on_windows


def _login_missing(provider: Provider, name: str) -> Verdict:
    ways = ", ".join(provider.rules.login_ways)
    return refuse(
        Reason.LOGIN_MISSING,
        f"the provider refuses a reset to image {name} without a login option: set one of {ways}",
    )


def _image_login_problem(
    provider: Provider, options: ResetOptions, image: Image | None, system: str
) -> Verdict | None:
    if options.keep_image_login and image and image.type == "public":
        sentence = f"keep_image_login does not work with public images, and {image.id} is public"
        return refuse(Reason.LOGIN_NOT_SUPPORTED, sentence)
    if options.key_ids and system == "windows" and not provider.rules.keys_on_windows:
        sentence = f"key_ids cannot be set with image {image.id if image else ''} ({system})"
        return refuse(Reason.LOGIN_NOT_SUPPORTED, sentence)
    return None


def _keys_problem(options: ResetOptions, facts: Facts) -> Verdict | None:
    keys = set(options.key_ids or ())
    missing = sorted(keys - facts.key_ids) if facts.key_ids is not None else []
    if not missing:
        return None
    return refuse(Reason.KEY_NOT_FOUND, f"key_ids: {', '.join(missing)} not found in this account")


def _password_problem(provider: Provider, options: ResetOptions, system: str) -> Verdict | None:
    if not options.password:
        return None
    rule = provider.rules.passwords.get(system, provider.rules.passwords[""])
    problem = password_problem(options.password, rule)
    return refuse(Reason.PASSWORD_RULE, f"password (not shown) {problem}") if problem else None
