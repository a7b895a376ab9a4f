# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Every reason for a verdict or an outcome: a stable code with a description."""

from __future__ import annotations

from enum import Enum


class Reason(str, Enum):
    """Why a verdict or an outcome is what it is: a stable code with a description."""

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
    NOT_PERMITTED = "not_permitted", "The key lacks permission to read or change the instance."
    RECYCLED = "recycled", "The instance is in the recycle bin."
    TERMINATING = "terminating", "The instance is being deleted."
    RESTRICTED = "restricted", "The provider restricts the instance: it has expired, or is isolated."
    PROTECTED = "protected", "The instance has a protecting tag (O(protect_tags))."
    DENIED = "denied", "The provider lists the action as denied for this instance."
    CREATION_FAILED = (
        "failed",
        "The instance was never fully created; or, with an outcome, the provider reports a failure.",
    )
    IMAGE_NOT_FOUND = "image_not_found", "The image is not offered for this instance."
    IMAGE_UNAVAILABLE = "image_unavailable", "The image cannot be installed now."
    IMAGE_BLOCKED = "image_blocked", "The provider does not allow this image on this instance."
    OS_TYPE_DIFFERS = (
        "os_type_differs",
        "The provider does not allow a change of the type of operating system.",
    )
    DISK_CANNOT_SHRINK = "disk_cannot_shrink", "The system disk would shrink."
    DISK_TOO_SMALL = "disk_too_small", "The image is larger than the system disk."
    MEMORY_TOO_SMALL = "memory_too_small", "The image needs more memory than the instance has."
    LOGIN_NOT_SUPPORTED = "login_not_supported", "The image does not support this login option."
    LOGIN_MISSING = "login_missing", "The provider requires a password or a key for this image."
    IMAGE_UNKNOWN = "image_unknown", "The record does not show the current image, and O(force) is false."
    NAME_RULE = "name_rule", "The name breaks a rule for the operating system of the image."
    NOT_RESETTABLE = (
        "not_resettable",
        "By its record, the provider would refuse a reset of the instance now.",
    )
    WRONG_OPTION = "wrong_option", "An option of this instance is invalid."
    KEY_NOT_FOUND = "key_not_found", "A key pair does not exist in this account."
    PASSWORD_RULE = "password_rule", "The password breaks a rule of the provider."
    NO_AGENT = "no_agent", "The guest agent, which sets the password, is off."
    RUNNING = "running", "The provider requires a stopped instance, and O(stop_first) is false."
    STOPPED = "stopped", "The instance is stopped, and O(if_stopped) decides what happens."
    WRONG_STATE = "wrong_state", "The provider does not accept the action in this state."
    RUN_ID_TAKEN = "run_id_taken", "The same O(run_id) was used for another image."
    OTHER_RUN = "other_run", "Another run started to install another image after this call read the instance."
    IMAGE_CHANGED = "image_changed", "The current image is no longer the one that was to be reinstalled."
    PLAN_CHANGED = "plan_changed", "The call would no longer do what was approved."
    MAX_INSTANCES = "max_instances", "The call would act on more instances than O(max_instances) allows."
    # something is or was under way
    RESETTING = "resetting", "A reset to this image is already running."
    STARTING = "starting", "It is already starting."
    STOPPING = "stopping", "It is already stopping."
    BUSY = "busy", "Another operation is under way."
    UNFINISHED = "unfinished", "The ledger has a request of this run whose end was not seen."
    OPEN_REQUEST = "open_request", "The ledger has a request of another run that must be resolved first."
    ATTACHED = "attached", "An operation that was already under way has led to the wanted result."
    CONTINUED = "continued", "A request of an earlier call has succeeded."
    # nothing to do
    DONE_IN_RUN = "done_in_run", "By the ledger, it was already done under this O(run_id)."
    IMAGE_MATCHES = "image_matches", "It already runs the image."
    DONE_MEANWHILE = "done_meanwhile", "Another run did the same after this call read the instance."
    REBOOTED_SINCE = "rebooted_since", "It was rebooted since O(since)."
    ALREADY_RUNNING = "already_running", "It is already running."
    ALREADY_STOPPED = "already_stopped", "It is already stopped."
    # something to do
    LAST_RESET_FAILED = "last_reset_failed", "Its last reset failed."
    IMAGE_DIFFERS = "image_differs", "It runs another image."
    LEFT_OFF = "left_off", "An earlier call stopped it to set a password and did not start it again."
    FORCED = "forced", "O(force) is true."
    ASKED = "asked", "It was requested."
    # ends
    NOT_STARTED = (
        "not_started",
        "The request got no answer, and the provider's record shows that nothing started.",
    )
    UNKNOWN = "unknown", "The result of the request cannot be proven."
    NOT_SEEN = "not_seen", "The end could not be seen; a later call resolves it."
    NOT_WAITED = "not_waited", "The provider accepted it, and the call did not wait for the end."
    TIMEOUT = "timeout", "Its end was not seen within O(wait_timeout)."
    NOT_STOPPED = "not_stopped", "It could not be stopped for the reset."
    NETWORK = "network", "The provider could not be reached."
    NOT_NOTED = "not_noted", "The request could not be recorded in the ledger, so it was not sent."
    THROTTLED = "throttled", "The provider rejected the request: too many requests."
    IN_PROGRESS = "in_progress", "The provider rejected the request: another operation is under way."
    REJECTED = "rejected", "The provider rejected the request, and would reject it again."
