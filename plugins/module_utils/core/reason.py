# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Every reason for a verdict or an outcome: a code that stays the same, with what it means for people."""

from __future__ import annotations

from enum import Enum


class Reason(str, Enum):
    """Why a verdict or an outcome is what it is: a code that stays the same, with what it means for
    people.
    """

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
    WRONG_OPTION = "wrong_option", "An option of this instance cannot work."
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
    DONE_MEANWHILE = "done_meanwhile", "Another run did the same after this call had looked."
    REBOOTED_SINCE = "rebooted_since", "A reboot since O(since) has succeeded."
    ALREADY_RUNNING = "already_running", "It is running already."
    ALREADY_STOPPED = "already_stopped", "It is stopped already."
    # something to do
    LAST_RESET_FAILED = "last_reset_failed", "Its last reset failed."
    IMAGE_DIFFERS = "image_differs", "It runs another image."
    LEFT_OFF = "left_off", "An earlier call stopped it for a new password and has not started it again."
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
