# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Whether an image can be installed on an instance, with the login that was asked for: the rules, as pure functions."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.model import Image, Instance, Verdict
from ..core.provider import Provider, ResetOptions
from ..core.reason import Reason
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


def login_problem(
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
