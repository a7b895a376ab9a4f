# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The one error tree.

CloudError            anything that ends a call; str(error) is a full sentence
 +-- InputError       an option is wrong; nothing was sent
 +-- NetworkError     no usable answer came; ``sent`` says whether the request may have been acted on
 +-- ApiError         the provider answered with an error; ``kind`` says what that means
 +-- Refused          a rule or a guard of ours says no; ``reason`` is its code
"""

from __future__ import annotations

from enum import Enum


class Kind(str, Enum):
    """What an API error means for the one who called, whatever the vendor's word for it."""

    THROTTLED = "throttled"  # too many requests; nothing was done
    IN_PROGRESS = "in_progress"  # another operation holds the instance; nothing was done
    WRONG_STATE = "wrong_state"  # the instance's state does not allow it; nothing was done
    NOT_FOUND = "not_found"  # an instance, image or key does not exist; nothing was done
    REJECTED = "rejected"  # bad input, quota, balance: this request can never succeed; nothing was done
    DENIED = "denied"  # credentials or permissions; true for every instance of the account
    UNKNOWN = "unknown"  # an internal error or a code we do not know: it may have been done


class CloudError(Exception):
    """Base of all errors; its text is a sentence for the user."""


class InputError(CloudError):
    """An option has a value that cannot work: the text names the option, the value and the rule."""


class NetworkError(CloudError):
    """No usable answer came back.

    ``sent`` is False only when the request provably never left this machine (name resolution, connection
    refused, connect timeout, certificate refused); otherwise the provider may have acted on it. ``lasting``:
    something is set up wrong, so that asking again is of no use.
    """

    def __init__(self, message: str, sent: bool = True, lasting: bool = False) -> None:
        super().__init__(message)
        self.sent, self.lasting = sent, lasting


class ApiError(CloudError):
    """The provider answered with an error of its own.

    ``retry_after``: seconds that it asks to wait, 0 if it does not.
    """

    def __init__(
        self,
        code: str,
        message: str,
        kind: Kind,
        request_id: str = "",
        action: str = "",
        retry_after: float = 0.0,
    ) -> None:
        self.code, self.message, self.kind = code, message, kind
        self.request_id, self.action, self.retry_after = request_id, action, retry_after
        request = f" (request id {request_id})" if request_id else ""
        super().__init__(f"{action or 'the request'} failed with {code}: {message or 'no message'}{request}")


class Refused(CloudError):
    """A guard stopped the whole call before anything was sent."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
