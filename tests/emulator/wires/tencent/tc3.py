# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who is asking: TC3-HMAC-SHA256, after "Signature v3" (cloud.tencent.com/document/api/213/30654).

The signature covers the method, the query, the signed headers (content-type and host at least), the bytes of
the body, the timestamp, and the service and date of the scope. It has no nonce: the same request may be sent
again within the five minutes that it lives. Codes after the common error codes
(cloud.tencent.com/document/api/213/30435).

Not documented, and chosen here: a date in the scope that is not the timestamp's UTC date makes a wrong
signature (SignatureFailure); a header that cannot be read, or that names no content-type and host among the
signed headers, in any order but the sorted one or twice, or headers that are not there, is
InvalidAuthorization, and so is a missing or unreadable timestamp; a token where the account needs none is a
TokenFailure like a wrong one.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass

from emulator.model import Account
from emulator.wire import Gate, Request
from emulator.wires.tencent.fields import refusal

ALGORITHM = "TC3-HMAC-SHA256"
MAXIMUM_SKEW = 300
_UNSIGNED = "UNSIGNED-PAYLOAD"
_HEADER = re.compile(
    rf"{ALGORITHM} Credential=(?P<key>[^/,\s]+)/(?P<date>\d{{4}}-\d\d-\d\d)/"
    r"(?P<service>[a-z0-9-]+)/tc3_request, ?"
    r"SignedHeaders=(?P<headers>[a-z0-9;-]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)


@dataclass(frozen=True)
class Authorization:
    """What an Authorization header says."""

    key: str
    date: str
    service: str
    headers: tuple[str, ...]
    signature: str


def parse(header: str) -> Authorization | None:
    """The parts of an Authorization header, or None when it is none of this algorithm."""
    match = _HEADER.fullmatch(header)
    return match and Authorization(
        match["key"], match["date"], match["service"], tuple(match["headers"].split(";")), match["signature"]
    )


def sign_in(request: Request, gate: Gate) -> Account:
    """The account that a request comes from; raises AuthFailure.* for what is wrong with it."""
    found = parse(request.headers.get("authorization", ""))
    timestamp = request.headers.get("x-tc-timestamp", "")
    if not found or not _signs_enough(found, request.headers) or not re.fullmatch(r"[0-9]{1,11}", timestamp):
        raise refusal(
            "AuthFailure.InvalidAuthorization", "The Authorization in the request header is invalid."
        )
    if abs(gate.now - int(timestamp)) > MAXIMUM_SKEW:
        raise refusal(
            "AuthFailure.SignatureExpire", "The timestamp and the server's time differ by over 5 minutes."
        )
    account = gate.account(found.key)
    if account is None:
        raise refusal(
            "AuthFailure.SecretIdNotFound", "The SecretId is not found, please ensure that it is correct."
        )
    if not hmac.compare_digest(signature(request, found, timestamp, account.secret_key), found.signature):
        raise refusal("AuthFailure.SignatureFailure", "The provided credentials could not be validated.")
    if not hmac.compare_digest(request.headers.get("x-tc-token", "").encode(), account.token.encode()):
        raise refusal("AuthFailure.TokenFailure", "The token is invalid.")
    return account


def signature(request: Request, given: Authorization, timestamp: str, secret: str) -> str:
    """The hexadecimal signature that a request with these signed headers must have.

    Names and values of headers are in lower case without blanks around them, the query is as sent, and the
    payload of a GET is empty. Whoever asks for it with X-TC-Content-SHA256 has its payload replaced by a
    fixed word.
    """
    body = b"" if request.method == "GET" else request.body
    if request.headers.get("x-tc-content-sha256") == _UNSIGNED:
        body = _UNSIGNED.encode()
    headers = "".join(f"{name}:{request.headers[name].strip().lower()}\n" for name in given.headers)
    canonical = "\n".join(
        (
            request.method,
            request.path,
            request.query,
            headers,
            ";".join(given.headers),
            hashlib.sha256(body).hexdigest(),
        )
    )
    # The date is that of the timestamp, in UTC: a scope with another date does not fit then.
    date = datetime.datetime.fromtimestamp(int(timestamp), datetime.timezone.utc).strftime("%Y-%m-%d")
    text = "\n".join(
        (
            ALGORITHM,
            timestamp,
            f"{given.date}/{given.service}/tc3_request",
            hashlib.sha256(canonical.encode()).hexdigest(),
        )
    )
    key = f"TC3{secret}".encode()
    for part in (date, given.service, "tc3_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _signs_enough(given: Authorization, headers: Mapping[str, str]) -> bool:
    """The signed headers are sorted, each once, all there, and content-type and host are among them."""
    return (
        list(given.headers) == sorted(set(given.headers))
        and {"content-type", "host"} <= set(given.headers)
        and all(name in headers for name in given.headers)
    )
