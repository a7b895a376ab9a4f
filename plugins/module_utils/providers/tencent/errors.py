# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The error codes that the services of Tencent Cloud's API 3.0 share, and how codes are classified. Not a
provider.

Sources: www.tencentcloud.com/document/api/1140/51177 (common codes) and the lists of the vendor's SDKs.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...core.errors import Kind

Errors = Mapping[str, Kind]

# What the vendor misspells in its codes, and the right spelling, should it ever change to that.
MISSPELT = (("Invaild", "Invalid"), ("Retset", "Reset"))


def classified(table: Mapping[Kind, str]) -> dict[str, Kind]:
    """Error codes, or their classes (the word before the first dot), by kind: separated by spaces, in both
    spellings.
    """
    errors = {code: kind for kind, codes in table.items() for code in codes.split()}
    for wrong, right in MISSPELT:
        errors.update({code.replace(wrong, right): kind for code, kind in errors.items() if wrong in code})
    return errors


# A FailedOperation may have begun before it failed. ResponseSizeLimitExceeded is found after the operation.
COMMON_ERRORS: Errors = classified(
    {
        Kind.THROTTLED: "RequestLimitExceeded",
        Kind.IN_PROGRESS: "ResourceInUse MutexOperation",
        Kind.WRONG_STATE: "ResourceUnavailable",
        Kind.NOT_FOUND: "ResourceNotFound",
        Kind.REJECTED: (
            "InvalidAction NoSuchVersion NoSuchProduct ActionOffline UnsupportedRegion UnsupportedProtocol "
            "MissingParameter InvalidParameter InvalidParameterValue UnknownParameter InvalidRequest "
            "LimitExceeded ResourceInsufficient ResourcesSoldOut RequestSizeLimitExceeded DryRunOperation "
            "UnsupportedOperation OperationDenied"
        ),
        Kind.DENIED: "AuthFailure UnauthorizedOperation IpInBlacklist IpNotInWhitelist",
        Kind.UNKNOWN: (
            "InternalError InternalServerError ServiceUnavailable FailedOperation ResponseSizeLimitExceeded"
        ),
    }
)

COMMON_ADVICE: Mapping[str, str] = {
    "AuthFailure.SignatureExpire": "The clock of this machine is more than 5 minutes off: correct it.",
    "AuthFailure.SignatureFailure": "Check secret_key: the signature was made with another one.",
    "AuthFailure.SecretIdNotFound": "Check access_key: the provider does not know it, or it is disabled.",
    "AuthFailure.InvalidSecretId": "Check access_key: it is not the id of an API key.",
    "AuthFailure.TokenFailure": "Check token: it belongs to another temporary key, or has expired.",
    "AuthFailure.MFAFailure": "This key needs multi-factor authentication: use one that does not.",
    "AuthFailure.UnauthorizedOperation": "Give the key's user the permission for this action in CAM.",
    "UnsupportedRegion": "Check region: the API is not there. Finance regions have their own endpoints.",
    "UnknownParameter": ("This site does not support an option of this reset: omit the option."),
    "OPERATION_FAILED": "Ask the vendor's support with the request id; a later run tries again.",
}


def kind_of(code: str, errors: Errors) -> Kind:
    """What an error code means: that of the code itself, else that of its class."""
    return errors.get(code) or errors.get(code.partition(".")[0], Kind.UNKNOWN)
