# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""TC3-HMAC-SHA256 and the signature of API 2.0 against what the vendor's pages and SDKs give for the same
request.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import parse_qsl

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.api.signing import qcloud_v2, qcloud_v2_text, tc3
from ansible_collections.reforge.cloud.plugins.module_utils.core.message import Request
from ansible_collections.reforge.cloud.plugins.module_utils.core.provider import Secrets
from ansible_collections.reforge.cloud.plugins.module_utils.providers.tencent import legacy

KEY, SECRET = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
CVM = "https://cvm.tencentcloudapi.com/"

# The first two stand on the vendor's page cloud.tencent.com/document/product/215/36792 and its like; the
# others are the output of tencentcloud-sdk-python 3.1.195 under a stopped clock.
TC3_VECTORS = [
    (
        "POST",
        CVM,
        "cvm",
        "application/json; charset=utf-8",
        1551113065,
        r'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}',
        "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168",
    ),
    (
        "GET",
        f"{CVM}?Limit=10&Offset=0",
        "cvm",
        FORM,
        1539084154,
        "",
        "5da7a33f6993f0614b047e5df4582db9e9bf4672ba50567dba16c6ccf174c474",
    ),
    (
        "POST",
        "https://ecm.tencentcloudapi.com/",
        "ecm",
        JSON,
        1551113065,
        '{"InstanceIdSet": ["ein-492054ga", "ein-482972ao"], "ImageId": "img-q9fy0if9", "KeepData": "true"}',
        "f372d7a19e524bff031b1155a20ab1b240286359da16cb51395f747c053d19d9",
    ),
    (
        "POST",
        "https://lighthouse.tencentcloudapi.com/",
        "lighthouse",
        JSON,
        1551113065,
        '{"InstanceId": "lhins-ruy9d2tw", "BlueprintId": "lhbp-5e8807lo"}',
        "2b2d4d3b9c2a144ff5f6f7fbaf81b44a5e398c76a9ffbbb5b486b047ad262c00",
    ),
    (
        "POST",
        CVM,
        "cvm",
        JSON,
        1551113065,
        '{"InstanceId": "ins-r8hr2upy", "ImageId": "img-pmqg1cw7"}',
        "b1d98a1963540be3613f7856a1ad1f4ea9eb37bc685bd80eca38b42d1c058176",
    ),
    (
        "GET",
        f"{CVM}?Limit=10&Offset=0",
        "cvm",
        FORM,
        1551113065,
        "",
        "9867b291561db17491c01f0d7f06be3ccd45e91ecd3ce5434330e00ece036f64",
    ),
    (
        "POST",
        "https://cvm.ap-shanghai-fsi.tencentcloudapi.com/",
        "cvm",
        JSON,
        1551113065,
        "{}",
        "2e673e2bc5291f9f7d01935511ad68d1a41e6acfbf4f11a2d8962785a66beb7a",
    ),
]

V2_KEY, V2_SECRET = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3gnPhESA", "Gu5t9xGARNpq86cd98joQYCN3Cozk1qA"
RESET = {
    "Action": "ResetInstances",
    "Region": "gz",
    "imageId": "img-pmqg1cw7",
    "imageType": "2",
    "instanceId": "ins-r8hr2upy",
}
DESCRIBE = {"Action": "DescribeInstances", "Region": "ap-guangzhou", "InstanceIds.0": "ins-09dx96dg"}
# The first stands on the vendor's page about signatures of API 2.0, the others are the output of
# qcloudapi-sdk-python 2.0.15.
V2_VECTORS = [
    ("GET", DESCRIBE, "0EEm/HtGRr/VJXTAD9tYMth1Bzm3lLHz5RCDv1GdM8s="),
    ("GET", RESET, "CfniNC1Mt0dXeaZoCLcboTrTQ19euxRQYXkjbh5HIeE="),
    ("POST", RESET, "38+XnAKQk25BE76pE4x0xdO9QpCIKOEFyeBsjhRqG7U="),
    ("POST", {**RESET, "password": "Abc123!@#&= +"}, "NjeSfrRoErkJvR5iTWY6B3tgHacMM79oLZLDp8apv6M="),
    (
        "GET",
        {
            "Action": "RestartInstances",
            "Region": "gz",
            "forceStop": "0",
            "instanceIds.0": "ins-r8hr2upy",
            "instanceIds.1": "ins-5d8a23rs",
        },
        "vjrZZEzYMiiw/qP/O4J2nzgQVJR/UVytIjvBCUpW/gw=",
    ),
]


def request(method="POST", url=CVM, content_type=JSON, body="{}"):
    return Request(
        "A", False, url, method, {"Content-Type": content_type, "X-TC-Action": "A"}, body=body.encode()
    )


def form(method="POST", fields=None, url="https://cvm.api.qcloud.com/v2/index.php"):
    return Request("A", False, url, method, {"Content-Type": FORM}, fields or RESET)


