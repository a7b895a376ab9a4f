# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The nouns: what a provider returns and what a call decides, in plain words and without any I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


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


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class Disk:
    """A disk; ``size`` in GiB, 0 where the provider does not say."""

    id: str
    size: int = 0


@dataclass(frozen=True)
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
    reset_barred: str = (
        ""  # why a reset of it cannot work as it stands, by its record; empty when nothing bars it
    )
    operation: Operation | None = None
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


class Reason(str, Enum):
    """Why a verdict or an outcome is what it is: a code that stays the same, with what it means for people."""

    text: str

    def __new__(cls, code: str, text: str) -> Reason:
        member = str.__new__(cls, code)
        member._value_ = code
        member.text = text
        return member

    @classmethod
    def of(cls, code: str) -> Reason:
        """The reason with this code. Raises StopIteration where there is none."""
        return next(reason for reason in cls if reason.value == code)

    # refusals
    NOT_FOUND = "not_found", "The provider lists no such instance in this account and region."
    NOT_PERMITTED = "not_permitted", "This key may not read or change the instance."
    RECYCLED = "recycled", "The instance is in the recycle bin."
    TERMINATING = "terminating", "The instance is being deleted."
    RESTRICTED = "restricted", "The provider holds the instance back: it has expired, or is isolated."
    PROTECTED = "protected", "The instance carries a protecting tag."
    DENIED = "denied", "The provider says beforehand that it denies the action for this instance."
    CREATION_FAILED = (
        "failed",
        "The instance was never fully created; as the reason of an outcome: the provider reports a failure.",
    )
    IMAGE_NOT_FOUND = "image_not_found", "The image is not offered for this instance."
    IMAGE_UNAVAILABLE = "image_unavailable", "The image cannot be installed now."
    IMAGE_BLOCKED = "image_blocked", "The provider does not allow this image on this instance."
    OS_TYPE_DIFFERS = (
        "os_type_differs",
        "The image has another type of operating system, which the provider forbids.",
    )
    DISK_CANNOT_SHRINK = "disk_cannot_shrink", "The system disk would become smaller."
    DISK_TOO_SMALL = "disk_too_small", "The image is bigger than the system disk."
    MEMORY_TOO_SMALL = "memory_too_small", "The image needs more memory."
    LOGIN_NOT_SUPPORTED = "login_not_supported", "This login option cannot be set with this image."
    LOGIN_MISSING = "login_missing", "The provider does not reset to this image without a password or a key."
    IMAGE_UNKNOWN = "image_unknown", "The record does not tell which image runs, and O(force) is false."
    NAME_RULE = "name_rule", "The name breaks a rule for the operating system that is installed."
    NOT_RESETTABLE = (
        "not_resettable",
        "The record shows that the provider refuses a reset of it as it stands.",
    )
    KEY_NOT_FOUND = "key_not_found", "A key pair is not in this account."
    PASSWORD_RULE = "password_rule", "The password breaks a rule of the provider."
    NO_AGENT = "no_agent", "The guest agent sets the password, and it is off."
    RUNNING = "running", "The provider wants the instance stopped for it, and O(stop_first) is false."
    STOPPED = "stopped", "It is stopped, and O(if_stopped) says what to do then."
    WRONG_STATE = "wrong_state", "The provider does not take the action in this state."
    RUN_ID_TAKEN = "run_id_taken", "Another image was asked for under the same O(run_id)."
    OTHER_RUN = "other_run", "Another run began to install another image after this call had looked."
    IMAGE_CHANGED = "image_changed", "Its image is no longer the one that was to be installed again."
    PLAN_CHANGED = "plan_changed", "The call would no longer do what was approved."
    MAX_INSTANCES = "max_instances", "The call would act on more instances than O(max_instances) allows."
    # something is or was under way
    RESETTING = "resetting", "A reset to this image is already running."
    STARTING = "starting", "It is starting already."
    STOPPING = "stopping", "It is stopping already."
    BUSY = "busy", "Another operation is under way."
    UNFINISHED = "unfinished", "The ledger shows a request of this run whose end was not seen."
    OPEN_REQUEST = "open_request", "The ledger shows a request of another run that has to be resolved first."
    ATTACHED = "attached", "An operation that was already running has ended as it was asked for."
    CONTINUED = "continued", "A request of an earlier call has ended as it was asked for."
    # nothing to do
    DONE_IN_RUN = "done_in_run", "The ledger says that it was done under this O(run_id)."
    IMAGE_MATCHES = "image_matches", "It runs the image already."
    REBOOTED_SINCE = "rebooted_since", "A reboot since O(since) has succeeded."
    ALREADY_RUNNING = "already_running", "It is running already."
    ALREADY_STOPPED = "already_stopped", "It is stopped already."
    # something to do
    LAST_RESET_FAILED = "last_reset_failed", "Its last reset failed."
    IMAGE_DIFFERS = "image_differs", "It runs another image."
    FORCED = "forced", "O(force) is true."
    ASKED = "asked", "It was asked for."
    # ends
    NOT_STARTED = "not_started", "The request got no answer, and the provider shows that nothing was started."
    UNKNOWN = "unknown", "What became of the request cannot be proven."
    NOT_SEEN = "not_seen", "The end could not be seen; a later call resolves it."
    NOT_WAITED = "not_waited", "The provider accepted it; its end was not waited for."
    TIMEOUT = "timeout", "Its end was not seen within O(wait_timeout)."
    NOT_STOPPED = "not_stopped", "It could not be stopped for the reset."
    NETWORK = "network", "The provider could not be reached."
    NOT_NOTED = "not_noted", "The request could not be noted in the ledger, so it was not sent."
    THROTTLED = "throttled", "The provider turned the request down: too many requests."
    IN_PROGRESS = "in_progress", "The provider turned the request down: another operation holds the instance."
    REJECTED = "rejected", "The provider turned the request down: it can never succeed."


class RequestState(str, Enum):
    """What is known of a request; the order is that of the facts, the strongest last."""

    INTENDED = "intended"  # about to be sent, or sent
    LOST = "lost"  # sent, without an answer
    ACCEPTED = "accepted"
    NOT_WAITED = "not_waited"  # accepted, and nobody wanted to see its end
    NOT_SEEN = "not_seen"  # its end was waited for and could not be seen
    UNKNOWN = "unknown"  # what became of it cannot be proven
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


@dataclass(frozen=True)
class Verdict:
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
