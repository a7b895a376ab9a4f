# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The vendors' signatures as pure functions: a request, the key and the time give a signed request."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode, urlsplit

from ..core.message import Request

ZC2 = "ZC2-HMAC-SHA256"
TC3 = "TC3-HMAC-SHA256"


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def zc2(request: Request, key_id: str, secret: str, now: int) -> Request:
    """Sign by ZC2-HMAC-SHA256. ``now`` is in seconds since 1970; the vendor allows 5 minutes of skew.

    Only the content type, the host, the body and the time are covered, and the canonical path is always
    ``/``. Source: Zenlayer API, "Signature"
    (docs.console.zenlayer.com/api-reference/api-introduction/instruction/sign).
    """
    canonical = "\n".join(
        (
            request.method,
            "/",
            "",
            f"content-type:{request.headers['Content-Type']}",
            f"host:{request.host}",
            "",
            "content-type;host",
            _sha256(request.body),
        )
    )
    to_sign = f"{ZC2}\n{now}\n{_sha256(canonical.encode())}"
    signature = hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    authorization = f"{ZC2} Credential={key_id}, SignedHeaders=content-type;host, Signature={signature}"
    return replace(
        request,
        headers={
            **request.headers,
            "X-ZC-Timestamp": str(now),
            "X-ZC-Signature-Method": ZC2,
            "Authorization": authorization,
        },
    )


def bearer(request: Request, token: str) -> Request:
    """Authenticate by a bearer token; no time and no signature go with it.

    Source: Zenlayer API, "Access token" (docs.console.zenlayer.com,
    api-introduction/.../authentication/access-token).
    """
    return replace(request, headers={**request.headers, "Authorization": f"Bearer {token}"})


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def tc3(request: Request, service: str, key_id: str, secret: str, token: str, now: int) -> Request:
    """Sign by TC3-HMAC-SHA256. ``now`` is in seconds since 1970; the vendor allows 5 minutes of skew.

    Covered are the content type, the host, the body, the time and the ``service``, which is the product's
    name whatever host serves it; the canonical path is always ``/``. ``token`` belongs to a temporary key, or
    is empty. The Host header is set here, so that it is byte for byte the one that was signed. Source:
    Tencent Cloud API, "Signature v3" (cloud.tencent.com/document/product/215/36792).
    """
    host = request.host.lower()
    canonical = "\n".join(
        (
            request.method,
            "/",
            urlsplit(request.url).query,
            f"content-type:{request.headers['Content-Type']}",
            f"host:{host}",
            "",
            "content-type;host",
            _sha256(request.body),
        )
    )
    date = time.strftime("%Y-%m-%d", time.gmtime(now))
    scope = f"{date}/{service}/tc3_request"
    key = _hmac(_hmac(_hmac(f"TC3{secret}".encode(), date), service), "tc3_request")
    signature = _hmac(key, f"{TC3}\n{now}\n{scope}\n{_sha256(canonical.encode())}").hex()
    authorization = (
        f"{TC3} Credential={key_id}/{scope}, SignedHeaders=content-type;host, Signature={signature}"
    )
    return replace(
        request,
        headers={
            **request.headers,
            "Host": host,
            "X-TC-Timestamp": str(now),
            **({"X-TC-Token": token} if token else {}),
            "Authorization": authorization,
        },
    )


def qcloud_v2_text(request: Request, fields: Mapping[str, str]) -> str:
    """What is signed in Tencent's API 2.0: method, host, path, and the fields as they are, sorted by their
    names.
    """
    pairs = sorted((name.replace("_", "."), value) for name, value in fields.items())
    listed = "&".join(f"{name}={value}" for name, value in pairs)
    return f"{request.method}{request.host}{urlsplit(request.url).path}?{listed}"


def qcloud_v2(request: Request, key_id: str, secret: str, token: str, now: int, nonce: int) -> Request:
    """Sign the fields of a request by HmacSHA256 in the way of Tencent's API 2.0, and make its body of them.

    ``now`` is in seconds since 1970; ``nonce`` is a positive number that must not come twice in the same
    second. The values are signed as they are and encoded once, when the body is made. A value that begins
    with ``@`` is ambiguous: the vendor's SDK leaves it out of the string, its pages do not; callers must not
    send one. Source: Tencent Cloud API 2.0, "Common parameters" (cloud.tencent.com/document/api/213/11650),
    and the signer of qcloudapi-sdk-python.
    """
    fields = {
        **{name: str(value) for name, value in request.fields.items()},
        "SecretId": key_id,
        "Timestamp": str(now),
        "Nonce": str(nonce),
        "SignatureMethod": "HmacSHA256",
        **({"Token": token} if token else {}),
    }
    signature = base64.b64encode(_hmac(secret.encode(), qcloud_v2_text(request, fields))).decode()
    return replace(
        request,
        headers={**request.headers, "Host": request.host},
        body=urlencode({**fields, "Signature": signature}).encode(),
    )