def v2(unsigned, token="", nonce=11886):
    return qcloud_v2(unsigned, V2_KEY, V2_SECRET, token, 1465185768, nonce)


def sent(signed):
    return dict(parse_qsl(signed.body.decode(), keep_blank_values=True))


@pytest.mark.parametrize("method, url, service, content_type, now, body, signature", TC3_VECTORS)
def test_the_vectors_of_tc3_come_out(method, url, service, content_type, now, body, signature):
    signed = tc3(request(method, url, content_type, body), service, KEY, SECRET, "", now)
    date = "2018-10-09" if now == 1539084154 else "2019-02-25"
    assert signed.headers["Authorization"] == (
        f"TC3-HMAC-SHA256 Credential={KEY}/{date}/{service}/tc3_request, SignedHeaders=content-type;host, "
        f"Signature={signature}"
    )
    assert signed.headers["X-TC-Timestamp"] == str(now)


def test_the_host_that_is_signed_is_sent_with_its_port():
    signed = tc3(request(url="http://127.0.0.1:8123/"), "cvm", KEY, SECRET, "", 1)
    assert signed.headers["Host"] == "127.0.0.1:8123"
    assert (
        signed.headers["Authorization"]
        != tc3(request(url="http://127.0.0.1/"), "cvm", KEY, SECRET, "", 1).headers["Authorization"]
    )


def test_the_service_is_what_the_caller_says_whatever_the_host():
    assert (
        "/lighthouse/tc3_request"
        in tc3(request(url="http://127.0.0.1:1/"), "lighthouse", KEY, SECRET, "", 1).headers["Authorization"]
    )


def test_only_a_temporary_key_sends_its_token():
    assert tc3(request(), "cvm", KEY, SECRET, "STS", 1).headers["X-TC-Token"] == "STS"
    assert "X-TC-Token" not in tc3(request(), "cvm", KEY, SECRET, "", 1).headers


def test_tc3_keeps_the_other_headers_and_the_date_is_that_of_utc():
    signed = tc3(request(), "cvm", KEY, SECRET, "", 86399)
    assert signed.headers["X-TC-Action"] == "A" and "/1970-01-01/cvm/" in signed.headers["Authorization"]


@pytest.mark.parametrize("method, fields, signature", V2_VECTORS)
def test_the_vectors_of_api_2_come_out(method, fields, signature):
    assert sent(v2(form(method, fields)))["Signature"] == signature


def test_the_text_that_is_signed_gives_the_published_signature_by_hmac_sha1_too():
    common = {"SecretId": V2_KEY, "Timestamp": "1465185768", "Nonce": "11886", "SignatureMethod": "HmacSHA1"}
    text = qcloud_v2_text(form("GET"), {**DESCRIBE, **common})
    digest = hmac.new(V2_SECRET.encode(), text.encode(), hashlib.sha1).digest()
    assert base64.b64encode(digest).decode() == "nPVnY6njQmwQ8ciqbPl5Qe+Oru4="


def test_names_are_sorted_as_text_and_signed_with_dots_for_underlines():
    text = qcloud_v2_text(form("GET"), {"ids.10": "a", "ids.2": "b", "Z": "c", "a_b": "d"})
    assert text == "GETcvm.api.qcloud.com/v2/index.php?Z=c&a.b=d&ids.10=a&ids.2=b"


def test_values_are_signed_raw_and_sent_encoded_once():
    body = v2(form(fields={**RESET, "password": "Abc123!@#&= +"})).body
    assert b"password=Abc123%21%40%23%26%3D+%2B" in body


def test_a_temporary_key_of_api_2_sends_and_signs_its_token():
    with_token = sent(v2(form(), token="STS"))
    assert with_token["Token"] == "STS" and with_token["Signature"] != sent(v2(form()))["Signature"]
    assert "Token" not in sent(v2(form()))


def test_another_number_host_or_path_gives_another_signature():
    others = [
        v2(form(), nonce=1),
        v2(form(url="http://127.0.0.1:9/v2/index.php")),
        v2(form(url="https://h/x")),
    ]
    assert len({sent(request)["Signature"] for request in [v2(form()), *others]}) == 4


def test_a_request_without_a_number_gets_another_one_each_time():
    signed = [legacy.sign(form(), Secrets(V2_KEY, V2_SECRET), 1) for _number in range(20)]
    numbers = {int(sent(request)["Nonce"]) for request in signed}
    assert len(numbers) == 20 and min(numbers) > 0
    assert sent(legacy.sign(form(), Secrets(V2_KEY, V2_SECRET), 1, 7))["Nonce"] == "7"


def test_no_part_of_a_signed_form_shows_a_secret_in_its_representation():
    signed = v2(form(fields={**RESET, "password": "HIDDEN"}), token="STS")
    assert not [word for word in ("HIDDEN", V2_KEY, V2_SECRET, "STS", "Signature") if word in repr(signed)]
