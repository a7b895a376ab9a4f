# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The error codes of CVM, and what to do about some. Not a provider.

Sources: the tables of codes on the pages of the actions, and the lists that the vendor's SDKs ship
(errorcodes.py of the Python SDK, all of whose codes are here or belong to a class that is; the lists for each
action of the Go SDK).
"""

from __future__ import annotations

from ...core.errors import Kind
from .errors import COMMON_ADVICE, COMMON_ERRORS, classified

PASSING_STATES = (
    "Pending Rebooting Starting Stopping EnterRescueMode ExitRescueMode EnterServiceLiveMigrate "
    "ServiceLiveMigrate ExitServiceLiveMigrate"
)
LASTING_STATES = (
    "Shutdown Terminating Terminated Isolating Freezing Corrupted RescueMode Banning LaunchFailed"
)


def _states(words: str) -> str:
    return " ".join(f"UnsupportedOperation.InstanceState{word}" for word in words.split())


# InvalidInstance.NotSupported is also the answer shortly after another operation, and the state of an image
# that is being made or copied passes.
ERRORS = {
    **COMMON_ERRORS,
    **classified(
        {
            Kind.IN_PROGRESS: (
                f"OperationDenied.InstanceOperationInProgress MutexOperation.TaskRunning "
                f"ResourceInUse.DiskRollbacking "
                f"{_states(PASSING_STATES)}"
            ),
            Kind.WRONG_STATE: (
                f"{_states('Running Stopped NotRunning')} InvalidInstance.NotSupported InvalidInstanceState "
                "InvalidParameterValue.InvalidImageState FailedOperation.InvalidImageState "
                "InvalidImageId.IncorrectState"
            ),
            Kind.NOT_FOUND: (
                "InvalidInstanceId.NotFound ResourceNotFound.InvalidInstanceIdNotFound "
                "InvalidImageId.NotFound InvalidKeyPairId.NotFound InvalidParameterValue.KeyPairNotFound "
                "ResourceNotFound.KeyPairNotFound "
                "InvalidInstanceId.Malformed InvalidImageId.Malformed InvalidKeyPairId.Malformed "
                "InvalidParameterValue.InstanceIdMalformed"
            ),
            Kind.REJECTED: (
                "InvalidInstanceId InvalidImageId InvalidKeyPairId InvalidInstance InvalidAccount "
                "InvalidPassword "
                "InvalidPermission InvalidImageOsType InvalidImageOsVersion InvalidParameterCombination "
                "InvalidParameterConflict InvalidFilter InvalidFilterValue InvalidRegion InvalidZone "
                "OverQuota "
                "AccountQualificationRestrictions "
                "InvalidParameterValue.InvalidImageId "
                "InvalidParameterValue.InvalidImageIdForRetsetInstance "
                "InvalidParameterValue.InvalidImageForGivenInstanceType "
                "InvalidParameterValue.InvalidImageFormat "
                "InvalidParameterValue.RequiredLocationImage InvalidParameterValue.InvalidPassword "
                "InvalidParameterValue.IllegalHostName InvalidParameter.HostNameIllegal "
                "InvalidParameterValue.InvalidUserDataFormat InvalidParameter.ParameterConflict "
                "MissingParameter.MonitorService InvalidAccount.InsufficientBalance "
                "InvalidAccount.UnpaidOrder "
                "ResourceInsufficient.CloudDiskSoldOut ResourcesSoldOut.SpecifiedInstanceType "
                "UnsupportedOperation.StoppedModeStopCharging UnsupportedOperation.InstanceChargeType "
                "UnsupportedOperation.InvalidImageLicenseTypeForReset "
                "UnsupportedOperation.KeyPairUnsupportedWindows "
                "UnsupportedOperation.ModifyEncryptionNotSupported "
                "UnsupportedOperation.RawLocalDiskInsReinstalltoQcow2 "
                "UnsupportedOperation.InstanceReinstallFailed "
                f"{_states(LASTING_STATES)} "
                "EniNotAllowedChangeSubnet FailedOperation.AccountAlreadyExists "
                "FailedOperation.AccountIsYourSelf FailedOperation.AlreadyInDisasterRecoverGroup "
                "FailedOperation.BYOLImageShareFailed FailedOperation.DisasterRecoverGroupNotFound "
                "FailedOperation.DisasterRecoverGroupNotMatch FailedOperation.IllegalTagKey "
                "FailedOperation.IllegalTagValue FailedOperation.InvalidInstanceApplicationRole "
                "FailedOperation.InvalidInstanceApplicationRoleEmr "
                "FailedOperation.MutActionTimerExist "
                "FailedOperation.NoAvailableIpAddressCountInSubnet FailedOperation.NotFoundEIP "
                "FailedOperation.PlacementSetNotEmpty FailedOperation.PromotionalPerioRestriction "
                "FailedOperation.PromotionalRegionRestriction "
                "FailedOperation.SnapshotSizeLargerThanDataSize "
                "FailedOperation.SnapshotSizeLessThanDataSize FailedOperation.TagKeyReserved "
                "FailedOperation.TatAgentNotSupport FailedOperation.Unreturnable "
                "FailedOperation.ZoneInconsistent ImageQuotaLimitExceeded InstancesQuotaLimitExceeded "
                "InvalidAccountId InvalidAccountIs InvalidClientToken InvalidHost InvalidHostId "
                "InvalidImageName InvalidInstanceName InvalidInstanceNotSupportedPrepaidInstance "
                "InvalidInstanceType InvalidKeyPair InvalidKeyPairName InvalidKeyPairNameEmpty "
                "InvalidKeyPairNameIncludeIllegalChar InvalidKeyPairNameTooLong "
                "InvalidParameterValueLimit InvalidParameterValueOffset InvalidPeriod "
                "InvalidProjectId InvalidPublicKey InvalidSecurityGroupId InvalidSgId "
                "RegionAbilityLimit VpcAddrNotInSubNet VpcIpIsUsed"
            ),
            Kind.DENIED: (
                "UnauthorizedOperation.InvalidToken UnauthorizedOperation.MFAExpired "
                "UnauthorizedOperation.MFANotFound UnauthorizedOperation.PermissionDenied "
                "FailedOperation.NotMasterAccount"
            ),
            Kind.UNKNOWN: (
                "InternalError.TradeUnknownError FailedOperation.DisassociateKeyPairFailed "
                "FailedOperation.GetInstanceTATAgentStatusFailed FailedOperation.InquiryPriceFailed "
                "FailedOperation.InquiryRefundPriceFailed FailedOperation.QImageShareFailed "
                "FailedOperation.RImageShareFailed FailedOperation.SecurityGroupActionFailed "
                "InternalError InternalServerError SecGroupActionFailure"
            ),
        }
    ),
}

ADVICE = {
    **COMMON_ADVICE,
    "InvalidAccount.InsufficientBalance": "Top up the account.",
    "InvalidAccount.UnpaidOrder": "Pay or cancel the open order.",
    "InvalidImageId.NotFound": "List the available images with reforge.cloud.image_info.",
    "InvalidParameterValue.IllegalHostName": (
        "The host name of a Windows system has 2 to 15 characters and no period."
    ),
    "InvalidParameterValue.InvalidImageForGivenInstanceType": (
        "The instance's model does not support this image."
    ),
    "UnauthorizedOperation.PermissionDenied": "Give the key's user the permission for this action in CAM.",
    "UnsupportedOperation.InstanceReinstallFailed": (
        "Its last reset failed: only another reset resolves this."
    ),
    "UnsupportedOperation.ModifyEncryptionNotSupported": (
        "The system disk is encrypted: use an encrypted image."
    ),
    "UnsupportedOperation.StoppedModeStopCharging": (
        "It was stopped without charging: start it, then reset it."
    ),
}
