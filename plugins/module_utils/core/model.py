# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The nouns: what a provider returns and what a call decides, in plain words and without any I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

from .reason import Reason


class Status(str, Enum):
    """State of an instance. Words of a vendor that we do not know become UNKNOWN, which is waited out."""

    RUNNING = "running"
    STOPPED = "stopped"
    STARTING = "starting"
    STOPPING = "stopping"
    REBOOTING = "rebooting"
    RESETTING = "resetting"
    RESET_FAILED = "reset_failed"
    SETTING_PASSWORD = "setting_password"
    CREATING = "creating"
    FAILED = "failed"
    RECYCLED = "recycled"
    TERMINATING = "terminating"
    UNKNOWN = "unknown"


STABLE = frozenset({Status.RUNNING, Status.STOPPED, Status.RESET_FAILED, Status.FAILED})
GONE = frozenset({Status.RECYCLED, Status.TERMINATING})


class Verb(str, Enum):
    """What can be done to an instance."""

    RESET = "reset"
    REBOOT = "reboot"
    START = "start"
    STOP = "stop"
    PASSWORD = "password"

    @property
    def noun(self) -> str:
        """What is done, for a sentence."""
        return "change of the password" if self is Verb.PASSWORD else self.value

    @property
    def may_stop(self) -> bool:
        """Whether an instance is stopped for it, where the provider wants that."""
        return self in (Verb.RESET, Verb.PASSWORD)


class Phase(str, Enum):
    """How far an operation of a provider's own record is."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Operation:
    """The last operation as the provider records it. ``verb`` is None for one that is not ours to know.

    ``started_at`` is ISO 8601 in UTC, or empty where the provider does not say.
    """

    verb: Verb | None
    phase: Phase
    name: str = ""
    request_id: str = ""
    error: str = ""
    started_at: str = ""


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk; ``size`` in GiB, 0 where the provider does not say."""

    id: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class Instance:
    """A cloud instance. None means that the provider does not tell, an empty value that there is none."""

    id: str
    name: str
    status: Status
    vendor_status: str
    image_id: str
    image_name: str | None = None
    os_type: str | None = None
    region: str | None = None
    zone: str | None = None
    public_ips: tuple[str, ...] = ()
    private_ips: tuple[str, ...] = ()
    tags: Mapping[str, str] | None = None
    key_ids: tuple[str, ...] | None = None
    created_at: str | None = None
    cpu: int | None = None
    memory: int | None = None  # GiB
    system_disk: Disk | None = None
    data_disks: tuple[Disk, ...] | None = None
    guest_agent: bool | None = None
    restriction: str = ""  # why the provider holds it back (expired, isolated); empty when it does not
    reset_barred: str = ""  # why a reset cannot work as it stands, by the record; empty when nothing bars it
    operation: Operation | None = None
    # The provider's record; in a call that writes, what the provider keeps of it.
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def settled(self) -> bool:
        """Whether nothing is under way, as far as the record tells."""
        busy = self.operation is not None and self.operation.phase is Phase.RUNNING
        return self.status in STABLE and not busy


@dataclass(frozen=True)
class Image:
    """An image that an instance can be reset to; sizes in GiB, 0 where the provider does not say."""

    id: str
    name: str
    os_type: str
    status: str
    available: bool
    size: int = 0
    memory: int = 0
    zones: tuple[str, ...] = ()
    type: str | None = None  # public, custom, shared, market
    accepts_login: bool = True  # False where a password or key cannot be set by a reset
    blocked: str = ""  # the provider's own sentence why an instance cannot be reset to it
    note: str = ""  # what installing it does to this instance besides
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


class RequestState(str, Enum):
    """What is known of a request; the order is that of the facts, the strongest last."""

    INTENDED = "intended"  # about to be sent, or sent
    LOST = "lost"  # sent, without an answer
    ACCEPTED = "accepted"
    NOT_WAITED = "not_waited"  # accepted, and nobody wanted to see its end
    NOT_SEEN = "not_seen"  # its end was waited for and could not be seen
    UNKNOWN = "unknown"  # its result cannot be proven
    DONE = "done"
    FAILED = "failed"
    NOT_STARTED = "not_started"  # nothing was done
    TURNED_DOWN = "turned_down"  # nothing was done

    @property
    def strength(self) -> int:
        """A fact gives way only to a stronger one; ends are equally strong, and the first one stays."""
        return min(list(RequestState).index(self), list(RequestState).index(RequestState.DONE))

    @property
    def open(self) -> bool:
        """Whether it is worth looking what became of it."""
        return self.strength < RequestState.UNKNOWN.strength


class Decision(str, Enum):
    """What should happen to one instance."""

    ACT = "act"
    UNCHANGED = "unchanged"
    ATTACH = "attach"  # what was asked for is already running: wait for it
    SETTLE = "settle"  # something else is running: wait, then look again
    REFUSE = "refuse"


class Verdict(NamedTuple):
    """A decision with its reason: a code that stays the same and a sentence for people."""

    decision: Decision
    reason: Reason
    sentence: str
    verb: Verb | None = None

    @property
    def word(self) -> str:
        """The word that users see: the verb itself when something is to be done."""
        return self.verb.value if self.decision is Decision.ACT and self.verb else self.decision.value

    @property
    def changes(self) -> bool:
        """Whether the instance is, or is being, changed by what was asked for."""
        return self.decision in (Decision.ACT, Decision.ATTACH)


class Outcome(str, Enum):
    """What did happen to one instance."""

    RESET = "reset"
    REBOOTED = "rebooted"
    STARTED = "started"
    STOPPED = "stopped"
    PASSWORD_SET = "password_set"
    ACCEPTED = "accepted"  # sent and accepted by the provider, and the caller did not want to wait
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    FAILED = "failed"
    UNKNOWN = "unknown"
    TIMEOUT = "timeout"


# The state in which a verb that was done leaves an instance, where it has one of its own.
STATUS_WHEN_DONE = {Verb.REBOOT: Status.RUNNING, Verb.START: Status.RUNNING, Verb.STOP: Status.STOPPED}
# The outcome of an instance to which the verb was done.
OUTCOME_WHEN_DONE = {
    Verb.RESET: Outcome.RESET,
    Verb.REBOOT: Outcome.REBOOTED,
    Verb.START: Outcome.STARTED,
    Verb.STOP: Outcome.STOPPED,
    Verb.PASSWORD: Outcome.PASSWORD_SET,
}
