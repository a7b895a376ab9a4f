# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The error codes of ECM, and what to do about some. Not a provider.

Sources: the tables of codes on the pages of the actions, and the lists that the vendor's SDKs ship
(errorcodes.py of the Python SDK, all of whose codes are here or belong to a class that is; the lists for each
action of the Go SDK).
"""

from __future__ import annotations

from ...core.errors import Kind
from .errors import COMMON_ADVICE, COMMON_ERRORS, classified

ERRORS = {
    **COMMON_ERRORS,
    **classified(
        {
            Kind.IN_PROGRESS: (
                "OperationDenied.InstanceOperationInProgress FailedOperation.OperationConflict "
                "UnsupportedOperation.MutexOperationTaskRunning"
            ),
            Kind.WRONG_STATE: (
                "FailedOperation.OperationNotAllow FailedOperation.InvalidStatus "
                "FailedOperation.InstanceNotAllStopped UnsupportedOperation.InvalidInstanceState "
                "UnsupportedOperation.InvalidState UnsupportedOperation.StatusNotPermit"
            ),
            Kind.NOT_FOUND: (
                "ResourceNotFound.InstanceNotExist UnsupportedOperation.InstanceIdNotFound "
                "InvalidParameterValue.InvalidInstanceID"
            ),
            Kind.REJECTED: (
                "InvalidParameter.InvalidDataFormat InvalidParameter.ParameterConflict "
                "InvalidParameter.Coexist InvalidParameterValue.InvaildPassword "
                "InvalidParameterValue.InvalidImageArchitecture InvalidParameterValue.InvalidImageID "
                "InvalidParameterValue.ParameterValueTooLarge InvalidParameterValue.FilterLimitExceeded "
                "InvalidParameterValue.InvaildPageParam InvalidParameterValue.InvaildDescribeInstance "
                "InvalidParameterValue.ImageSizeLargeThanSysDiskSize "
                "InvalidParameterValue.InvalidEIPDirectService MissingParameter.MissingInstancesParameter "
                "FailedOperation.BlockBalance FailedOperation.ImageInUse FailedOperation.InstanceInModule "
                "FailedOperation.InstanceOwnerCheckFailed FailedOperation.PrivateIpAddressBinded "
                "FailedOperation.PrivateIpAddressUnavailable"
            ),
            Kind.DENIED: (
                "UnauthorizedOperation.ForbiddenOperation UnauthorizedOperation.WindowsImage "
                "AuthFailure.UnauthorizedOperation"
            ),
            Kind.UNKNOWN: (
                "FailedOperation.InternalOperationFailure FailedOperation "
                "FailedOperation.DataOperationFailed InternalError"
            ),
        }
    ),
}

ADVICE = {
    **COMMON_ADVICE,
    "FailedOperation.OperationNotAllow": (
        "The instance's state does not allow it: check it with reforge.cloud.instance_info."
    ),
    "FailedOperation.BlockBalance": "Top up the account.",
    "InvalidParameterValue.InvaildPassword": ("Use 8 to 16 characters on Linux, 12 to 16 on Windows."),
    "InvalidParameterValue.InvalidImageID": "List the available images with reforge.cloud.image_info.",
    "UnauthorizedOperation.ForbiddenOperation": "Give the key's user the permission for this action in CAM.",
    "UnauthorizedOperation.WindowsImage": "Ask the vendor to allow Windows images for this account.",
}
