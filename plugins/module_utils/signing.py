# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The vendors' signatures as pure functions: a request, the key and the time give a signed request."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace

from ansible_collections.reforge.cloud.plugins.module_utils.message import Request

ZC2 = "ZC2-HMAC-SHA256"


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def zc2(request: Request, key_id: str, secret: str, now: int) -> Request:
    """Sign by ZC2-HMAC-SHA256. ``now`` is in seconds since 1970; the vendor allows 5 minutes of skew.

    Only the content type, the host, the body and the time are covered, and the canonical path is always ``/``.
    Source: Zenlayer API, "Signature" (docs.console.zenlayer.com/api-reference/api-introduction/instruction/sign).
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

    Source: Zenlayer API, "Access token" (docs.console.zenlayer.com, api-introduction/.../authentication/access-token).
    """
    return replace(request, headers={**request.headers, "Authorization": f"Bearer {token}"})
