# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who is asking: ZC2-HMAC-SHA256 and bearer tokens, after "Zenlayer API: Signature" and "Access token".

The signature covers content type, host, timestamp and the bytes of the body; neither action, version nor
path. The vendor defines no nonce, so the same request may be sent again within the five minutes.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping

from emulator.model import Account
from emulator.wire import Gate, VendorError

METHOD = "ZC2-HMAC-SHA256"
SIGNED_HEADERS = "content-type;host"
MAXIMUM_SKEW = 300
_HEADER = re.compile(rf"{METHOD} Credential=([^,\s]+), ?SignedHeaders=([^,\s]+), ?Signature=([0-9a-f]{{64}})")


def signature(secret: str, content_type: str, host: str, timestamp: str, body: bytes) -> str:
    """The hexadecimal signature of a request; ``timestamp`` is the header's text (unix seconds).

    The path in the canonical request is always ``/``, whatever is called, and the query line is empty.
    """
    canonical = "\n".join(
        (
            "POST",
            "/",
            "",
            f"content-type:{content_type}",
            f"host:{host}",
            "",
            SIGNED_HEADERS,
            hashlib.sha256(body).hexdigest(),
        )
    )
    text = "\n".join((METHOD, timestamp, hashlib.sha256(canonical.encode()).hexdigest()))
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def sign_in(headers: Mapping[str, str], body: bytes, gate: Gate) -> Account:
    """The account that a request comes from.

    Raises AUTHFAILURE_INVALID_AUTHORIZATION for a header that cannot be read or signs something else than it
    must, AUTHFAILURE_SIGNATURE_EXPIRED when the timestamp is more than five minutes off, in either direction,
    and AUTHFAILURE_SIGNATURE_FAILURE for an unknown key or a wrong signature.
    """
    authorization = headers.get("authorization", "")
    if authorization.startswith("Bearer "):
        return _by_token(authorization.removeprefix("Bearer "), gate)
    match = _HEADER.fullmatch(authorization)
    if not match or match[2] != SIGNED_HEADERS or headers.get("x-zc-signature-method", METHOD) != METHOD:
        raise VendorError("AUTHFAILURE_INVALID_AUTHORIZATION", "The Authorization header is invalid.", 401)
    timestamp = headers.get("x-zc-timestamp", "")
    if not re.fullmatch(r"[0-9]{1,12}", timestamp):
        raise VendorError("AUTHFAILURE_INVALID_AUTHORIZATION", "The header x-zc-timestamp is invalid.", 401)
    if abs(gate.now - int(timestamp)) > MAXIMUM_SKEW:
        raise VendorError("AUTHFAILURE_SIGNATURE_EXPIRED", "The signature has expired.", 401)
    account = gate.account(match[1])
    expected = signature(
        account.secret_key if account else "",
        headers.get("content-type", ""),
        headers.get("host", ""),
        timestamp,
        body,
    )
    if not hmac.compare_digest(expected, match[3]) or account is None:
        raise VendorError("AUTHFAILURE_SIGNATURE_FAILURE", "The signature does not match.", 401)
    return account


def _by_token(token: str, gate: Gate) -> Account:
    for account in gate.accounts:
        if any(hmac.compare_digest(token.encode(), known.encode()) for known in account.bearer_tokens):
            return account
    raise VendorError("AUTHFAILURE_INVALID_AUTHORIZATION", "The token is invalid.", 401)
