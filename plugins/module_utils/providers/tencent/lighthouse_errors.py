# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The error codes of Lighthouse, and what to do about some. Not a provider.

Sources: the tables of codes on the pages of the actions, and the lists that the vendor's SDKs ship
(errorcodes.py of the Python SDK, all of whose codes are here or belong to a class that is; the lists for each
action of the Go SDK).
"""

from __future__ import annotations

from ...core.errors import Kind
from .errors import COMMON_ADVICE, COMMON_ERRORS, classified

# What merely failed may have begun: the record of the last operation tells.
ERRORS = {
    **COMMON_ERRORS,
    **classified(
        {
            Kind.IN_PROGRESS: (
                "OperationDenied.InstanceOperationInProgress OperationDenied.InstanceCreating "
                "UnsupportedOperation.LatestOperationUnfinished UnsupportedOperation.SystemBusy "
            ),
            Kind.WRONG_STATE: "UnsupportedOperation.InvalidInstanceState",
            Kind.NOT_FOUND: (
                "ResourceNotFound.InstanceIdNotFound ResourceNotFound.InstanceNotFound "
                "ResourceNotFound.BlueprintIdNotFound ResourceNotFound.KeyPairNotFound "
                "ResourceNotFound.KeyIdNotFound "
                "InvalidParameterValue.BlueprintIdMalformed InvalidParameterValue.InstanceIdMalformed "
                "InvalidParameterValue.KeyPairIdMalformed"
            ),
            Kind.REJECTED: (
                "ResourceUnavailable.BlueprintUnavailable ResourceUnavailable.BlueprintInvalid "
                "InvalidParameterValue.BlueprintConfigNotMatch InvalidParameterValue.BlueprintId "
                "InvalidParameterValue.InvalidPassword InvalidParameterValue.NotAllowToChangePlatformType "
                "InvalidParameterValue.InvalidParameterCombination InvalidParameterValue.Duplicated "
                "InvalidParameterValue.LimitExceeded InvalidParameterValue.OutOfRange "
                "InvalidParameterValue.TooLong InvalidParameterValue.Negative "
                "InvalidParameter.ParameterConflict InvalidParameter.FilterValueLimitExceeded "
                "MissingParameter.OrderFieldRequired "
                "InvalidParameter.GamePortalInstanceOnlySupportCurrentBlueprint "
                "UnsupportedOperation.BlueprintTypeNotSupportOperation "
                "UnsupportedOperation.InstanceDisplayAreaNotSupportOperation "
                "UnsupportedOperation.OperationNotSupportAutoGeneratePassword "
                "UnsupportedOperation.InstanceExpired UnsupportedOperation.OperationNotSupportedInIntlSite "
                "FailedOperation.BalanceInsufficient FailedOperation.DockerContainersListTooLarge "
                "FailedOperation.InitCommandContentTooLong FailedOperation.InsufficientBalance "
                "FailedOperation.NumLimitError FailedOperation.UnableToCreateBlueprint "
                "FailedOperation.UnableToCreateInstances FailedOperation.UnableToSyncBlueprint"
            ),
            Kind.DENIED: (
                "UnauthorizedOperation.NoPermission UnauthorizedOperation.MFANotFound "
                "UnauthorizedOperation.MFAExpired UnauthorizedOperation.TokenInvalid "
                "UnauthorizedOperation.InvalidToken"
            ),
            Kind.UNKNOWN: (
                "FailedOperation.DescribeInstanceStatus FailedOperation.InstanceOperationFailed "
                "InternalError.DescribeInstanceStatus InternalError.InvalidCommandNotFound "
                "FailedOperation FailedOperation.GetSnapshotAllocQuotaLockError "
                "FailedOperation.TATInvocationNotFinished FailedOperation.InvalidCommandNotFound "
                "InternalError.GetSnapshotAllocQuotaLockError FailedOperation.CreateBlueprintFailed "
                "FailedOperation.CreateDisksFailed FailedOperation.CreateInstancesFailed "
                "FailedOperation.CreateKeyPairFailed FailedOperation.DeleteKeyPairFailed "
                "FailedOperation.DeleteResourcesFailed FailedOperation.DescribeBlueprintBundlesFailed "
                "FailedOperation.DescribeBlueprintQuotaFailed "
                "FailedOperation.DescribeBlueprintsFailed "
                "FailedOperation.DescribeBundleDiscountFailed FailedOperation.DescribeBundlesFailed "
                "FailedOperation.DescribeDiskConfigQuotaFailed "
                "FailedOperation.DescribeDisksReturnableError FailedOperation.DescribeImagesFailed "
                "FailedOperation.DescribeInstancesModificationError "
                "FailedOperation.DescribeInstancesReturnableError "
                "FailedOperation.DescribeInstancesTrafficPackagesFailed "
                "FailedOperation.DescribeResourcesReturnableError "
                "FailedOperation.DestroyResourcesFailed FailedOperation.DockerOperationFailed "
                "FailedOperation.FirewallOperationFailed FailedOperation.FirewallRulesOperationFailed "
                "FailedOperation.ImageOperationFailed FailedOperation.ImportKeyPairFailed "
                "FailedOperation.IsolateResourcesFailed FailedOperation.McpServerOperationFailed "
                "FailedOperation.ModifyInstancesBundleFailed "
                "FailedOperation.ModifyResourcesAttributeFailed "
                "FailedOperation.ModifyResourcesRenewFlagFailed FailedOperation.RenewResourcesFailed "
                "FailedOperation.RequestError FailedOperation.ResizeDisksFailed "
                "FailedOperation.ShareBlueprintAcrossAccountFailed "
                "FailedOperation.SnapshotOperationFailed "
                "FailedOperation.TradeCallBillingGatewayFailed FailedOperation.TradeGetPriceFailed "
                "InternalError InternalError.DescribeInstancesModification "
                "InternalError.DescribeInstancesModificationError "
                "InternalError.DescribeInstancesReturnableError "
                "InternalError.DescribeInstancesTrafficPackagesFailed "
                "InternalError.DescribeResourcesReturnableError InternalError.InvalidActionNotFound "
                "InternalError.InvalidBundlePrice InternalError.RequestError "
                "InternalError.TradeCallBillingGatewayFailed InternalError.TradeGetPriceFailed"
            ),
        }
    ),
}

ADVICE = {
    **COMMON_ADVICE,
    "InvalidParameterValue.BlueprintConfigNotMatch": (
        "The blueprint needs more memory or disk than the instance has."
    ),
    "InvalidParameterValue.BlueprintId": (
        "List this instance's images with reforge.cloud.image_info and instance_id."
    ),
    "InvalidParameterValue.NotAllowToChangePlatformType": "Choose a blueprint of the same type of system.",
    "ResourceUnavailable.BlueprintUnavailable": "Choose another blueprint: this one is not available now.",
    "InvalidParameter.GamePortalInstanceOnlySupportCurrentBlueprint": (
        "An instance of the game zone accepts only its own blueprint."
    ),
    "UnauthorizedOperation.NoPermission": "Give the key's user the permission for this action in CAM.",
    "UnsupportedOperation.InstanceExpired": "Renew the instance.",
    "UnsupportedOperation.OperationNotSupportedInIntlSite": (
        "The international site accepts neither password nor key_ids in a reset: omit them."
    ),
}
