# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who is asking: HmacSHA1 and HmacSHA256 over all parameters.

After "Signature" and the published examples in it (cloud.tencent.com/document/api/213/6984, 213/11650).
SignatureMethod chooses: HmacSHA256 only if it says so, HmacSHA1 otherwise. Nonce and Timestamp must not come
twice.

Not documented, and chosen here: the pages differ on how old a request may be (2 hours, 5 minutes) and on the
code for an older one (4200, 4500); here it is 5 minutes and 4200, while a nonce that was used is 4500. All
parameters are signed, also those of a POST whose value begins with "@", which the vendor's old Python SDK
leaves out.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping

from emulator.model import Account
from emulator.wire import Gate, Request
from emulator.wires.tencent.legacy.errors import Refusal

MAXIMUM_SKEW = 300
COMMON = (
    "Action",
    "Region",
    "Timestamp",
    "Nonce",
    "SecretId",
    "Signature",
    "SignatureMethod",
    "Token",
    "RequestClient",
    "Version",
)


def signature(method: str, host: str, path: str, given: Mapping[str, str], secret: str) -> str:
    """The signature in base64. Names are sorted as bytes, with "." for "_"; values are taken as they are."""
    named = {name.replace("_", "."): value for name, value in given.items() if name != "Signature"}
    text = f"{method}{host}{path}?" + "&".join(f"{name}={named[name]}" for name in sorted(named))
    digest = hashlib.sha256 if given.get("SignatureMethod") == "HmacSHA256" else hashlib.sha1
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), digest).digest()).decode()


def sign_in(request: Request, given: Mapping[str, str], gate: Gate) -> Account:
    """The account that a request comes from; raises the numbers from 4000 to 4500."""
    for name in ("SecretId", "Signature"):
        if not given.get(name):
            raise Refusal(4100, f"The parameter {name} is missing.")
    for name in ("Timestamp", "Nonce"):
        if not re.fullmatch(r"[1-9][0-9]{0,19}", given.get(name, "")):
            raise Refusal(4000, f"The parameter {name} must be a positive number.")
    account = gate.account(given["SecretId"])
    if account is None:
        raise Refusal(4104, "The SecretId does not exist.")
    expected = signature(
        request.method, request.headers.get("host", ""), request.path, given, account.secret_key
    )
    if not hmac.compare_digest(expected.encode(), given["Signature"].encode()):
        raise Refusal(4100, "The signature is wrong.")
    if not hmac.compare_digest(given.get("Token", "").encode(), account.token.encode()):
        raise Refusal(4105, "The token is wrong.")
    if abs(gate.now - int(given["Timestamp"])) > MAXIMUM_SKEW:
        raise Refusal(4200, "The request has expired.")
    used = "/".join(("tencent_cvm_v2", given["SecretId"], given["Timestamp"], given["Nonce"]))
    # Within twice the skew a timestamp can be good, whether the clock of the caller is early or late.
    if not gate.nonces.first_use(used, gate.now, 2 * MAXIMUM_SKEW):
        raise Refusal(4500, "The nonce has been used with this timestamp: replay attack.")
    return account
