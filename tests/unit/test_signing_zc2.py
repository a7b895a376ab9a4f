# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""ZC2-HMAC-SHA256 against what the vendor's SDK and the vendor's page give for the same request."""

from __future__ import annotations

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.api.signing import bearer, zc2
from ansible_collections.reforge.cloud.plugins.module_utils.core.message import Request

# The first is the output of the vendor's SDK (Python, 2.0.77) under a stopped clock, the second stands on the
# vendor's page api-reference/api-introduction/instruction/sign.
VECTORS = [
    (
        "AKIDEXAMPLE",
        "SECRETEXAMPLE",
        1760000000,
        "application/json",
        b'{"instanceIds": ["ins-1", "ins-2"], "keyId": "key-YWD2QFOl", "imageId": "img-ubuntu", '
        b'"enableAgent": true}',
        "7aad62463eb90d212e4d4b34c9454c82e77ec29a4dd4319652bf2c086b796e62",
    ),
    (
        "ID",
        "Gu5t9xGARNpq86cd98joQYCN3",
        1673361177,
        "application/json; charset=utf-8",
        b'{"pageSize":10,"pageNum":1,"zoneId":"HKG-A"}',
        "efb356c32e55c781e10dc676da59462c22596d82e91c57803666243379555b2f",
    ),
]


def request(content_type: str = "application/json", body: bytes = b"{}", **changes: str) -> Request:
    return Request(
        "A",
        False,
        **{"url": "https://console.zenlayer.com/api/v2/zec", **changes},
        headers={"Content-Type": content_type, "X-ZC-Action": "A"},
        body=body,
    )


@pytest.mark.parametrize("key, secret, now, content_type, body, signature", VECTORS)
def test_the_published_vectors_come_out(key, secret, now, content_type, body, signature):
    signed = zc2(request(content_type, body), key, secret, now)
    assert signed.headers["Authorization"] == (
        f"ZC2-HMAC-SHA256 Credential={key}, SignedHeaders=content-type;host, Signature={signature}"
    )
    assert signed.headers["X-ZC-Timestamp"] == str(now)
    assert signed.headers["X-ZC-Signature-Method"] == "ZC2-HMAC-SHA256"


@pytest.mark.parametrize(
    "changed",
    [
        request("application/json; charset=utf-8"),
        request(body=b"{} "),
        request(url="https://other.test/api/v2/zec"),
        request(url="https://console.zenlayer.com:8443/api/v2/zec"),
    ],
)
def test_another_type_body_host_or_port_gives_another_signature(changed):
    assert (
        zc2(changed, "K", "S", 1).headers["Authorization"]
        != zc2(request(), "K", "S", 1).headers["Authorization"]
    )


def test_the_path_is_not_signed_as_the_vendor_has_it():
    other = request(url="https://console.zenlayer.com/api/v2/ccs")
    assert (
        zc2(other, "K", "S", 1).headers["Authorization"]
        == zc2(request(), "K", "S", 1).headers["Authorization"]
    )


def test_signing_keeps_the_other_headers_and_leaves_the_unsigned_request_as_it_was():
    plain = request()
    assert zc2(plain, "K", "S", 1).headers["X-ZC-Action"] == "A"
    assert "Authorization" not in plain.headers


def test_a_bearer_token_goes_alone_without_time_and_signature():
    headers = bearer(request(), "TOKEN").headers
    assert headers["Authorization"] == "Bearer TOKEN"
    assert not {"X-ZC-Timestamp", "X-ZC-Signature-Method"} & set(headers)


def test_no_part_of_a_signed_request_shows_a_secret_in_its_representation():
    signed = zc2(request(body=b'{"password": "HIDDEN"}'), "KEYID", "SECRET", 1)
    assert not [word for word in ("HIDDEN", "KEYID", "SECRET", "Signature") if word in repr(signed)]
