# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a reset can be asked to do, and the provider's rules on it, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .model import Status


class PasswordRule(NamedTuple):
    """Length and characters of a password.

    ``needs`` of the named ``classes`` must occur; others are not allowed. ``user`` is a name that must not
    occur, in whatever case.
    """

    shortest: int
    longest: int
    classes: Mapping[str, str]
    needs: int
    not_first: str = ""
    user: str = ""


class PasswordChange(NamedTuple):
    """How a new password is set without a reset: the field that takes it, and its rules by OS type, "" for
    all others.

    ``needs_agent``: the guest agent of a running instance sets it.
    """

    field: str
    passwords: Mapping[str, PasswordRule]
    needs_agent: bool = False


class NameRule(NamedTuple):
    """What a name must match, and the rule in words."""

    pattern: str
    sentence: str


@dataclass(frozen=True)
class ResetOptions:
    """What a reset was asked to do. None: the user did not say, so the provider's default applies."""

    image_id: str | None = None
    force: bool = False
    password: str | None = field(default=None, repr=False)
    key_ids: tuple[str, ...] | None = None
    keep_image_login: bool | None = None
    user_data: str | None = field(default=None, repr=False)
    timezone: str | None = None
    instance_name: str | None = None
    guest_agent: bool | None = None
    monitoring_agent: bool | None = None
    security_agent: bool | None = None
    keep_data_disks: bool | None = None
    system_disk_size: int | None = None
    image_type: str | None = None
    provider_options: Mapping[str, Any] | None = None
    stop_first: bool = True
    stop_mode: str = "soft_then_hard"


class Rules(NamedTuple):
    """Limits on what a reset may be asked, as data.

    ``passwords`` and ``names`` map an OS type to its rule, "" being for all others. ``login_ways`` are the
    options that exclude each other. ``undocumented_states`` are those from which the vendor does not say
    whether a reset is accepted, each with a sentence: it is tried, and one refusal is final.
    """

    id_pattern: str
    passwords: Mapping[str, PasswordRule]
    key_limit: int = 0
    names: Mapping[str, NameRule] = {}
    name_for_one: bool = True
    user_data_limit: int = 0  # bytes; 0: none is documented
    same_os_type: bool = True
    login_ways: tuple[str, ...] = ("password", "key_ids", "keep_image_login")
    keys_on_windows: bool = False
    login_on_windows: bool = True
    no_login: str = ""  # what a reset without any login option means, as a warning
    needs_login: bool = False  # a reset without any is refused, except for images that accept none
    undocumented_states: Mapping[Status, str] = {}
    exclusive: tuple[tuple[str, str], ...] = ()  # pairs of fields that one request cannot have both of
