# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Errors of the legacy API: a number in ``code`` and, for some, a word in ``codeDesc``.

Numbers after "Error codes" (cloud.tencent.com/document/product/213/6982, the same table for all legacy
products: cloud.tencent.com/document/api/239/1757, cloud.tencent.com/doc/api/309/7025). Words of the business
errors after the pages of the instance actions. Which field has those words is not documented; here it is
``codeDesc``, with code 5100 ("resource operation failed"). The words for common errors are not documented
either; they are those of API 3.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.wire import VendorError

_WORDS = {
    4000: "InvalidParameter",
    4100: "AuthFailure.SignatureFailure",
    4104: "AuthFailure.SecretIdNotFound",
    4105: "AuthFailure.TokenFailure",
    4200: "AuthFailure.SignatureExpire",
    4400: "RequestLimitExceeded",
    4500: "AuthFailure.ReplayAttack",
    5000: "ResourceNotFound",
    5100: "OperationFail.AllResourceOpFailed",
    6000: "InternalError",
    6100: "InvalidAction",
}
STATUS = "OperationConstraints.InvaildInstanceStatus"  # spelt so by the vendor


class Refusal(VendorError):
    """A request is refused with a number; ``detail`` is what a batch says of each id."""

    def __init__(
        self, number: int, message: str, description: str = "", detail: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(str(number), message, 200)
        self.description = description or _WORDS.get(number, "")
        self.detail = detail


def codes_of(error: VendorError) -> tuple[int, str]:
    """The number and the word. A fault may name either: a word alone goes with 5100."""
    if isinstance(error, Refusal):
        return int(error.code), error.description
    if error.code.isdecimal():
        return int(error.code), _WORDS.get(int(error.code), "")
    return 5100, error.code
