# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a page of a vendor's action is, as data: parameters, limits, states and codes; and how to look where
they are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Instance, Status, Verb
from ansible_collections.reforge.cloud.plugins.module_utils.core.provider import Provider
from ansible_collections.reforge.cloud.plugins.module_utils.core.rules import ResetOptions


@dataclass(frozen=True)
class Limit:
    """A rule of a page, where it is kept, and what shows that it is kept there."""

    rule: str
    where: str
    kept: Callable[[Provider], bool]


@dataclass(frozen=True)
class Document:
    """One page. ``common`` are parameters of every action, with what sets them; ``states`` are the words that
    it names; ``unsent`` are parameters that are left out, with the reason.
    """

    provider: str
    action: str
    verb: Verb
    page: str
    parameters: tuple[str, ...]
    limits: tuple[Limit, ...]
    codes: tuple[str, ...]
    states: tuple[str, ...] = ()
    common: Mapping[str, str] = field(default_factory=dict)
    unsent: Mapping[str, str] = field(default_factory=dict)


RESETTABLE_WHEN_OFF = frozenset({Status.STOPPED, Status.RESET_FAILED})
BEFORE = "refused before anything is sent"


def words(text: str) -> tuple[str, ...]:
    """Codes that stand in a text, with spaces between them."""
    return tuple(text.split())


def reset(provider: Provider) -> frozenset[Status]:
    """The states from which a reset is sent."""
    return provider.writes[Verb.RESET].states


def body(provider: Provider, **options: object) -> Mapping[str, object]:
    """What a reset with these options sends."""
    nobody = Instance("i", "", Status.RUNNING, "", "img", guest_agent=True)
    return provider.reset_fields(ResetOptions(**options), nobody, None)  # type: ignore[arg-type]


def image(provider: Provider, **record: object) -> bool:
    """Whether a password or key can be set with an image."""
    return provider.to_image({"imageId": "i", **record}).accepts_login


# Rules that pages of several services have.
ONE_IN_A_REQUEST = Limit(
    "one instance in a request",
    "a request for each instance",
    lambda provider: provider.writes[Verb.RESET].at_once == 1,
)
NO_KEY_ON_WINDOWS = Limit("no key on Windows", BEFORE, lambda provider: not provider.rules.keys_on_windows)
RANDOM_PASSWORD = Limit(
    "without a login a random password is mailed", "a warning", lambda provider: bool(provider.rules.no_login)
)


def without_image(field: str) -> Limit:
    """What a reset without an image in its body installs."""
    return Limit(
        f"without {field} the current image",
        "`force` without `image_id`",
        lambda provider: field not in body(provider, force=True),
    )
