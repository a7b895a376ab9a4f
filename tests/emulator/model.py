# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the emulated world is made of: records. All times are the vendor's unix seconds, sizes are GiB.

Words are neutral here (``running``, ``linux``); a wire file turns them into its vendor's words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

STATUSES = (
    "running",
    "stopped",
    "starting",
    "stopping",
    "rebooting",
    "resetting",
    "reset_failed",
    "setting_password",
    "creating",
    "failed",
    "recycled",
    "terminating",
    "unknown",
)
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Account:
    """One tenant at one provider.

    ``token`` is what must accompany a temporary key, where the provider has those.
    """

    name: str
    provider: str
    access_key: str
    secret_key: str = field(repr=False)
    token: str = field(default="", repr=False)
    bearer_tokens: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Zone:
    """A zone of a provider; ``region`` is the region that it lies in."""

    id: str
    provider: str
    region: str
    name: str = ""
    timezone: str = "UTC"


@dataclass(frozen=True)
class Image:
    """Something to install.

    No zones means: offered everywhere. An empty account means: offered to all accounts.
    """

    id: str
    provider: str
    name: str = ""
    account: str = ""
    kind: str = "public"
    os_type: str = "linux"
    category: str = ""
    architecture: str = "x86_64"
    size: int = 10
    min_disk: int = 10
    min_memory: int = 0
    status: str = "available"
    zones: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    created: float = 0.0
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class KeyPair:
    """A key pair kept by the vendor, who knows its public half only (one line, as in authorized_keys)."""

    id: str
    provider: str
    account: str
    public_key: str
    name: str = ""
    created: float = 0.0


@dataclass(frozen=True)
class Durations:
    """How long things take, in vendor seconds; ``register`` passes between accepting a reset and acting on
    it.
    """

    start: float = 15.0
    stop: float = 10.0
    soft_stop: float = 20.0
    reboot: float = 30.0
    reset: float = 120.0
    password: float = 15.0
    register: float = 0.0


@dataclass(frozen=True)
class Denial:
    """An action that the vendor does not allow on one instance, and the code with which it says so."""

    action: str
    code: str
    message: str = ""


@dataclass(frozen=True)
class Login:
    """What root of an installation accepts: public keys (authorized_keys lines), and a password if there is
    one.

    ``user_data`` is what cloud-init gets on the first boot.
    """

    public_keys: tuple[str, ...] = ()
    password: str = field(default="", repr=False)
    user_data: str = field(default="", repr=False)


@dataclass(frozen=True)
class Disk:
    """A disk beside the system disk; a reset leaves it alone unless the provider says otherwise."""

    id: str
    size: int
    name: str = ""


@dataclass(frozen=True)
class Operation:
    """One operation on one instance, running or over: which of the two is only a matter of the time asked
    about.

    The vendor takes it on at ``started``, touches the machine at ``acts_at``, shows it to readers from
    ``visible_at`` on and is through at ``ends`` (infinity: never). ``changes`` to the record hold from
    ``acts_at``, ``results`` from a successful end.
    """

    kind: str
    action: str
    request_id: str
    started: float
    acts_at: float
    visible_at: float
    ends: float
    during: str
    after: str
    succeeds: bool = True
    error: str = ""
    changes: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    results: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def state(self, now: float) -> str:
        """``operating``, ``success`` or ``failed`` at that moment."""
        if now < self.ends:
            return "operating"
        return "success" if self.succeeds else "failed"


@dataclass(frozen=True)
class Instance:
    """One machine. ``status`` is what held before ``operation`` (the latest one); fleet.py tells what holds
    when.

    ``installation`` counts the systems it has had and ``boot`` their boots; ``wipes`` counts the resets that
    began to act on the disk. ``fail_installs`` is how many of the next resets fail (-1: all). ``address`` is
    the loopback address for SSH, empty when there is nothing to log in to. ``extra`` is the wire file's:
    fields of one vendor.
    """

    id: str
    provider: str
    account: str
    region: str
    zone: str
    image_id: str
    name: str = ""
    status: str = "running"
    tags: Mapping[str, str] = field(default_factory=dict)
    key_ids: tuple[str, ...] = ()
    login: Login = Login()
    system_disk: int = 40
    data_disks: tuple[Disk, ...] = ()
    cpu: int = 2
    memory: int = 4
    agent: bool = True
    timezone: str = "UTC"
    public_ips: tuple[str, ...] = ()
    private_ips: tuple[str, ...] = ()
    created: float = 0.0
    expires: float = 0.0
    denied: tuple[Denial, ...] = ()
    durations: Durations = Durations()
    fail_installs: int = 0
    address: str = ""
    installation: int = 1
    boot: int = 1
    wipes: int = 0
    operation: Operation | None = None
    previous: Operation | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    """What can be set for one provider, mostly where its documentation leaves room.

    ``rates``: requests per second per account by action, ``*`` for all others, 0 for no limit; they go over
    the wire file's own numbers. ``status_words``: neutral status -> the vendor's word to show.
    ``image_changes``: whether a reinstalled instance shows the new image from the ``begin`` or from the
    (successful) ``end`` of the reset. ``resets_failed``: whether a reset is accepted after a failed one,
    where that is not documented.
    """

    rates: Mapping[str, int] = field(default_factory=dict)
    status_words: Mapping[str, str] = field(default_factory=dict)
    image_changes: str = "end"
    resets_failed: bool = False
